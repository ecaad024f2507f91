import math

import torch
from hypothesis import given
from hypothesis import strategies as st

from resemblance.metrics import accuracy_at, auc, balanced_threshold, best_accuracy, equal_error_rate, tar_at_far
from tests.metrics.score_cases import SCORES, naive_rates


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


@given(SCORES, SCORES, st.floats(-10, 10))
def test_accuracy_is_the_share_decided_rightly(genuine, impostor, threshold):
    g, i = (torch.tensor(scores, dtype=torch.float64) for scores in (genuine, impostor))
    right = sum(s > threshold for s in genuine) + sum(s <= threshold for s in impostor)
    assert accuracy_at(threshold, g, i) == right / (len(genuine) + len(impostor))


@given(SCORES, SCORES)
def test_best_accuracy_is_the_best_of_all(genuine, impostor):
    found = best_accuracy(torch.tensor(genuine), torch.tensor(impostor))
    g, i = (torch.tensor(scores).tolist() for scores in (genuine, impostor))

    def accuracy(t):
        return (sum(s > t for s in g) + sum(s <= t for s in i)) / (len(g) + len(i))

    assert found.accuracy == max(accuracy(t) for t in [*g, *i, -math.inf])
    assert found.accuracy == accuracy(found.threshold)
    assert all(accuracy(t) < found.accuracy for t in g if found.threshold < t < max(g))
