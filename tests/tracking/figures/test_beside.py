from dataclasses import replace

import pytest

from resemblance.results import Result
from resemblance.tracking.figures.beside import beside

KEY = "verification/roc"


def test_the_untrained_network_comes_first_and_both_are_named(untrained, trained):
    first, second = beside(untrained, trained, KEY)
    assert (first.who, first.result, first.curve) == ("untrained", untrained, untrained.curves[KEY])
    assert (second.who, second.result, second.curve) == ("trained", trained, trained.curves[KEY])
    assert first.colour != second.colour


@pytest.mark.parametrize("lacking", [None, Result(), "another curve"])
def test_a_curve_by_itself_has_no_name_and_the_colour_of_the_trained_one(lacking, untrained, trained):
    baseline = replace(untrained, curves={"a/b": untrained.curves[KEY]}) if isinstance(lacking, str) else lacking
    (only,) = beside(baseline, trained, KEY)
    assert (only.who, only.result, only.curve) == ("", trained, trained.curves[KEY])
    assert only.colour == beside(untrained, trained, KEY)[-1].colour


def test_a_curve_that_was_not_measured_is_an_error(trained):
    with pytest.raises(KeyError):
        beside(trained, Result(), KEY)
