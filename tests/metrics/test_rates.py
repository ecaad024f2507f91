import math
from fractions import Fraction

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from resemblance.metrics import (
    UnmeasurableRateError,
    allowed_impostor_errors,
    fnmr_at_fmr,
    tar_at_far,
    tar_at_impostor_errors,
)
from tests.metrics.score_cases import SCORES, naive_rates


@given(SCORES, SCORES, st.integers(1, 100))
def test_tar_at_far_takes_the_best_threshold_within_the_rate(genuine, impostor, percent):
    far = percent / 100
    g, i = (torch.tensor(scores, dtype=torch.float64) for scores in (genuine, impostor))
    if Fraction(percent, 100) < Fraction(1, len(impostor)):
        with pytest.raises(UnmeasurableRateError, match=f"{len(impostor)} impostor comparisons"):
            tar_at_far(g, i, far)
        return
    point = tar_at_far(g, i, far)
    # The definition, without sorting: of all thresholds at a score (or below all) whose FAR is within the rate.
    candidates = [naive_rates(genuine, impostor, t) for t in [*impostor, -math.inf]]
    best = max(tar for rate, tar in candidates if rate <= Fraction(percent, 100))
    assert point.tar == float(best)
    assert point.far_achieved <= far
    assert (Fraction(point.impostor_errors, len(impostor)), best) == naive_rates(genuine, impostor, point.threshold)


@given(SCORES, SCORES)
def test_tar_at_many_operating_points_is_tar_at_each(genuine, impostor):
    g, i = torch.tensor(genuine), torch.tensor(impostor)
    allowed = torch.arange(1, len(i) + 1)
    each = [tar_at_far(g, i, k / len(i)).tar for k in allowed.tolist()]
    assert tar_at_impostor_errors(g, i, allowed).tolist() == each


@given(st.integers(1, 10**7).flatmap(lambda n: st.tuples(st.integers(1, n), st.just(n))))
@settings(max_examples=300)
def test_a_rate_of_k_in_n_allows_k_errors(k_and_n):
    k, n = k_and_n
    assert allowed_impostor_errors(k / n, n) == k


@given(st.integers(1, 6), st.integers(1, 9), st.integers(1, 10**6))
def test_a_typed_decimal_rate_allows_the_exact_floor(exponent, mantissa, n):
    rate = Fraction(mantissa, 10**exponent)
    if rate * n < 1:
        with pytest.raises(UnmeasurableRateError):
            allowed_impostor_errors(float(rate), n)
    else:
        assert allowed_impostor_errors(float(rate), n) == math.floor(rate * n)


def test_the_refusal_names_the_count_and_the_smallest_rate():
    with pytest.raises(
        ValueError, match=r"FAR=0\.001 .* 500 impostor comparisons; the smallest rate is 1/500 = 0\.002"
    ):
        tar_at_far(torch.rand(500), torch.rand(500), 1e-3)


@pytest.mark.parametrize("rate", [0.0, -0.1, 1.5, math.nan])
def test_rates_that_are_none_are_refused(rate):
    with pytest.raises(ValueError, match="above 0"):
        tar_at_far(torch.rand(5), torch.rand(5), rate)


@given(SCORES, SCORES, st.integers(1, 100))
def test_fnmr_at_fmr_is_what_tar_leaves(genuine, impostor, percent):
    g, i = torch.tensor(genuine), torch.tensor(impostor)
    if Fraction(percent, 100) < Fraction(1, len(impostor)):
        with pytest.raises(UnmeasurableRateError):
            fnmr_at_fmr(g, i, percent / 100)
    else:
        assert fnmr_at_fmr(g, i, percent / 100) == pytest.approx(1 - tar_at_far(g, i, percent / 100).tar)
