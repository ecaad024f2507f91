import math

import pytest
import torch
from hypothesis import given, settings

from resemblance.errors import ConfigurationError
from resemblance.losses import SiameseL1Loss
from tests.losses import naive
from tests.losses.batches import assert_same, balanced, generic, tied


def made(size, bias=True, seed=0):
    torch.manual_seed(seed)
    loss = SiameseL1Loss(size, bias).double()
    with torch.no_grad():
        loss.similarity.weight[::2] *= -3  # signs of both kinds, as learning may bring about
    return loss


@settings(max_examples=30, deadline=None)
@given(batch=generic() | tied())
def test_value_and_gradient_are_those_of_the_loops(batch):
    embeddings, identities = batch
    loss = made(embeddings.shape[1])
    weight, offset = loss.similarity.weight, loss.similarity.offset
    assert_same(
        lambda x: loss(x, identities).value,
        lambda x: naive.siamese_l1(x, identities, weight, offset) + 0 * x.sum(),
        embeddings,
    )


def test_the_weights_are_trained_with_the_gradient_of_the_loops():
    embeddings, identities = balanced(4, 3, 6)
    loss = made(6)
    ours = torch.autograd.grad(loss(embeddings, identities).value, loss.parameters())
    value = naive.siamese_l1(embeddings, identities, loss.similarity.weight, loss.similarity.offset)
    for found, expected in zip(ours, torch.autograd.grad(value, loss.parameters()), strict=True):
        torch.testing.assert_close(found, expected)


def test_as_printed_identical_images_are_one_person_with_probability_one_half():
    loss = SiameseL1Loss(6, bias=False)
    assert loss.similarity.offset is None
    twice = torch.randn(1, 6).repeat(2, 1)
    assert loss(twice, torch.tensor([3, 3])).value.item() == pytest.approx(math.log(2) / 2)
    assert SiameseL1Loss(6).similarity(twice, twice)[0, 1].sigmoid().item() > 0.6


def test_before_training_it_is_a_distance():
    similarity = SiameseL1Loss(128).similarity
    assert (similarity.weight < 0).all()
    assert 0.17 < similarity.weight.square().mean().sqrt() < 0.23


def test_what_is_trained_is_what_judges():
    embeddings, identities = balanced(8, 2, 6, dtype=torch.float32)
    torch.manual_seed(0)
    loss = SiameseL1Loss(6)
    before = loss.similarity(embeddings, embeddings)
    optimizer = torch.optim.SGD(loss.parameters(), lr=1.0)
    loss(embeddings, identities).value.backward()
    optimizer.step()
    assert not torch.allclose(loss.similarity(embeddings, embeddings), before)
    assert set(loss.state_dict()) == {"similarity.weight", "similarity.offset"}


def test_pairs_of_both_kinds_weigh_the_same_however_many_there_are():
    embeddings, identities = balanced(16, 2, 6)
    loss = made(6)
    logits = loss.similarity(embeddings, embeddings)
    same = identities[:, None] == identities[None, :]
    genuine = same & ~torch.eye(32, dtype=torch.bool)
    expected = (-logits[genuine].sigmoid().log().mean() - (1 - logits[~same].sigmoid()).log().mean()) / 2
    output = loss(embeddings, identities)
    assert output.value.item() == pytest.approx(expected.item())
    wrong = ((logits < 0) & genuine).sum() + ((logits > 0) & ~same).sum()
    assert output.statistics["active_share"].item() == pytest.approx(wrong.item() / (32 * 31))


def test_refuses_what_can_not_work():
    with pytest.raises(ConfigurationError, match="needs embedding_size to be a whole number of at least 1, not 0"):
        SiameseL1Loss(0)
    with pytest.raises(ValueError, match="built with embedding_size=6 and received embeddings of size 5"):
        SiameseL1Loss(6)(torch.ones(2, 5), torch.tensor([0, 1]))
    with pytest.raises(ValueError, match="SiameseL1Loss is on meta and received embeddings on cpu"):
        SiameseL1Loss(6).to("meta")(torch.ones(2, 6), torch.tensor([0, 1]))
