import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn.functional import cross_entropy, linear

from resemblance.losses import CosFaceLoss, NormalizedSoftmaxLoss, SoftmaxLoss
from tests.losses import naive_classification as naive
from tests.losses.batches import assert_same, called, generic, random


@settings(max_examples=30, deadline=None)
@given(batch=generic(), label_smoothing=st.sampled_from((0.0, 0.1)))
def test_softmax_is_that_of_the_loops(batch, label_smoothing):
    embeddings, identities = batch
    loss, images = SoftmaxLoss(4, 5, label_smoothing), len(embeddings)
    flat = torch.cat((embeddings, random(4, 5), random(1, 5, seed=1)))

    def split(flat):
        return flat[:images], flat[images:-1], flat[-1, :4]

    def ours(flat):
        x, weight, bias = split(flat)
        return torch.func.functional_call(loss, {"weight": weight, "bias": bias}, (x, identities)).value

    def loops(flat):
        x, weight, bias = split(flat)
        return naive.margin_softmax(
            x,
            identities,
            lambda x: [(x * w).sum() + b for w, b in zip(weight, bias, strict=True)],
            lambda i, own: own,
            label_smoothing,
        )

    def library(flat):
        x, weight, bias = split(flat)
        return cross_entropy(linear(x, weight, bias), identities, label_smoothing=label_smoothing)

    assert_same(ours, loops, flat)
    assert_same(ours, library, flat)


@settings(max_examples=30, deadline=None)
@given(batch=generic(), label_smoothing=st.sampled_from((0.0, 0.1)))
def test_normalised_softmax_is_that_of_the_loops(batch, label_smoothing):
    embeddings, identities = batch
    loss, images = NormalizedSoftmaxLoss(4, 5, 20.0, label_smoothing), len(embeddings)

    def ours(flat):
        return called(loss, flat[:images], identities, flat[images:])

    def loops(flat):
        return naive.margin_softmax(
            flat[:images],
            identities,
            lambda x: [20 * c for c in naive.class_cosines(x, flat[images:])],
            lambda i, own: own,
            label_smoothing,
        )

    assert_same(ours, loops, torch.cat((embeddings, random(4, 5))))


def test_normalised_softmax_is_cosface_without_margin():
    loss, other = NormalizedSoftmaxLoss(5, 4), CosFaceLoss(5, 4, scale=20.0, margin=0.0)
    other.load_state_dict(loss.state_dict())
    embeddings, identities = random(3, 4).float(), torch.tensor([0, 4, 2])
    assert loss(embeddings, identities).value.item() == other(embeddings, identities).value.item()


def test_statistics_of_the_plain_softmax_are_cosines_too():
    loss = SoftmaxLoss(2, 2)
    loss.weight.data.copy_(torch.tensor([[3.0, 0.0], [0.0, 5.0]]))
    loss.bias.data.copy_(torch.tensor([0.0, 100.0]))
    statistics = loss(torch.tensor([[8.0, 6.0], [0.0, 0.1]]), torch.tensor([0, 1])).statistics
    assert statistics["genuine_similarity"].item() == pytest.approx((0.8 + 1) / 2)
    assert statistics["impostor_similarity"].item() == pytest.approx((0.6 + 0) / 2)
    assert statistics["similarity_deviation"].item() == pytest.approx(
        torch.tensor([0.8, 0.6, 0.0, 1.0]).std(correction=0).item(), rel=1e-5
    )
    assert statistics["active_share"].item() == 0.5  # the bias lets the second class win the first image


def test_weights_begin_as_in_the_sources():
    torch.manual_seed(0)
    lengths = NormalizedSoftmaxLoss(50, 16).weight.norm(dim=1)
    torch.testing.assert_close(lengths, torch.ones(50))
    plain = SoftmaxLoss(500, 16)
    for parameter in plain.parameters():
        assert 0.24 < parameter.abs().max().item() <= 0.25
    assert [name for name, _ in plain.named_parameters()] == ["weight", "bias"]
