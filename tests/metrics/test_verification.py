"""Verification metrics against naive loops, scikit-learn and torchmetrics, with ties and tiny sets."""

import itertools
import math
import time
from fractions import Fraction

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.interpolate import interp1d
from scipy.optimize import brentq
from sklearn.metrics import roc_auc_score, roc_curve
from torchmetrics.classification import BinaryAUROC

from resemblance.metrics import (
    UnmeasurableRateError,
    accuracy_at,
    allowed_impostor_errors,
    ascending,
    auc,
    balanced_threshold,
    best_accuracy,
    curves,
    det,
    equal_error_rate,
    fnmr_at_fmr,
    roc,
    scores,
    tar_at_far,
    tar_at_impostor_errors,
    thresholds,
)

# Few distinct values make many ties; the quarters are exact in float32.
TIED = st.lists(st.integers(-4, 4).map(lambda n: n / 4), min_size=1, max_size=12)
FINE = st.lists(st.floats(-10, 10, width=32), min_size=1, max_size=12)
SCORES = TIED | FINE
DTYPES = pytest.mark.parametrize("dtype", [torch.float32, torch.float64])


def labelled(genuine, impostor):
    return np.r_[np.ones(len(genuine)), np.zeros(len(impostor))], torch.cat([genuine, impostor]).numpy()


def gaussian(genuine=400, impostor=3000, gap=1.5, seed=0, decimals=2):
    generator = torch.Generator().manual_seed(seed)
    draws = (torch.randn(n, generator=generator, dtype=torch.float64) for n in (genuine, impostor))
    g, i = draws
    return (g + gap).round(decimals=decimals), i.round(decimals=decimals)


def naive_rates(genuine, impostor, threshold):
    """FAR and TAR of accepting strictly above the threshold, as fractions."""
    return tuple(Fraction(sum(s > threshold for s in scores), len(scores)) for scores in (impostor, genuine))


def naive_eer(genuine, impostor):
    """Walk down the thresholds and cut the first step that crosses FAR = 1 − TAR with a straight line."""
    points = [naive_rates(genuine, impostor, t) for t in [*sorted({*genuine, *impostor}, reverse=True), -math.inf]]
    for (far_0, tar_0), (far_1, tar_1) in itertools.pairwise(points):
        before, after = far_0 - (1 - tar_0), far_1 - (1 - tar_1)
        if before <= 0 <= after:
            weight = before / (before - after)
            return far_0 + weight * (far_1 - far_0)
    raise AssertionError("the curve always crosses")


@given(SCORES, SCORES)
def test_auc_counts_wins_and_half_the_ties(genuine, impostor):
    wins = sum(Fraction(1) if g > i else Fraction(1, 2) if g == i else Fraction(0) for g in genuine for i in impostor)
    assert auc(torch.tensor(genuine), torch.tensor(impostor)) == float(wins / (len(genuine) * len(impostor)))


@given(SCORES, SCORES)
def test_roc_is_the_naive_one(genuine, impostor):
    curve = roc(torch.tensor(genuine, dtype=torch.float64), torch.tensor(impostor, dtype=torch.float64))
    thresholds = [*sorted({*genuine, *impostor}, reverse=True), -math.inf]
    assert curve.thresholds.tolist() == thresholds
    assert [(far, tar) for far, tar in zip(curve.far.tolist(), curve.tar.tolist(), strict=True)] == [
        tuple(map(float, naive_rates(genuine, impostor, t))) for t in thresholds
    ]


@given(SCORES, SCORES)
def test_equal_error_rate_is_the_naive_one(genuine, impostor):
    found = equal_error_rate(torch.tensor(genuine, dtype=torch.float64), torch.tensor(impostor, dtype=torch.float64))
    assert found == pytest.approx(float(naive_eer(genuine, impostor)), abs=1e-12)


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


@given(SCORES, SCORES)
def test_balanced_threshold_is_the_best_of_all(genuine, impostor):
    threshold = balanced_threshold(torch.tensor(genuine), torch.tensor(impostor))
    g, i = (torch.tensor(scores).tolist() for scores in (genuine, impostor))

    def balanced(t):
        far, tar = naive_rates(g, i, t)
        return tar + 1 - far

    scores = sorted({*g, *i})
    best = max(balanced(t) for t in [*scores, -math.inf])
    assert balanced(threshold) == best
    # Of equally good ones the highest that accepts anything: whatever rejects one more genuine score is worse.
    assert all(balanced(t) < best for t in g if threshold < t < max(g))


def test_balanced_threshold_lies_midway():
    threshold = balanced_threshold(torch.tensor([3.0, 2.0]), torch.tensor([1.0, 0.0, -5.0]))
    assert threshold == 1.5


def test_balanced_threshold_between_neighbouring_numbers_separates_them():
    low = torch.tensor(0.1)
    high = torch.nextafter(low, torch.tensor(1.0))
    genuine, impostor = high[None], low[None]
    threshold = balanced_threshold(genuine, impostor)
    assert accuracy_at(threshold, genuine, impostor) == 1
    genuine, impostor = genuine.double(), torch.nextafter(genuine.double(), torch.zeros(1, dtype=torch.float64))
    assert accuracy_at(balanced_threshold(genuine, impostor), genuine, impostor) == 1


def test_a_constant_network_accepts_everything_at_its_balanced_threshold():
    same = torch.full((5,), 0.7)
    assert balanced_threshold(same, same) < 0.7
    assert auc(same, same) == 0.5
    assert equal_error_rate(same, same) == 0.5
    assert tar_at_far(same, same, 0.2)[:2] == (0.0, 0.0)


def test_perfect_separation_and_its_opposite():
    low, high = torch.tensor([0.1, 0.2]), torch.tensor([0.8, 0.9])
    assert (auc(high, low), equal_error_rate(high, low)) == (1.0, 0.0)
    assert (auc(low, high), equal_error_rate(low, high)) == (0.0, 1.0)


@given(SCORES, SCORES, st.floats(-10, 10))
def test_accuracy_is_the_share_decided_rightly(genuine, impostor, threshold):
    g, i = (torch.tensor(scores, dtype=torch.float64) for scores in (genuine, impostor))
    right = sum(s > threshold for s in genuine) + sum(s <= threshold for s in impostor)
    assert accuracy_at(threshold, g, i) == right / (len(genuine) + len(impostor))


@DTYPES
def test_agreement_with_scikit_learn(dtype):
    genuine, impostor = (scores.to(dtype) for scores in gaussian())
    labels, scores = labelled(genuine, impostor)
    far, tar, thresholds = roc_curve(labels, scores, drop_intermediate=False)
    ours = roc(genuine, impostor)
    np.testing.assert_allclose(ours.far, far, atol=1e-12)
    np.testing.assert_allclose(ours.tar, tar, atol=1e-12)
    # They accept from a threshold up, we strictly above it: theirs are shifted by one.
    np.testing.assert_array_equal(ours.thresholds[:-1], thresholds[1:].astype(ours.thresholds.numpy().dtype))
    assert auc(genuine, impostor) == pytest.approx(roc_auc_score(labels, scores), abs=1e-12)
    eer = brentq(lambda x: 1 - x - interp1d(far, tar)(x), 0, 1)
    assert equal_error_rate(genuine, impostor) == pytest.approx(eer, abs=1e-9)
    for rate in (1e-3, 1e-2, 0.1):
        assert tar_at_far(genuine, impostor, rate).tar == pytest.approx(tar[far <= rate].max(), abs=1e-12)


@pytest.mark.parametrize("batch", [7, 100, 3400])
def test_agreement_with_torchmetrics_once_its_normalisation_is_off(batch):
    genuine, impostor = (scores.float() / 4 for scores in gaussian(gap=2.0))
    scores, labels = torch.cat([genuine, impostor]), torch.cat([torch.ones(400), torch.zeros(3000)]).long()
    order = torch.randperm(len(scores), generator=torch.Generator().manual_seed(1))

    def theirs(**options):
        metric = BinaryAUROC(**options)
        for rows in order.split(batch):
            metric.update(scores[rows], labels[rows])
        return metric.compute().item()

    assert auc(genuine, impostor) == pytest.approx(theirs(normalization=None), abs=1e-5)
    if batch == 7:  # the trap: a sigmoid in each batch with a score outside [0, 1] mixes two scales
        assert abs(theirs() - auc(genuine, impostor)) > 0.005


@DTYPES
def test_order_of_the_scores_does_not_matter(dtype):
    genuine, impostor = (scores.to(dtype) for scores in gaussian())
    for shuffled in ((genuine.flip(0), impostor[torch.randperm(3000)]), (ascending(genuine), ascending(impostor))):
        assert auc(*shuffled) == auc(genuine, impostor)
        assert equal_error_rate(*shuffled) == equal_error_rate(genuine, impostor)
        assert tar_at_far(*shuffled, 1e-2) == tar_at_far(genuine, impostor, 1e-2)
        assert balanced_threshold(*shuffled) == balanced_threshold(genuine, impostor)


def test_scores_are_left_as_they_were():
    genuine, impostor = gaussian()
    before = genuine.clone(), impostor.clone()
    auc(genuine, impostor)
    tar_at_far(genuine, impostor, 0.1)
    assert torch.equal(genuine, before[0])
    assert torch.equal(impostor, before[1])


def test_half_precision_scores_are_counted_as_they_are():
    genuine, impostor = (scores.bfloat16() for scores in gaussian())
    assert auc(genuine, impostor) == auc(genuine.double(), impostor.double())


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


@pytest.mark.parametrize("metric", [roc, auc, equal_error_rate, balanced_threshold])
def test_scores_that_say_nothing_are_refused(metric):
    some = torch.tensor([0.5, 0.1])
    with pytest.raises(ValueError, match="no genuine scores"):
        metric(torch.empty(0), some)
    with pytest.raises(ValueError, match="no impostor scores"):
        metric(some, torch.empty(0))
    with pytest.raises(ValueError, match="1 of the impostor scores are NaN"):
        metric(some, torch.tensor([0.1, math.nan]))
    with pytest.raises(ValueError, match="genuine scores must be"):
        metric(torch.tensor([1, 2]), some)


def test_seven_million_impostors_take_seconds():
    impostor = torch.randn(7_000_000, generator=torch.Generator().manual_seed(0))
    genuine = torch.randn(30_000, generator=torch.Generator().manual_seed(1)) + 3
    began = time.process_time()
    point = tar_at_far(genuine, impostor, 1e-4)
    assert point.impostor_errors == 700
    assert auc(genuine, impostor) == pytest.approx(0.98305, abs=1e-3)  # Φ(3 / √2)
    # A second or so; the limit leaves room for a slow machine and is far below what a G × I matrix would take.
    assert time.process_time() - began < 15


@given(SCORES, SCORES)
def test_det_is_the_roc_in_errors(genuine, impostor):
    g, i = torch.tensor(genuine, dtype=torch.float64), torch.tensor(impostor, dtype=torch.float64)
    curve, errors = roc(g, i), det(g, i)
    assert torch.equal(errors.thresholds, curve.thresholds)
    assert torch.equal(errors.fmr, curve.far)
    assert errors.fnmr.tolist() == [sum(s <= t for s in genuine) / len(genuine) for t in curve.thresholds.tolist()]


@given(SCORES, SCORES, st.integers(1, 100))
def test_fnmr_at_fmr_is_what_tar_leaves(genuine, impostor, percent):
    g, i = torch.tensor(genuine), torch.tensor(impostor)
    if Fraction(percent, 100) < Fraction(1, len(impostor)):
        with pytest.raises(UnmeasurableRateError):
            fnmr_at_fmr(g, i, percent / 100)
    else:
        assert fnmr_at_fmr(g, i, percent / 100) == pytest.approx(1 - tar_at_far(g, i, percent / 100).tar)


@given(SCORES, SCORES)
def test_best_accuracy_is_the_best_of_all(genuine, impostor):
    found = best_accuracy(torch.tensor(genuine), torch.tensor(impostor))
    g, i = (torch.tensor(scores).tolist() for scores in (genuine, impostor))

    def accuracy(t):
        return (sum(s > t for s in g) + sum(s <= t for s in i)) / (len(g) + len(i))

    assert found.accuracy == max(accuracy(t) for t in [*g, *i, -math.inf])
    assert found.accuracy == accuracy(found.threshold)
    assert all(accuracy(t) < found.accuracy for t in g if found.threshold < t < max(g))


def test_chunks_change_no_figure(monkeypatch):
    genuine, impostor = gaussian()
    point = tar_at_far(genuine, impostor, 1e-2)
    figures = [auc, equal_error_rate, balanced_threshold, best_accuracy]
    whole = [figure(genuine, impostor) for figure in figures]
    for module in (scores, curves, thresholds):
        monkeypatch.setattr(module, "CHUNK", 7)
    assert [figure(genuine, impostor) for figure in figures] == whole
    assert [figure(ascending(genuine), ascending(impostor)) for figure in figures] == whole
    assert tar_at_far(genuine, impostor, 1e-2) == point


@pytest.mark.parametrize("place", range(9))
def test_one_score_out_of_order_is_found_in_any_chunk(monkeypatch, place):
    monkeypatch.setattr(scores, "CHUNK", 4)
    nearly = torch.arange(10.0)
    nearly[[place, place + 1]] = nearly[[place + 1, place]]
    assert ascending(nearly).tolist() == list(range(10))


@pytest.mark.parametrize("broken", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("count", [1, 5])
def test_one_broken_score_among_ascending_ones_is_found(broken, count):
    scores = torch.arange(float(count))
    for place in range(count):
        with pytest.raises(ValueError, match="1 of the genuine scores are NaN"):
            auc(scores.index_fill(0, torch.tensor(place), broken), torch.rand(4))
