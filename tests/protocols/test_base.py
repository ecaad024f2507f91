"""Embeddings that nothing can be computed from are refused in one sentence with their count."""

import math
from dataclasses import replace

import pytest
import torch

from resemblance.embeddings import Embeddings, EpisodeList
from resemblance.errors import DataError
from resemblance.metrics import IdentificationRate, OneShotAccuracy, OpenSetIdentification, VerificationROC
from resemblance.metrics.measurable import check_vectors
from resemblance.protocols import (
    FixedEpisodes,
    HardestPairs,
    Identification,
    OneShot,
    OpenSet,
    Retrieval,
    Verification,
)
from resemblance.protocols.base import check_embeddings
from resemblance.similarity import CosineSimilarity, NegativeL1, NegativeSquaredL2, Scorer


@pytest.mark.parametrize("broken", [math.nan, math.inf, -math.inf])
def test_broken_numbers_are_counted(faces, broken):
    vectors = faces.vectors.clone()
    vectors[3, 1] = vectors[5, 0] = vectors[5, 2] = broken
    with pytest.raises(DataError, match=f"2 of {len(faces)} embeddings hold NaN"):
        check_embeddings(replace(faces, vectors=vectors), CosineSimilarity())


def test_infinities_that_cancel_are_found(faces):
    vectors = faces.vectors.clone()
    vectors[3, 0], vectors[3, 1] = math.inf, -math.inf
    with pytest.raises(DataError, match="1 of"):
        check_embeddings(replace(faces, vectors=vectors), CosineSimilarity())


def test_large_numbers_are_no_infinities():
    vectors = torch.full((4, 100), torch.finfo(torch.float32).max)
    check_embeddings(Embeddings(vectors, torch.arange(4)), CosineSimilarity())


@pytest.mark.parametrize("similarity", [CosineSimilarity(), NegativeL1(normalized=True)], ids=repr)
def test_a_direction_that_is_none_is_counted(faces, similarity):
    vectors = faces.vectors.clone()
    vectors[[2, 7, 9]] = 0
    with pytest.raises(DataError, match=f"3 of {len(faces)} embeddings are zero .*'{similarity.name}'"):
        Verification()(replace(faces, vectors=vectors), similarity)


EPISODES = EpisodeList(torch.tensor([[[0], [1]]]), torch.tensor([[2, 3]]), torch.tensor([[0, 1]]), "by hand")
PROTOCOLS = [
    Verification(),
    Identification(),
    OpenSet(),
    Retrieval(),
    OneShot(ways=(2,), episodes=10),
    FixedEpisodes(EPISODES),
    HardestPairs(),
]
METRICS = [VerificationROC, IdentificationRate, OpenSetIdentification, OneShotAccuracy]


def refusal_of(judge, vectors, similarity):
    """What a protocol or torchmetrics class says of these vectors of two identities."""
    identities = torch.arange(len(vectors)) % 2
    if isinstance(judge, type):
        metric = judge(similarity=similarity)
        metric.update(vectors, identities)
        with pytest.raises(ValueError) as refused:
            metric.compute()
    else:
        with pytest.raises(DataError) as refused:
            judge(Embeddings(vectors, identities), similarity)
    return str(refused.value)


@pytest.mark.parametrize(
    "judge", PROTOCOLS + METRICS, ids=lambda judge: getattr(judge, "__name__", type(judge).__name__)
)
def test_one_rule_holds_wherever_embeddings_are_judged(judge):
    vectors = torch.eye(6)
    vectors[4] *= 1e-13  # as good as zero: what normalises it gives no unit vector
    assert "1 of 6 embeddings are zero or nearly" in refusal_of(judge, vectors, CosineSimilarity())
    sentence = refusal_of(judge, torch.eye(6) * 1e20, NegativeSquaredL2(normalized=False))
    assert "6 of 6 embeddings are so long that scores of the similarity 'negative_squared_l2'" in sentence


@pytest.mark.parametrize(
    ("similarity", "longest"),
    [(NegativeSquaredL2(normalized=False), 9.2e18), (NegativeL1(normalized=False), 1.69e38)],
    ids=repr,
)
def test_scores_of_the_longest_rows_that_are_taken_are_finite(similarity, longest):
    vectors = torch.tensor([[longest, 0.0], [-longest, 0.0]])
    check_vectors(vectors, similarity)
    assert torch.isfinite(Scorer(similarity)(vectors, vectors)).all()
    with pytest.raises(ValueError, match="2 of 2 probes are so long"):
        check_vectors(vectors * 1.02, similarity, "probes")
    check_vectors(vectors, CosineSimilarity())


def test_rows_that_float64_can_not_divide_by_their_length_are_refused():
    with pytest.raises(DataError, match="4 of 4 embeddings are so long"):
        check_vectors(torch.eye(4, dtype=torch.float64) * 1e200, CosineSimilarity())


def test_zeros_are_points_like_others_where_no_direction_is_compared(faces):
    vectors = faces.vectors.clone()
    vectors[2] = 0
    Verification()(replace(faces, vectors=vectors), NegativeSquaredL2(normalized=False))


@pytest.mark.parametrize(
    ("vectors", "identities"),
    [(torch.ones(4), torch.arange(4)), (torch.ones(4, 3), torch.arange(5)), (torch.ones(4, 0), torch.arange(4))],
    ids=["one dimension", "another number", "empty rows"],
)
def test_shapes_that_do_not_fit_are_refused(vectors, identities):
    with pytest.raises(DataError, match="matrix"):
        check_embeddings(Embeddings(vectors, identities), CosineSimilarity())
