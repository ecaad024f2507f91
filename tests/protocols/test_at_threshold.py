import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from resemblance.embeddings import Embeddings
from resemblance.metrics.all_pairs import AllPairs
from resemblance.metrics.uncertainty import Influence, interval
from resemblance.protocols import all_pairs_scores, at_threshold
from resemblance.protocols.at_threshold import rates_at_thresholds
from resemblance.similarity import CosineSimilarity, Scorer


def naive(faces, threshold):
    """Every comparison as a row, each subject left out in turn, and what two subjects have in common."""
    scores = Scorer(CosineSimilarity())(faces.vectors, faces.vectors).double()
    ids = faces.identities.tolist()
    subjects = sorted(set(ids))
    rates = []
    for genuine in (True, False):
        rows = [
            (ids[i], ids[j], scores[i, j].item() > threshold)
            for i in range(len(ids))
            for j in range(i)
            if (ids[i] == ids[j]) is genuine
        ]
        rate = sum(accepted for *_, accepted in rows) / len(rows)
        by_pair = {}
        for first, second, accepted in rows:
            if first != second:
                pair = frozenset((first, second))
                by_pair[pair] = by_pair.get(pair, 0.0) + (accepted - rate) / len(rows)
        left_out = [[accepted for *both, accepted in rows if subject not in both] for subject in subjects]
        taking_part = {subject for first, second, _ in rows for subject in (first, second)}
        influence = Influence(
            torch.tensor([rate - sum(rest) / len(rest) if rest else 0 for rest in left_out], dtype=torch.float64),
            sum(moved**2 for moved in by_pair.values()),
            len(taking_part) if all(left_out) else 1,
        )
        rates.append((rate, interval(rate, influence)))
    return rates


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.lists(st.floats(-1, 1), min_size=1, max_size=3), st.sampled_from([1, 3, 64]))
def test_rates_and_intervals_are_those_of_a_naive_loop(seed, thresholds, block):
    generator = torch.Generator().manual_seed(seed)
    identities = torch.randint(0, 6, (18,), generator=generator)
    identities[:2], identities[2] = 0, 5
    vectors = torch.randint(-2, 3, (18, 2), generator=generator).float() + 0.25  # ties
    faces = Embeddings(vectors, identities)
    found = rates_at_thresholds(AllPairs(faces, CosineSimilarity(), block=block), thresholds)
    for threshold, rates in zip(thresholds, found, strict=True):
        (tar, tar_interval), (fmr, fmr_interval) = naive(faces, threshold)
        assert (rates.tar, rates.fmr) == (tar, fmr)
        assert (rates.fmr_interval.low, rates.fmr_interval.high) == pytest.approx((fmr_interval.low, fmr_interval.high))
        assert (rates.tar_interval.low, rates.tar_interval.high) == pytest.approx((tar_interval.low, tar_interval.high))


def test_few_scores_at_a_time_give_the_same(faces, monkeypatch):
    pairs = AllPairs(faces, CosineSimilarity())
    whole = rates_at_thresholds(pairs, [0.5, -0.5])
    monkeypatch.setattr(at_threshold, "_ENTRIES", 50)
    pairs = AllPairs(faces, CosineSimilarity(), block=9)
    assert rates_at_thresholds(pairs, [0.5, -0.5]) == whole


def test_errors_are_counted(faces):
    genuine, impostor = all_pairs_scores(faces, CosineSimilarity())
    (rates,) = rates_at_thresholds(AllPairs(faces, CosineSimilarity()), [0.4])
    assert rates.genuine_errors == int((genuine <= 0.4).sum())
    assert rates.impostor_errors == int((impostor > 0.4).sum())
