"""Intervals of one figure, from what the subjects do to it."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from resemblance.metrics.uncertainty import (
    Influence,
    interval,
    interval_over_episodes,
    interval_over_folds,
    wilson,
)


def influence(values, twice=0.0, subjects=None, bias=0.0):
    values = torch.as_tensor(values, dtype=torch.float64)
    return Influence(values, twice, len(values) if subjects is None else subjects, bias)


@given(
    st.one_of(st.sampled_from([0.0, 1.0, 1e-12, 1 - 1e-12, 1e-300]), st.floats(0, 1)),
    st.lists(st.floats(-1, 1), min_size=1, max_size=30),
    st.floats(0, 2),
    st.floats(-0.2, 0.2),
)
def test_no_interval_excludes_its_figure(value, moved, twice, bias):
    found = interval(value, influence(moved, twice, bias=bias))
    assert 0 <= found.low <= value <= found.high <= 1


@pytest.mark.parametrize(("value", "low", "high"), [(0.0, 0.0, 0.05), (1.0, 0.95, 1.0)])
def test_a_rate_without_errors_has_the_rule_of_three(value, low, high):
    found = interval(value, influence(torch.zeros(60)))
    assert (found.low, found.high) == pytest.approx((low, high))
    assert "rule of three" in found.method


@pytest.mark.parametrize("rounded", [0.0, 1e-17])
@pytest.mark.parametrize("value", [1e-3, 0.5, 0.98])
def test_a_figure_that_no_subject_moves_is_not_certain(value, rounded):
    found = interval(value, influence([rounded, -rounded] * 30))
    assert (found.low, found.high) == pytest.approx((max(0, value - 0.05), min(1, value + 0.05)))
    assert found.method == "rule of three over subjects"


def test_one_error_in_very_many_comparisons_is_variation():
    one_error = torch.full((1000,), -1e-15, dtype=torch.float64)
    one_error[0] = 1e-12
    assert "rule of three" not in interval(1e-12, Influence(one_error, 0.0, 1000)).method


@pytest.mark.parametrize("value", [0.0, 0.4, 1.0])
def test_of_one_subject_nothing_is_known(value):
    found = interval(value, influence([0.0]))
    assert (found.low, found.high) == (0, 1)


def test_interval_is_t_on_the_logit_scale():
    """U alike in size: n subjects, n − 1 degrees of freedom; the centring is the logit's own second order."""
    moved = influence([0.02, -0.02] * 10, bias=0.001)
    found = interval(0.9, moved)
    error = math.sqrt(20 * 0.02**2 * 19 / 20) / 0.09
    centre = math.log(9) - 0.001 / 0.09 - 0.4 * error**2
    ends = 1 / (1 + np.exp(-(centre + stats.t.ppf([0.025, 0.975], 19) * error)))
    assert (found.low, found.high) == pytest.approx(tuple(ends))


def test_second_order_takes_away_the_bias_of_the_logit():
    """Averages of skewed subjects: the logits' mean is not the mean's logit, and the interval's middle is nearer."""
    random = np.random.default_rng(0)
    truth, people = 0.05, 30
    plain, centred = [], []
    for shares in random.beta(0.5, 9.5, size=(4000, people)):
        value = shares.mean()
        found = interval(value, influence((shares - value) / (people - 1)))
        middle = (math.log(found.low / (1 - found.low)) + math.log(found.high / (1 - found.high))) / 2
        plain.append(math.log(value / (1 - value)))
        centred.append(middle)
    aim = math.log(truth / (1 - truth))
    assert abs(np.mean(centred) - aim) < 0.3 * abs(np.mean(plain) - aim)


def test_variance_is_at_least_that_of_independent_comparisons():
    assert influence([0.1, 0.1], twice=0.019).variance == pytest.approx(0.019 / 2)
    assert influence([0.1, 0.1], twice=0.001).variance == pytest.approx(0.019 / 2)


def test_few_subjects_with_all_errors_leave_few_degrees_of_freedom():
    alike = influence([0.1] * 50)
    assert alike.degrees_of_freedom == 49
    assert influence([1.0] * 5 + [0.0] * 45).degrees_of_freedom == pytest.approx(2 * 5 / (1 - 5 / 50) - 1)
    assert influence([1.0] + [0.0] * 49).degrees_of_freedom == 3
    assert influence([1.0, 0.0, 0.0]).degrees_of_freedom == 2


def test_one_error_among_many_probes_is_no_reason_to_know_nothing():
    one_error = torch.full((100,), -1 / 1100 / 100, dtype=torch.float64)
    one_error[0] += 1 / 1100
    assert interval(1099 / 1100, Influence(one_error, 0.0, 100)).low > 0.9
    normal = influence(np.random.default_rng(0).normal(size=20000))
    assert normal.degrees_of_freedom == pytest.approx(20000, rel=0.05)


@given(st.integers(0, 50), st.integers(1, 50))
def test_wilson_is_scipys(errors, more):
    total = errors + more - (more % 2)
    if total == 0:
        return
    found = wilson(errors, total, "images")
    expected = stats.binomtest(errors, total).proportion_ci(method="wilson")
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high), abs=1e-12)
    assert 0 <= found.low <= errors / total <= found.high <= 1


def test_a_share_of_nothing_has_no_interval():
    with pytest.raises(ValueError, match="one unit"):
        wilson(0, 0, "images")


def test_interval_over_folds():
    folds = [0.97, 0.99, 0.985, 0.98, 0.99]
    found = interval_over_folds(folds)
    expected = stats.t.interval(0.95, 4, np.mean(folds), stats.sem(folds))
    assert (found.low, found.high) == pytest.approx(expected)
    with pytest.raises(ValueError, match="two folds"):
        interval_over_folds([0.9])
    assert interval_over_folds([0.99, 0.9, 1.0]).high == 1


@pytest.mark.parametrize("value", [0.0, 0.1, 0.98, 1.0])
def test_folds_and_episodes_that_are_all_alike_are_not_certain(value):
    found = interval_over_folds([value] * 10, "runs")
    assert (found.low, found.high) == pytest.approx((max(0, value - 0.3), min(1, value + 0.3)))
    assert found.method == "rule of three over runs"
    subjects = influence([0.002, -0.002] * 50)
    found, expected = interval_over_folds([value] * 10, influence=subjects), interval(value, subjects)
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high))
    found = interval_over_episodes(torch.full((300,), value))
    assert (found.low, found.high) == pytest.approx((max(0, value - 0.01), min(1, value + 0.01)))
    assert found.method == "rule of three over episodes"
