"""Embeddings that nothing can be computed from are refused in one sentence with their count."""

import math
from dataclasses import replace

import pytest
import torch

from resemblance.embeddings import Embeddings
from resemblance.errors import DataError
from resemblance.protocols import Verification
from resemblance.protocols.base import check_embeddings
from resemblance.similarity import CosineSimilarity, NegativeL1, NegativeSquaredL2


@pytest.mark.parametrize("broken", [math.nan, math.inf, -math.inf])
def test_broken_numbers_are_counted(faces, broken):
    vectors = faces.vectors.clone()
    vectors[3, 1] = vectors[5, 0] = vectors[5, 2] = broken
    with pytest.raises(DataError, match=f"2 of {len(faces)} embeddings hold NaN"):
        check_embeddings(replace(faces, vectors=vectors))


def test_infinities_that_cancel_are_found(faces):
    vectors = faces.vectors.clone()
    vectors[3, 0], vectors[3, 1] = math.inf, -math.inf
    with pytest.raises(DataError, match="1 of"):
        check_embeddings(replace(faces, vectors=vectors))


def test_large_numbers_are_no_infinities():
    vectors = torch.full((4, 100), torch.finfo(torch.float32).max)
    check_embeddings(Embeddings(vectors, torch.arange(4)), CosineSimilarity())


@pytest.mark.parametrize("similarity", [CosineSimilarity(), NegativeL1(normalized=True)], ids=repr)
def test_a_direction_that_is_none_is_counted(faces, similarity):
    vectors = faces.vectors.clone()
    vectors[[2, 7, 9]] = 0
    with pytest.raises(DataError, match=f"3 of {len(faces)} embeddings are zero .*'{similarity.name}'"):
        Verification()(replace(faces, vectors=vectors), similarity)


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
        check_embeddings(Embeddings(vectors, identities))
