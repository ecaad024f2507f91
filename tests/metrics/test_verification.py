"""Verification curves against naive loops, scikit-learn and torchmetrics, with ties and tiny sets."""

import itertools
import math
import time
from fractions import Fraction

import numpy as np
import pytest
import torch
from hypothesis import given
from scipy.interpolate import interp1d
from scipy.optimize import brentq
from sklearn.metrics import roc_auc_score, roc_curve
from torchmetrics.classification import BinaryAUROC

from resemblance.metrics import ascending, auc, balanced_threshold, det, equal_error_rate, roc, tar_at_far
from tests.metrics.score_cases import DTYPES, SCORES, gaussian, naive_rates


def labelled(genuine, impostor):
    return np.r_[np.ones(len(genuine)), np.zeros(len(impostor))], torch.cat([genuine, impostor]).numpy()


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


def test_perfect_separation_and_its_opposite():
    low, high = torch.tensor([0.1, 0.2]), torch.tensor([0.8, 0.9])
    assert (auc(high, low), equal_error_rate(high, low)) == (1.0, 0.0)
    assert (auc(low, high), equal_error_rate(low, high)) == (0.0, 1.0)


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
