import pytest
import torch

from resemblance.errors import ConfigurationError
from resemblance.losses import RobustTripletLoss, TripletLoss
from tests.losses import naive, naive_triplets
from tests.losses.batches import assert_same, balanced


@pytest.mark.parametrize(
    ("progress", "weight"), [(0, 0), (0.39, 0), (0.4, 0), (0.5, 0.4), (0.55, 0.6), (0.6, 0.8), (1, 0.8)]
)
def test_batch_hard_takes_over_as_the_training_goes_on(progress, weight):
    embeddings, identities = balanced(5, 3, 8)
    loss = RobustTripletLoss(0.5, 0.3, hard_share=0.8, switch=0.4, ramp=0.2)
    loss.tell_progress(progress)
    semihard, hard = TripletLoss(0.5, "semihard"), TripletLoss(0.3, "hard")
    assert_same(
        lambda x: loss(x, identities).value,
        lambda x: (1 - weight) * semihard(x, identities).value + weight * hard(x, identities).value,
        embeddings,
    )
    shares = [part(embeddings, identities).statistics["active_share"].item() for part in (semihard, hard)]
    expected = (1 - weight) * shares[0] + weight * shares[1]
    assert loss(embeddings, identities).statistics["active_share"].item() == pytest.approx(expected)


@pytest.mark.parametrize(("progress", "hard"), [(0.29, False), (0.3, True)])
def test_without_a_ramp_it_switches_at_once_to_the_soft_margin(progress, hard):
    embeddings, identities = balanced(4, 3, 8)
    loss = RobustTripletLoss(0.5, "soft", hard_share=1, switch=0.3, ramp=0)
    loss.tell_progress(progress)

    def oracle(x):
        if hard:
            return naive_triplets.batch_hard(x, identities, naive.squared_l2, None)
        return naive_triplets.triplet(x, identities, naive.squared_l2, 0.5, "semihard")[0]

    assert_same(lambda x: loss(x, identities).value, oracle, embeddings)


def train(loss, steps=150):
    """The statistics at the end of a training whose classes overlap, so that the hardest triplets stay wrong."""
    torch.manual_seed(0)
    centers = torch.randn(24, 16)
    network = torch.nn.Sequential(torch.nn.Linear(16, 64), torch.nn.ReLU(), torch.nn.Linear(64, 8))
    optimizer = torch.optim.Adam(network.parameters(), lr=0.02)
    identities = torch.arange(24).repeat_interleave(4)
    for step in range(steps):
        loss.tell_progress(step / steps)
        images = centers[identities] + torch.randn(96, 16)
        value, statistics = loss(network(images), identities)
        optimizer.zero_grad()
        value.backward()
        optimizer.step()
    return statistics


def test_learns_where_plain_batch_hard_collapses():
    collapsed, learnt = train(TripletLoss(mining="hard")), train(RobustTripletLoss())
    assert collapsed["embedding_spread"] < 0.01
    assert learnt["embedding_spread"] > 0.5
    assert learnt["genuine_similarity"] > learnt["impostor_similarity"] + 0.3


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"margin": 0}, "margin to be a number above 0, not 0"),
        ({"hard_margin": "hinge"}, "hard_margin to be a number above 0, not 'hinge'"),
        ({"hard_share": 2}, "hard_share to be a number of at least 0 and of at most 1, not 2"),
        ({"switch": 1.1}, "switch to be a number of at least 0 and of at most 1, not 1.1"),
        ({"ramp": -0.1}, "ramp to be a number of at least 0 and of at most 1, not -0.1"),
    ],
)
def test_refuses_what_is_out_of_range(arguments, message):
    with pytest.raises(ConfigurationError, match=f"^RobustTripletLoss needs {message}"):
        RobustTripletLoss(**arguments)
