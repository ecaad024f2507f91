"""Ranks and CMC against naive loops."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from resemblance.metrics import cmc, identification, mate_ranks, rank_k
from resemblance.metrics.gallery import Gallery
from resemblance.metrics.identification import search_gallery


def naive_ranks(similarity, probes, gallery):
    ranks = []
    for row, probe in zip(similarity.tolist(), probes.tolist(), strict=True):
        best = {}
        for score, identity in zip(row, gallery.tolist(), strict=True):
            best[identity] = max(score, best.get(identity, -float("inf")))
        ranks.append(1 + sum(score >= best[probe] for identity, score in best.items() if identity != probe))
    return ranks


@st.composite
def searches(draw):
    gallery = draw(st.lists(st.sampled_from([3, 5, 11, 700]), min_size=1, max_size=8))
    probes = draw(st.lists(st.sampled_from(sorted(set(gallery))), min_size=1, max_size=6))
    quarters = st.integers(-3, 3).map(lambda n: n / 4)  # few values: many ties
    rows = [draw(st.lists(quarters, min_size=len(gallery), max_size=len(gallery))) for _ in probes]
    return torch.tensor(rows), torch.tensor(probes), torch.tensor(gallery)


@given(searches())
def test_ranks_are_the_naive_ones(search):
    assert mate_ranks(*search).tolist() == naive_ranks(*search)


@given(searches(), st.integers(1, 3))
def test_the_block_does_not_matter(search, block):
    whole = mate_ranks(*search)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(identification, "PROBES", block)
        assert torch.equal(mate_ranks(*search), whole)


@given(searches(), st.randoms())
def test_the_order_of_the_gallery_does_not_matter(search, random):
    similarity, probes, gallery = search
    order = torch.tensor(random.sample(range(len(gallery)), len(gallery)))
    assert torch.equal(mate_ranks(similarity[:, order], probes, gallery[order]), mate_ranks(*search))


def test_a_network_that_maps_all_to_one_point_finds_nobody():
    identities = torch.arange(10)
    assert mate_ranks(torch.ones(10, 10), identities, identities).tolist() == [10] * 10


def test_an_identity_is_as_near_as_its_nearest_image_and_counts_once():
    similarity = torch.tensor([[0.1, 0.8, 0.9, 0.9, 0.9]])
    assert mate_ranks(similarity, torch.tensor([0]), torch.tensor([0, 0, 1, 1, 1])).tolist() == [2]


@pytest.mark.parametrize("probe", [0, 2, 9])
def test_a_probe_without_a_mate_is_refused(probe):
    with pytest.raises(ValueError, match="no mate"):
        mate_ranks(torch.zeros(1, 2), torch.tensor([probe]), torch.tensor([1, 3]))


def test_shapes_and_numbers_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="matrix of that shape"):
        mate_ranks(torch.zeros(2, 1), torch.tensor([1]), torch.tensor([1, 3]))
    with pytest.raises(ValueError, match="1 of the similarities are NaN"):
        mate_ranks(torch.tensor([[float("nan"), 0.0]]), torch.tensor([1]), torch.tensor([1, 3]))


@given(st.lists(st.integers(1, 9), min_size=1, max_size=30))
def test_cmc_is_rank_k_for_every_k(ranks):
    ranks = torch.tensor(ranks)
    curve = cmc(ranks, 9)
    assert curve.tolist() == [rank_k(ranks, k) for k in range(1, 10)]
    assert curve[-1] == 1
    assert (curve.diff() >= 0).all()


def test_ranks_that_do_not_exist_are_refused():
    with pytest.raises(ValueError, match="Rank 4 does not exist among 3"):
        cmc(torch.tensor([1, 4]), 3)
    with pytest.raises(ValueError, match="begin with 1"):
        rank_k(torch.tensor([0]), 1)
    with pytest.raises(ValueError, match="no ranks"):
        cmc(torch.tensor([], dtype=torch.int64), 3)


def product(x, y):
    return (x.double() @ y.double().T).float()


def naive_search(gallery, enrolled, probes, identities, distractors=None, strangers=None, *, mean=False, unit=True):
    """Ranks, mates' scores and best scores, one comparison at a time."""
    people = {}
    for vector, identity in zip(gallery.double(), enrolled.tolist(), strict=True):
        people.setdefault(("enrolled", identity), []).append(vector / vector.norm() if mean and unit else vector)
    for vector, identity in zip(distractors if distractors is not None else [], strangers or [], strict=True):
        vector = vector.double()
        people.setdefault(("distractor", identity), []).append(vector / vector.norm() if mean and unit else vector)
    found = []
    for probe, identity in zip(probes.double(), identities.tolist(), strict=True):
        scores = {
            person: float((probe @ (sum(images) / len(images))).float())
            if mean
            else max(float((probe @ image).float()) for image in images)
            for person, images in people.items()
        }
        mate = scores.get(("enrolled", identity))
        others = [score for person, score in scores.items() if person != ("enrolled", identity)]
        rank = 0 if mate is None else 1 + sum(score >= mate for score in others)
        found.append((rank, -float("inf") if mate is None else mate, max(scores.values())))
    return [list(column) for column in zip(*found, strict=True)]


@st.composite
def open_searches(draw):
    """Galleries with several images an identity, probes with and without a mate, distractors; many ties."""
    halves = st.integers(-2, 2).map(lambda n: n / 2)
    vectors = st.lists(halves, min_size=2, max_size=2).filter(any)
    labels = st.sampled_from([0, 4, 5, 9, 700])
    enrolled = draw(st.lists(st.tuples(labels, vectors), min_size=1, max_size=9))
    probes = draw(st.lists(st.tuples(labels, vectors), min_size=1, max_size=6))
    strangers = draw(st.lists(st.tuples(labels, vectors), max_size=4))
    return enrolled, probes, strangers


@given(open_searches(), st.integers(1, 4), st.integers(1, 4))
def test_a_search_is_the_naive_one_in_any_block(drawn, probe_block, image_block):
    enrolled, probes, strangers = drawn
    labels, vectors = (torch.tensor(column) for column in zip(*enrolled, strict=True))
    identities, asked = (torch.tensor(column) for column in zip(*probes, strict=True))
    others = [torch.tensor(column) for column in zip(*strangers, strict=True)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(identification, "PROBES", probe_block)
        patch.setattr(identification, "IMAGES", image_block)
        patch.setattr(identification, "_MATES", probe_block)
        found = search_gallery(
            Gallery(vectors, labels),
            asked,
            identities,
            product,
            distractors=Gallery(others[1], others[0]) if others else None,
        )
    known = (others[1], others[0].tolist()) if others else ()
    assert [found.ranks.tolist(), found.mates.tolist(), found.tops.tolist()] == naive_search(
        vectors, labels, asked, identities, *known
    )
    assert found.mated.tolist() == [identity in labels.tolist() for identity in identities.tolist()]


@pytest.mark.parametrize("unit", [True, False])
def test_a_mean_template_is_the_mean_of_directions_or_of_embeddings(unit):
    generator = torch.Generator().manual_seed(1)
    enrolled = torch.tensor([2, 0, 2, 7, 0, 2, 7, 1])
    vectors = torch.randn(8, 3, generator=generator) * torch.rand(8, 1, generator=generator) * 5
    probes, identities = torch.randn(20, 3, generator=generator), torch.arange(20) % 8
    found = search_gallery(
        Gallery(vectors, enrolled, fusion="mean", normalized=unit),
        probes,
        identities,
        product,
        distractors=Gallery(vectors.flip(0), enrolled, fusion="mean", normalized=unit),
    )
    ranks, mates, tops = naive_search(
        vectors, enrolled, probes, identities, vectors.flip(0), enrolled.tolist(), mean=True, unit=unit
    )
    assert found.ranks.tolist() == ranks
    assert found.mates.tolist() == pytest.approx(mates, rel=1e-6)
    assert found.tops.tolist() == pytest.approx(tops, rel=1e-6)


def test_a_gallery_where_nobody_has_a_mate_is_searched_too():
    found = search_gallery(Gallery(torch.eye(2), torch.tensor([1, 2])), torch.eye(2), torch.tensor([8, 9]), product)
    assert found.ranks.tolist() == [0, 0]
    assert found.mates.tolist() == [-float("inf")] * 2
    assert found.tops.tolist() == [1, 1]


def test_galleries_that_can_not_be_searched_are_refused():
    with pytest.raises(ValueError, match="gallery is empty"):
        Gallery(torch.empty(0, 2), torch.empty(0, dtype=torch.int64))
    with pytest.raises(ValueError, match="3 embeddings can't have 2 identities"):
        Gallery(torch.ones(3, 2), torch.tensor([1, 2]))
    with pytest.raises(ValueError, match="fusion is 'max' or 'mean', not 'avg'"):
        Gallery(torch.eye(2), torch.tensor([1, 2]), fusion="avg")
    gallery = Gallery(torch.eye(2), torch.tensor([1, 2]))
    with pytest.raises(ValueError, match="probes have 3 numbers and those of the gallery 2"):
        search_gallery(gallery, torch.ones(1, 3), torch.tensor([1]), product)
    with pytest.raises(ValueError, match="probes have 2 numbers and those of the distractors 3"):
        search_gallery(
            gallery, torch.ones(1, 2), torch.tensor([1]), product, distractors=Gallery(torch.eye(3), torch.arange(3))
        )
    with pytest.raises(ValueError, match="1 probes can't have 2 identities"):
        search_gallery(gallery, torch.ones(1, 2), torch.tensor([1, 2]), product)
    with pytest.raises(ValueError, match="1 of the 2 probes have scores that are NaN"):
        search_gallery(gallery, torch.tensor([[1.0, 0.0], [torch.nan, 0.0]]), torch.tensor([1, 2]), product)
