import numpy as np
import pytest

from resemblance.comparison import digits
from resemblance.comparison.findings import Bounds, Verdict
from tests.comparison.told import difference

MINUS = "\N{MINUS SIGN}"


def read(text):
    return float(text.replace(MINUS, "-"))


@pytest.mark.parametrize("seed", range(3))
def test_what_is_written_is_near_and_looks_like_zero_or_one_only_where_it_is(seed):
    generator = np.random.default_rng(seed)
    rates = np.concatenate([generator.uniform(0, 1, 50), 10.0 ** -generator.uniform(1, 8, 50)])
    for rate in (*rates, *(1 - rates), 0.0, 1.0):
        assert read(digits.figure(rate)) == pytest.approx(rate, abs=5.1e-5)
        assert (read(digits.figure(rate)) == 0) == (rate == 0)
        assert (read(digits.figure(rate)) == 1) == (rate == 1)
        assert np.sign(read(digits.signed(-rate))) == np.sign(-rate)


def test_arithmetic_noise_is_no_difference():
    assert digits.signed(3e-17) == digits.signed(-3e-17) == "0.0000"
    assert digits.figure(1 - 1e-16) == "1.0000"
    assert digits.figure(-1e-17) == "0.0000"


def test_an_interval_that_just_reaches_over_zero_is_seen_to():
    one = difference(estimate=0.004, low=-0.00002, high=0.008)
    assert digits.difference_bounds(one) == "[−0.00002, +0.00800]"
    assert digits.estimate(one) == "+0.00400"
    above = difference(estimate=0.004, low=0.00002, high=0.008, verdict=Verdict.BETTER)
    assert digits.lead(above) == "0.00400 [0.00002, 0.00800]"


def test_both_ends_of_an_interval_have_as_many_decimals():
    assert digits.bounds(Bounds(0.9, 0.99997)) == "0.90000–0.99997"
    assert digits.signed_bounds(Bounds(-0.3, 0.00004)) == "−0.30000 to +0.00004"


@pytest.mark.parametrize(
    ("values", "written"),
    [
        ([8.35], "8.35"), ([45.678], "45.7"), ([9.999], "10.0"), ([999.6], "1,000"), ([712_345.4], "712,345"),
        ([80, 81], "80.5"), ([0], "0"), ([3], "3"), ([-45.678], "-45.7"), ([0.0999], "0.0999"), ([], "-"),
    ],
)  # fmt: skip
def test_costs(values, written):
    assert digits.amount(values) == written


def test_settings():
    assert digits.settings({"loss.margin": 0.30000000000000004, "a": True, "b": [1, 2], "c": None}) == (
        "loss.margin=0.3, a=true, b=[1,2], c=none"
    )
    assert digits.settings({}) == "as in the YAML files"


@pytest.mark.parametrize(
    ("p", "written"),
    [
        (0.0496, "0.0496"), (0.0504, "0.0504"), (0.04996, "0.04996"), (0.05, "0.050"), (0.0494, "0.049"),
        (0.0506, "0.051"), (0.2, "0.200"), (0.00004, "<0.001"), (None, "-"),
    ],
)  # fmt: skip
def test_p_values_show_on_which_side_of_five_percent_they_lie(p, written):
    assert digits.p_value(difference(p=p)) == written
