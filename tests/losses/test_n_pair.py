import doctest
import math

import pytest
import torch
from hypothesis import given, settings

from resemblance.errors import ConfigurationError
from resemblance.losses import AngularLoss, NPairAngularLoss, NPairLoss, n_pair
from tests.losses import naive
from tests.losses.batches import assert_same, balanced, compositions, generic, tied


@settings(max_examples=40, deadline=None)
@given(batch=generic() | tied())
def test_value_and_gradient_are_those_of_the_loops(batch):
    embeddings, identities = batch
    loss = NPairLoss(0.3)
    assert_same(lambda x: loss(x, identities).value, lambda x: naive.n_pair(x, identities, 0.3), embeddings)


@settings(max_examples=40, deadline=None)
@given(batch=generic())
def test_with_the_angular_loss_beside_it(batch):
    embeddings, identities = batch
    loss = NPairAngularLoss(1.5, 40, 0.3)
    assert_same(
        lambda x: loss(x, identities).value,
        lambda x: naive.n_pair(x, identities, 0.3) + 1.5 * naive.angular(x, identities, 40),
        embeddings,
    )


def test_the_paper_s_batch_is_a_softmax_over_the_positives():
    embeddings, identities = balanced(7, 2, 5)
    anchors, positives = embeddings[::2], embeddings[1::2]
    expected = torch.nn.functional.cross_entropy(anchors @ positives.T, torch.arange(7))
    assert NPairLoss(0)(embeddings, identities).value.item() == pytest.approx(expected.item())
    penalty = 0.5 / 2 * embeddings.square().sum(1).mean()
    assert NPairLoss(0.5)(embeddings, identities).value.item() == pytest.approx((expected + penalty).item())


def test_an_anchor_s_own_identity_is_never_its_negative():
    one, two = torch.tensor([1.0, 0.0]), torch.tensor([0.0, 1.0])
    embeddings, identities = torch.stack((one, one, 9 * one, 9 * one, two, two)), torch.tensor([0, 0, 0, 0, 1, 1])
    terms = [math.log(1 + math.exp(-1)), math.log(1 + math.exp(-81)), math.log(1 + 2 * math.exp(-1))]
    assert NPairLoss(0)(embeddings, identities).value.item() == pytest.approx(sum(terms) / 3)


@given(compositions)
def test_images_are_paired_two_and_two_in_the_order_of_the_batch(labels):
    identities = torch.tensor(labels)
    pairs = set(zip(*(rows.tolist() for rows in n_pair.pair_up(identities)), strict=True))
    expected = set()
    for label in set(labels):
        rows = [row for row, other in enumerate(labels) if other == label]
        expected |= set(zip(rows[::2], rows[1::2], strict=False))
    assert pairs == expected


def test_long_embeddings_do_not_overflow():
    embeddings, identities = balanced(4, 2, 5, dtype=torch.float32)
    leaf = (100 * embeddings).requires_grad_()
    value = NPairLoss()(leaf, identities).value
    value.backward()
    assert value.isfinite()
    assert leaf.grad.isfinite().all()


def test_a_small_loss_keeps_its_digits():
    embeddings, identities = 5 * torch.eye(3).repeat_interleave(2, 0), torch.tensor([0, 0, 1, 1, 2, 2])
    value = NPairLoss(0)(embeddings, identities).value
    assert value.item() == pytest.approx(2 * math.exp(-25), rel=1e-5, abs=0)


def test_one_identity_is_not_pulled_to_the_origin():
    embeddings = torch.randn(4, 3, requires_grad=True)
    NPairLoss(1.0)(embeddings, torch.zeros(4, dtype=torch.int64)).value.backward()
    assert embeddings.grad.abs().max() == 0


def test_the_angular_part_does_not_see_the_lengths():
    embeddings, identities = balanced(4, 2, 5)
    parts = NPairLoss()(3 * embeddings, identities).value + 2 * AngularLoss()(embeddings, identities).value
    assert NPairAngularLoss()(3 * embeddings, identities).value.item() == pytest.approx(parts.item())


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: NPairLoss(-1), "NPairLoss needs norm_penalty to be a number of at least 0, not -1."),
        (lambda: NPairAngularLoss(-1), "NPairAngularLoss needs angular_weight to be a number of at least 0, not -1."),
        (lambda: NPairAngularLoss(angle_degrees=80), "angle_degrees to be a number above 0 and of at most 60, not 80."),
    ],
)
def test_refuses_what_can_not_work(make, message):
    with pytest.raises(ConfigurationError, match=message):
        make()


def test_examples():
    outcome = doctest.testmod(n_pair)
    assert outcome.attempted == 2
    assert outcome.failed == 0
