import math

import pytest
import torch
from hypothesis import given, settings

from resemblance.errors import ConfigurationError
from resemblance.losses import CircleLoss
from resemblance.losses.sphere import to_unit_sphere
from tests.losses import naive
from tests.losses.batches import assert_same, balanced, generic, tied, value_and_gradient


@settings(max_examples=40, deadline=None)
@given(batch=generic() | tied())
def test_value_and_gradient_are_those_of_the_loops(batch):
    embeddings, identities = batch
    loss = CircleLoss(8.0, 0.3)  # the loops overflow with the paper's scale
    assert_same(lambda x: loss(x, identities).value, lambda x: naive.circle(x, identities, 8.0, 0.3), embeddings)


@pytest.mark.parametrize("scale", [16.0, 256.0])
def test_gradient_with_frozen_weights_by_finite_differences(scale):
    embeddings, identities = balanced(3, 3, 5, seed=1)
    margin = 0.25
    same = identities[:, None] == identities[None, :]
    genuine = same & ~torch.eye(9, dtype=torch.bool)
    now = to_unit_sphere(embeddings) @ to_unit_sphere(embeddings).T
    pull, push = (1 + margin - now).clamp_min(0), (now + margin).clamp_min(0)

    def frozen(x):
        cosines = to_unit_sphere(x) @ to_unit_sphere(x).T
        positives = (-scale * pull * (cosines - 1 + margin)).masked_fill(~genuine, -torch.inf)
        negatives = (scale * push * (cosines - margin)).masked_fill(same, -torch.inf)
        return torch.logaddexp(positives.logsumexp(1) + negatives.logsumexp(1), torch.zeros(9).double()).mean()

    value, gradient = value_and_gradient(lambda x: CircleLoss(scale, margin)(x, identities).value, embeddings)
    assert torch.autograd.gradcheck(frozen, embeddings.clone().requires_grad_())
    expected, numerical = value_and_gradient(frozen, embeddings)
    torch.testing.assert_close(value, expected)
    torch.testing.assert_close(gradient, numerical)


def test_by_hand():
    # cos(a, p) = 0.8, cos(a, n) = 0.6, and so on round the triangle
    embeddings = torch.tensor([[1.0, 0, 0], [0.8, 0.6, 0], [0.6, 0, 0.8]], dtype=torch.float64)
    margin, scale = 0.25, 10.0

    def term(positive, negative):
        pull = -scale * max(0, 1 + margin - positive) * (positive - 1 + margin)
        push = scale * max(0, negative + margin) * (negative - margin)
        return math.log(1 + math.exp(pull + push))

    value = CircleLoss(scale, margin)(embeddings, torch.tensor([0, 0, 1])).value
    assert value.item() == pytest.approx((term(0.8, 0.6) + term(0.8, 0.48)) / 2)


def test_a_pair_far_from_its_place_is_pulled_the_harder():
    embeddings = torch.tensor([[1.0, 0.0], [0.8, 0.6], [0.0, 1.0]], dtype=torch.float64)
    far = torch.tensor([[1.0, 0.0], [0.28, 0.96], [0.0, 1.0]], dtype=torch.float64)
    identities = torch.tensor([0, 0, 1])
    near_gradient, far_gradient = (
        value_and_gradient(lambda x: CircleLoss(2.0)(x, identities).value, x)[1][0].norm() for x in (embeddings, far)
    )
    assert far_gradient > near_gradient


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"scale": 0}, "needs scale to be a number above 0, not 0."),
        ({"margin": 1}, "needs margin to be a number above 0 and below 1, not 1."),
    ],
)
def test_refuses_what_can_not_work(parameters, message):
    with pytest.raises(ConfigurationError) as refusal:
        CircleLoss(**parameters)
    assert str(refusal.value) == f"CircleLoss {message}"
