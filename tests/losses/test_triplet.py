import math

import pytest
import torch
from hypothesis import given, settings

from resemblance.errors import ConfigurationError
from resemblance.losses import TripletLoss
from tests.losses import naive
from tests.losses.batches import assert_same, balanced, generic, tied

MININGS = ("semihard", "hard", "all")


def assert_naive(batch, margin, mining):
    embeddings, identities = batch
    loss = TripletLoss(margin, mining)
    assert_same(
        lambda x: loss(x, identities).value,
        lambda x: naive.triplet(x, identities, naive.squared_l2, margin, mining)[0],
        embeddings,
    )
    share = naive.triplet(embeddings, identities, naive.squared_l2, margin, mining)[1]
    assert loss(embeddings, identities).statistics["active_share"].item() == pytest.approx(share)


@pytest.mark.parametrize("mining", MININGS)
@settings(max_examples=25, deadline=None)
@given(batch=generic())
def test_value_and_gradient_are_those_of_the_loops(mining, batch):
    assert_naive(batch, 0.7, mining)


@pytest.mark.parametrize("mining", MININGS)
@pytest.mark.parametrize("margin", [0.2, 0.5])  # 0.5 is a distance of the lattice: both ends of eq. 4 are hit exactly
@settings(max_examples=20, deadline=None)
@given(batch=tied())
def test_ties_and_duplicates_are_those_of_the_loops(mining, margin, batch):
    assert_naive(batch, margin, mining)


# Two images of one person at 0° and 60°, one of another at 90°: squared distances 1, 2 and 2 − √3.
CORNER = torch.tensor([[1.0, 0.0], [0.5, math.sqrt(0.75)], [0.0, 1.0]], dtype=torch.float64)
CORNER_IDENTITIES = torch.tensor([0, 0, 1])
NEAR = 2 - math.sqrt(3)


@pytest.mark.parametrize(
    ("margin", "mining", "value", "active_share"),
    [
        (0.2, "semihard", 0, 0),  # one negative beyond the margin, one nearer than the positive
        (1.5, "semihard", 1 - 2 + 1.5, 0.5),
        (0.2, "hard", (0 + 1 - NEAR + 0.2) / 2, 0.5),  # an anchor without violation counts in the mean
        (0.2, "all", 1 - NEAR + 0.2, 0.5),  # mean over the active triplet alone
    ],
)
def test_by_hand(margin, mining, value, active_share):
    output = TripletLoss(margin, mining)(CORNER, CORNER_IDENTITIES)
    assert output.value.item() == pytest.approx(value, abs=1e-12)
    assert output.statistics["active_share"].item() == active_share
    assert output.statistics["empty_batch"].item() == 0
    assert output.statistics["genuine_similarity"].item() == pytest.approx(-1)
    assert output.statistics["impostor_similarity"].item() == pytest.approx(-(2 + NEAR) / 2)


def test_semihard_takes_every_semihard_negative_of_its_own_anchor():
    signs = [[1, 1, 1, 1], [1, 1, 1, -1], [1, 1, -1, -1], [-1, -1, -1, 1], [1, -1, 1, 1]]
    embeddings = torch.tensor(signs, dtype=torch.float64) / 2
    # The positives lie 1 apart. First anchor: negatives at 2, 3 and 1; second: at 1, 4 and 2. With α = 2.5 those at 1
    # are as near as the positive and the one at 4 is beyond the margin: three triplets remain.
    value = TripletLoss(2.5, "semihard")(embeddings, torch.tensor([0, 0, 1, 2, 3])).value
    assert value.item() == pytest.approx((1.5 + 0.5 + 1.5) / 3, abs=1e-12)


def test_batch_hard_on_collapsed_embeddings_sits_at_the_margin_and_says_so():
    embeddings = torch.ones(8, 4, requires_grad=True)
    output = TripletLoss(0.2, "hard")(embeddings, torch.arange(4).repeat_interleave(2))
    output.value.backward()
    assert output.value.item() == pytest.approx(0.2)
    assert output.statistics["embedding_spread"].item() == pytest.approx(0, abs=1e-6)
    assert output.statistics["active_share"].item() == 1
    assert embeddings.grad.isfinite().all()


def test_large_batch_in_float32_matches_float64():
    embeddings, identities = balanced(16, 4, 128)
    for mining in MININGS:
        loss = TripletLoss(mining=mining)
        assert loss(embeddings.float(), identities).value.item() == pytest.approx(
            loss(embeddings, identities).value.item(), rel=1e-5
        )


@pytest.mark.parametrize("margin", [0, -0.2, float("nan"), float("inf"), "wide", True, None])
def test_refuses_a_margin_that_is_no_positive_number(margin):
    with pytest.raises(ConfigurationError, match=r"^TripletLoss needs margin to be a number above 0, not .*\.$"):
        TripletLoss(margin=margin)


def test_refuses_an_unknown_mining_and_names_the_known_ones():
    with pytest.raises(ConfigurationError, match=r"mining='semi-hard'; choose semihard, hard or all\.$"):
        TripletLoss(mining="semi-hard")
