import doctest

from resemblance import wording


def test_the_examples():
    found = doctest.testmod(wording)
    assert (found.failed, found.attempted) == (0, 2)
