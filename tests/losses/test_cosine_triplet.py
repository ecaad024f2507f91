import pytest
import torch
from hypothesis import given, settings

from resemblance.errors import ConfigurationError
from resemblance.losses import CosineTripletLoss, TripletLoss
from tests.losses import naive, naive_triplets
from tests.losses.batches import assert_same, balanced, generic, tied, value_and_gradient

MININGS = ("semihard", "hard", "all", "hardest_semihard", "easy_positive")


@pytest.mark.parametrize("mining", MININGS)
@settings(max_examples=25, deadline=None)
@given(batch=generic() | tied())
def test_value_and_gradient_are_those_of_the_loops(mining, batch):
    embeddings, identities = batch
    assert_same(
        lambda x: CosineTripletLoss(0.25, mining)(x, identities).value,
        lambda x: naive_triplets.triplet(x, identities, naive.negative_cosine, 0.25, mining)[0],
        embeddings,
    )


@pytest.mark.parametrize("mining", [*MININGS, "distance_weighted"])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_is_half_of_the_triplet_loss_with_twice_the_margin_bit_for_bit(mining, dtype):
    for seed in range(5):
        embeddings, identities = balanced(6, 4, 16, seed, dtype)
        embeddings[3] = embeddings[4]  # one image under two identities: a tie that rounding could break
        half, half_gradient = value_and_gradient(
            lambda x, y=identities: CosineTripletLoss(0.1, mining)(x, y).value, embeddings
        )
        whole, whole_gradient = value_and_gradient(
            lambda x, y=identities: TripletLoss(0.2, mining)(x, y).value, embeddings
        )
        assert whole > 0
        assert torch.equal(2 * half, whole)
        assert torch.equal(2 * half_gradient, whole_gradient)


def test_similarities_are_cosines():
    statistics = CosineTripletLoss()(torch.tensor([[2.0, 0.0], [3.0, 0.0], [-1.0, 0.0]]), torch.tensor([0, 0, 1]))[1]
    assert statistics["genuine_similarity"].item() == pytest.approx(1)
    assert statistics["impostor_similarity"].item() == pytest.approx(-1)


def test_refuses_in_its_own_name():
    with pytest.raises(ConfigurationError, match=r"^CosineTripletLoss needs margin to be a number above 0, not 0"):
        CosineTripletLoss(margin=0)
    with pytest.raises(ConfigurationError, match=r"^CosineTripletLoss does not know mining='easy'"):
        CosineTripletLoss(mining="easy")
