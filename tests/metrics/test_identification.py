"""Ranks and CMC against naive loops."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from resemblance.metrics import cmc, identification, mate_ranks, rank_k


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
