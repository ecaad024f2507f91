"""Scores of all pairs and of listed pairs against naive loops."""

import itertools

import pytest
import torch

from resemblance.embeddings import Embeddings
from resemblance.errors import DataError
from resemblance.metrics import balanced_threshold
from resemblance.protocols import all_pairs_scores, pair_scores, validation_threshold
from resemblance.similarity import CosineSimilarity, NegativeL1, NegativeSquaredL2

SIMILARITIES = [CosineSimilarity(), NegativeSquaredL2(normalized=False), NegativeL1(normalized=True)]
every_similarity = pytest.mark.parametrize("similarity", SIMILARITIES, ids=lambda s: s.name)


def ascending(scores):
    return [torch.sort(kind).values for kind in scores]


@every_similarity
def test_each_unordered_pair_once(faces, similarity):
    expected = {True: [], False: []}
    for i, j in itertools.combinations(range(len(faces)), 2):
        score = similarity(faces.vectors[i : i + 1].double(), faces.vectors[j : j + 1].double())
        expected[bool(faces.identities[i] == faces.identities[j])].append(score.item())
    for found, kind in zip(ascending(all_pairs_scores(faces, similarity)), (True, False), strict=True):
        torch.testing.assert_close(found.double(), torch.tensor(expected[kind], dtype=torch.float64).sort().values)


@every_similarity
@pytest.mark.parametrize("block", [1, 7, 64, 10_000])
def test_neither_block_nor_order_changes_a_score(faces, shuffled, similarity, block):
    whole = ascending(all_pairs_scores(faces, similarity))
    for again in (faces, shuffled):
        for found, expected in zip(ascending(all_pairs_scores(again, similarity, block)), whole, strict=True):
            # Rounded from float64: equal but for a last digit in millions, which would move no figure here.
            torch.testing.assert_close(found, expected, rtol=1e-7, atol=1e-7)
            assert (found == expected).float().mean() > 0.999


@every_similarity
@pytest.mark.parametrize("block", [1, 5, 1000])
def test_listed_pairs(faces, similarity, block):
    first, second = torch.randint(len(faces), (2, 23), generator=torch.Generator().manual_seed(0))
    matrix = similarity(faces.vectors.double(), faces.vectors.double())
    found = pair_scores(faces.vectors, first, second, similarity, block)
    torch.testing.assert_close(found.double(), matrix[first, second], rtol=1e-6, atol=1e-6)


def test_equal_images_are_ties_whatever_their_place():
    # In float32 the products differ in their last digits, and a collapsed network would have an AUC of noise.
    vectors = torch.randn(1, 128, generator=torch.Generator().manual_seed(0)).expand(50, 128)
    genuine, impostor = all_pairs_scores(Embeddings(vectors, torch.arange(50) // 5), CosineSimilarity(), block=8)
    assert len(torch.cat([genuine, impostor]).unique()) == 1


def test_the_similarity_keeps_its_precision_and_place(faces):
    class Weighted(CosineSimilarity):
        def __init__(self):
            super().__init__()
            self.weights = torch.nn.Parameter(torch.ones(8))

        def compare(self, x, y):
            return (x * self.weights) @ y.T

    similarity = Weighted()
    genuine, _ = all_pairs_scores(faces, similarity)
    assert similarity.weights.dtype == torch.float32
    assert not genuine.requires_grad
    torch.testing.assert_close(genuine, all_pairs_scores(faces, CosineSimilarity())[0])


def test_the_validation_threshold_is_the_balanced_one(faces):
    similarity = NegativeSquaredL2(normalized=False)
    assert validation_threshold(faces, similarity) == balanced_threshold(*all_pairs_scores(faces, similarity))


@pytest.mark.parametrize(
    ("identities", "message"),
    [
        ([0, 1, 2], "3 images of 3 identities has no genuine comparison; it needs an identity with two images"),
        ([0, 0, 0], "3 images of 1 identity has no impostor comparison; it needs at least two identities"),
    ],
)
def test_comparisons_of_one_kind_are_refused(make_embeddings, identities, message):
    with pytest.raises(DataError, match=message):
        all_pairs_scores(make_embeddings(identities), CosineSimilarity())


def test_an_empty_set_is_refused():
    with pytest.raises(DataError, match="0 images of 0 identities"):
        all_pairs_scores(Embeddings(torch.empty(0, 4), torch.empty(0, dtype=torch.int64)), CosineSimilarity())
