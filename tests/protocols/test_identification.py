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


def test_the_interval_and_the_band_are_of_the_probes_subjects(faces):
    result = Identification(ranks=(1, 3))(faces, CosineSimilarity())
    for k in (1, 3):
        scalar = result.scalars[f"identification/rank_{k}"]
        assert scalar.low < scalar.value < scalar.high
        low, high = (result.curves[f"identification/cmc_{end}"].y[k - 1] for end in ("low", "high"))
        assert (low, high) == (scalar.low, scalar.high)
    assert set(result.replicates) == set(result.scalars)
    quick = Identification(ranks=(1, 3))(faces, CosineSimilarity(), intervals=False)
    assert list(quick.curves) == ["identification/cmc"]
    assert not quick.replicates
    assert [scalar.value for scalar in quick.scalars.values()] == [s.value for s in result.scalars.values()]


@pytest.mark.parametrize("fusion", ["max", "mean"])
@pytest.mark.parametrize("similarity", [CosineSimilarity(), NegativeL1(normalized=False)], ids=repr)
def test_several_images_are_enrolled(faces, similarity, fusion):
    rows = {}
    for row, identity in enumerate(faces.identities.tolist()):
        rows.setdefault(identity, []).append(row)
    vectors = faces.vectors.double()
    gallery = {}
    for identity, images in rows.items():
        enrolled = vectors[images[:2]]
        if fusion == "mean":
            enrolled = (enrolled / enrolled.norm(dim=1, keepdim=True) if similarity.normalized else enrolled).mean(0)
        gallery[identity] = enrolled.reshape(-1, vectors.shape[1])
    hits = []
    for identity, images in rows.items():
        for row in images[2:]:
            scores = {who: float(similarity(vectors[row][None], theirs).max()) for who, theirs in gallery.items()}
            hits.append(all(score < scores[identity] for who, score in scores.items() if who != identity))
    result = Identification(ranks=(1,), enrolled=2, fusion=fusion)(faces, similarity)
    assert result.scalars["identification/rank_1"].value == sum(hits) / len(hits)
    assert result.scalars["identification/rank_1"].counts["probes"] == len(hits)


def test_distractors_are_enrolled_and_count_against_the_probes(faces, make_embeddings):
    others = make_embeddings(torch.arange(50) // 2, seed=9)  # whose labels mean other people than those of the set
    alone = Identification()(faces, CosineSimilarity())
    among = Identification(distractors=others)(faces, CosineSimilarity())
    a, b = (result.scalars["identification/rank_1"] for result in (alone, among))
    assert b.value < a.value
    assert b.counts["gallery"] == a.counts["gallery"] + 25
    assert b.counts["distractors"] == a.counts["distractors"] + 25
    joined = Embeddings(
        torch.cat([faces.vectors, others.vectors]), torch.cat([faces.identities, 1000 + torch.arange(50)])
    )
    assert Identification()(joined, CosineSimilarity()).scalars["identification/rank_1"].value == b.value


def test_distractors_of_another_network_are_refused(faces, make_embeddings):
    others = make_embeddings([0, 1], dimension=5)
    with pytest.raises(DataError, match="distractors' embeddings have 5 numbers and those of the set 8"):
        Identification(distractors=others)(faces, CosineSimilarity())


def test_without_an_image_left_there_is_no_probe(make_embeddings):
    with pytest.raises(DataError, match="an identity with 4 images or more"):
        Identification(enrolled=3)(make_embeddings([0, 0, 0, 1]), CosineSimilarity())
    with pytest.raises(ConfigurationError, match="at least one image"):
        Identification(enrolled=0)
    with pytest.raises(ConfigurationError, match="fusion=max or fusion=mean, not 'avg'"):
        Identification(fusion="avg")
