"""Closed-set identification against a naive loop."""

import pytest
import torch

from resemblance.embeddings import Embeddings
from resemblance.errors import ConfigurationError, DataError
from resemblance.metrics import identification
from resemblance.metrics.gallery import enroll_first
from resemblance.protocols import Identification
from resemblance.protocols.enrolment import search_set
from resemblance.results import Result
from resemblance.similarity import CosineSimilarity, NegativeL1, NegativeSquaredL2


def naive_ranks(faces, similarity):
    scores = similarity(faces.vectors.double(), faces.vectors.double()).float().tolist()
    gallery, ranks = {}, []
    for row, identity in enumerate(faces.identities.tolist()):
        gallery.setdefault(identity, row)
    for row, identity in enumerate(faces.identities.tolist()):
        if gallery[identity] != row:
            mate = scores[row][gallery[identity]]
            ranks.append(1 + sum(scores[row][g] >= mate for other, g in gallery.items() if other != identity))
    return ranks


@pytest.mark.parametrize(
    "similarity", [CosineSimilarity(), NegativeSquaredL2(normalized=False), NegativeL1(normalized=True)], ids=repr
)
def test_figures_are_the_naive_ones(faces, similarity):
    ranks = naive_ranks(faces, similarity)
    result = Identification(ranks=(1, 3))(faces, similarity)
    for k in (1, 3):
        scalar = result.scalars[f"identification/rank_{k}"]
        assert scalar.value == sum(rank <= k for rank in ranks) / len(ranks)
        assert scalar.label == f"rank-{k}"
        assert dict(scalar.counts) == {
            "subjects": 33,
            "gallery": 40,
            "distractors": 7,  # identities 0, 6, … 36 have one image
            "probes": len(faces) - 40,
            "errors": sum(rank > k for rank in ranks),
        }
    curve = result.curves["identification/cmc"]
    assert curve.x == tuple(map(float, range(1, 41)))
    assert curve.y == tuple(sum(rank <= k for rank in ranks) / len(ranks) for k in range(1, 41))
    table = result.tables["identification/cmc"]
    assert table.columns == ("rank", "rate")
    assert table.rows == tuple((k, curve.y[k - 1]) for k in (1, 2, 5, 10, 20))
    assert Result.from_json(result.to_json()) == result


@pytest.mark.parametrize("block", [1, 7, 1000])
def test_the_block_does_not_matter(faces, block, monkeypatch):
    for name in ("PROBES", "IMAGES"):
        monkeypatch.setattr(identification, name, block)
    gallery, probes = enroll_first(faces.identities)
    found = search_set(faces, CosineSimilarity(), gallery, probes)
    assert found.ranks.tolist() == naive_ranks(faces, CosineSimilarity())


def test_the_order_of_probes_does_not_matter_once_the_gallery_is_the_same(faces):
    gallery, probes = enroll_first(faces.identities)
    again = torch.cat(
        [gallery.flip(0), probes[torch.randperm(len(probes), generator=torch.Generator().manual_seed(0))]]
    )
    shuffled = Embeddings(faces.vectors[again], faces.identities[again])
    assert Identification()(shuffled, CosineSimilarity()).scalars == Identification()(faces, CosineSimilarity()).scalars


def test_the_curve_ends_at_fifty(make_embeddings):
    faces = make_embeddings(torch.arange(140) // 2)
    assert len(Identification()(faces, CosineSimilarity()).curves["identification/cmc"].x) == 50


@pytest.mark.parametrize("identities", [3, 5])
def test_a_rank_that_can_not_be_missed_is_refused_in_sight(make_embeddings, identities):
    result = Identification()(make_embeddings([0, 0, *range(identities)]), CosineSimilarity())
    assert list(result.scalars) == ["identification/rank_1"]
    assert result.tables["identification/refused"].rows == (
        ("rank-5", f"Among {identities} enrolled identities a rank of 5 can't be missed."),
    )
    assert [row[0] for row in result.tables["identification/cmc"].rows] == [k for k in (1, 2, 5) if k <= identities]


@pytest.mark.parametrize(
    ("identities", "message"), [([0, 1, 2], "3 images has no probe"), ([0, 0], "at least two identities")]
)
def test_sets_that_can_not_be_searched_are_refused(make_embeddings, identities, message):
    with pytest.raises(DataError, match=message):
        Identification()(make_embeddings(identities), CosineSimilarity())


def test_broken_embeddings_are_refused(faces):
    with pytest.raises(DataError, match="embeddings hold NaN"):
        Identification()(Embeddings(faces.vectors * float("nan"), faces.identities), CosineSimilarity())


@pytest.mark.parametrize("ranks", [(0,), (-1, 2), (1, 1)])
def test_ranks_that_do_not_exist_are_refused_at_once(ranks):
    with pytest.raises(ConfigurationError, match="ranks from 1 up"):
        Identification(ranks=ranks)
