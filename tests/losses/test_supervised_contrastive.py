import math

import pytest
import torch
from hypothesis import given, settings

from resemblance.errors import ConfigurationError
from resemblance.losses import SupervisedContrastiveLoss
from tests.losses import naive
from tests.losses.batches import assert_same, balanced, generic, tied


@settings(max_examples=40, deadline=None)
@given(batch=generic() | tied())
def test_value_and_gradient_are_those_of_the_loops(batch):
    embeddings, identities = batch
    loss = SupervisedContrastiveLoss(0.2)
    assert_same(
        lambda x: loss(x, identities).value, lambda x: naive.supervised_contrastive(x, identities, 0.2), embeddings
    )


def test_with_two_images_an_identity_it_is_a_softmax_over_all_other_images():
    embeddings, identities = balanced(5, 2, 6)
    unit = torch.nn.functional.normalize(embeddings)
    logits = (unit @ unit.T / 0.1).fill_diagonal_(-torch.inf)
    partners = torch.arange(10) ^ 1
    expected = torch.nn.functional.cross_entropy(logits, partners)
    assert SupervisedContrastiveLoss()(embeddings, identities).value.item() == pytest.approx(expected.item())


def test_the_positives_stand_outside_the_logarithm():
    embeddings = torch.tensor([[1.0, 0.0], [0.8, 0.6], [0.0, 1.0], [-1.0, 0.0]], dtype=torch.float64)
    identities = torch.tensor([0, 0, 0, 1])
    sums = [math.exp(0.8) + math.exp(0) + math.exp(-1), math.exp(0.8) + math.exp(0.6) + math.exp(-0.8)]
    sums.append(math.exp(0) + math.exp(0.6) + math.exp(0))
    means = [(0.8 + 0) / 2, (0.8 + 0.6) / 2, (0 + 0.6) / 2]
    expected = sum(math.log(total) - positive for total, positive in zip(sums, means, strict=True)) / 3
    value = SupervisedContrastiveLoss(1.0)(embeddings, identities).value
    assert value.item() == pytest.approx(expected)


def test_active_anchors_are_those_whose_negatives_outweigh_their_positives():
    embeddings = torch.tensor([[1.0, 0.0], [0.8, 0.6], [0.0, 1.0], [0.1, 1.0]], dtype=torch.float64)
    statistics = SupervisedContrastiveLoss()(embeddings, torch.tensor([0, 0, 1, 0])).statistics
    assert statistics["active_share"].item() == pytest.approx(1 / 3)  # only the last, beside a stranger


def test_a_low_temperature_does_not_overflow():
    embeddings, identities = balanced(4, 2, 6, dtype=torch.float32)
    leaf = embeddings.requires_grad_()
    value = SupervisedContrastiveLoss(0.001)(leaf, identities).value
    value.backward()
    assert value.isfinite()
    assert leaf.grad.isfinite().all()


def test_refuses_a_temperature_of_zero():
    with pytest.raises(ConfigurationError, match="SupervisedContrastiveLoss needs temperature to be a number above 0"):
        SupervisedContrastiveLoss(0)
