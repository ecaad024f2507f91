import doctest

import pytest

from resemblance.tracking import percent as module
from resemblance.tracking.percent import percent, share, tick_percent


def test_examples():
    found = doctest.testmod(module)
    assert found.attempted >= 4
    assert found.failed == 0


@pytest.mark.parametrize("rate", [0.999, 0.9996, 1 - 1e-7, 0.5, 1e-9, 0.0, 1.0])
def test_only_all_is_shown_as_all_and_only_nothing_as_nothing(rate):
    assert (percent(rate) == "100 %") == (rate == 1)
    assert (percent(rate) == "0 %") == (rate == 0)
    assert (float(share(rate)) == 1) == (rate == 1)
    assert "e" not in percent(rate) + tick_percent(rate)
