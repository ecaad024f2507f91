import math

import numpy as np
import pytest
import torch

from resemblance.metrics import (
    ascending,
    auc,
    balanced_threshold,
    best_accuracy,
    curves,
    equal_error_rate,
    roc,
    scores,
    tar_at_far,
    thresholds,
)
from resemblance.metrics.scores import rounded_down
from tests.metrics.score_cases import gaussian


def test_a_threshold_midway_between_two_neighbouring_scores_parts_them():
    score = np.float32(0.75)
    above = np.nextafter(score, np.float32(1))
    assert rounded_down((float(score) + float(above)) / 2) == float(score)
    assert rounded_down(float(above)) == float(above)
    assert rounded_down(math.nextafter(float(score), -1)) == float(np.nextafter(score, np.float32(-1)))


@pytest.mark.parametrize("threshold", [0.1, -1e-50, math.inf, -math.inf])
def test_float64_scores_are_parted_where_the_threshold_is(threshold):
    assert rounded_down(threshold, torch.float64) == threshold


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
