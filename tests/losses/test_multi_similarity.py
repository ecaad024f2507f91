import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from resemblance.errors import ConfigurationError
from resemblance.losses import MultiSimilarityLoss
from tests.losses import naive
from tests.losses.batches import assert_same, balanced, generic, tied


@settings(max_examples=40, deadline=None)
@given(batch=generic() | tied(), epsilon=st.sampled_from([0.0, 0.1, 2.1]))
def test_value_gradient_and_mining_are_those_of_the_loops(batch, epsilon):
    embeddings, identities = batch
    loss = MultiSimilarityLoss(3.0, 20.0, 0.4, epsilon)

    def oracle(x):
        return naive.multi_similarity(x, identities, 3.0, 20.0, 0.4, epsilon)

    assert_same(lambda x: loss(x, identities).value, lambda x: oracle(x)[0], embeddings)
    share = loss(embeddings, identities).statistics["active_share"].item()
    assert share == pytest.approx(oracle(embeddings)[1])


def on_a_circle(*degrees):
    return torch.tensor([[math.cos(math.radians(d)), math.sin(math.radians(d))] for d in degrees]).double()


def test_by_hand():
    embeddings, identities = on_a_circle(0, 60, 90), torch.tensor([0, 0, 1])  # cosines 0.5, 0, and 0.866
    loss = MultiSimilarityLoss(2.0, 50.0, 0.5, 0.1)
    # 0: the negative at 0 is not within 0.1 of the positive at 0.5; 60°: both kinds are mined; 90°: no positive
    term = math.log(1 + math.exp(-2 * 0)) / 2 + math.log(1 + math.exp(50 * (math.sqrt(3) / 2 - 0.5))) / 50
    output = loss(embeddings, identities)
    assert output.value.item() == pytest.approx(term / 3)
    assert output.statistics["active_share"].item() == pytest.approx(2 / 6)


def test_duplicates_are_pairs_like_others():
    # The authors' code takes every cosine above 1 − 1e-5 for the image itself.
    embeddings, identities = on_a_circle(0, 0, 20), torch.tensor([0, 0, 1])
    mined = MultiSimilarityLoss()(embeddings, identities).statistics["active_share"].item()
    assert mined == pytest.approx(4 / 6)


def test_well_separated_identities_are_left_alone():
    embeddings, identities = on_a_circle(0, 5, 180, 185), torch.tensor([0, 0, 1, 1])
    output = MultiSimilarityLoss()(embeddings, identities)
    assert output.value.item() == 0
    assert output.statistics["empty_batch"].item() == 0


def test_a_large_epsilon_mines_every_pair():
    embeddings, identities = balanced(4, 3, 6)
    assert MultiSimilarityLoss(epsilon=2.1)(embeddings, identities).statistics["active_share"].item() == 1


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"positive_scale": 0}, "needs positive_scale to be a number above 0, not 0."),
        ({"negative_scale": -1}, "needs negative_scale to be a number above 0, not -1."),
        ({"threshold": 1.5}, "needs threshold to be a number of at least -1 and of at most 1, not 1.5."),
        ({"epsilon": -0.1}, "needs epsilon to be a number of at least 0, not -0.1."),
    ],
)
def test_refuses_what_can_not_work(parameters, message):
    with pytest.raises(ConfigurationError) as refusal:
        MultiSimilarityLoss(**parameters)
    assert str(refusal.value) == f"MultiSimilarityLoss {message}"
