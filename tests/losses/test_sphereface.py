import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from resemblance.errors import ConfigurationError
from resemblance.losses import SphereFaceLoss
from tests.losses import naive_classification as naive
from tests.losses.batches import assert_same, called, generic, random


@settings(max_examples=40, deadline=None)
@given(
    batch=generic(),
    scale=st.sampled_from((None, 16.0)),
    margin=st.sampled_from((1.0, 1.35, 4.0)),
    mixed=st.sampled_from((0.0, 5.0)),
    label_smoothing=st.sampled_from((0.0, 0.1)),
)
def test_value_and_gradients_are_those_of_the_loops(batch, scale, margin, mixed, label_smoothing):
    embeddings, identities = batch
    loss = SphereFaceLoss(4, 5, scale, margin, lambda_start=mixed, lambda_end=mixed, label_smoothing=label_smoothing)

    def ours(flat):
        return called(loss, flat[: len(embeddings)], identities, flat[len(embeddings) :])

    def theirs(flat):
        x, weight = flat[: len(embeddings)], flat[len(embeddings) :]

        def length(x):
            return (x * x).sum().sqrt() if scale is None else scale

        return naive.margin_softmax(
            x,
            identities,
            lambda x: [length(x) * c for c in naive.class_cosines(x, weight)],
            lambda i, own: length(x[i]) * naive.sphereface_target(own / length(x[i]), margin, mixed),
            label_smoothing,
        )

    assert_same(ours, theirs, torch.cat((embeddings, random(4, 5))), tolerance=1e-8)


def psi(theta, margin):
    cosines = torch.as_tensor(theta, dtype=torch.float64).cos()
    loss = SphereFaceLoss(10, 4, scale=16.0, margin=margin, lambda_start=0.0, lambda_end=0.0)
    return loss.target(16 * cosines, cosines[:, None]) / 16


@pytest.mark.parametrize("margin", [1.35, 4.0])
def test_psi_falls_without_a_jump(margin):
    values = psi(torch.linspace(0, math.pi, 4001, dtype=torch.float64), margin)
    steps = values.diff()
    assert (steps <= 0).all()
    assert steps.abs().max() < 1.1 * margin * math.pi / 4000
    assert values[0].item() == pytest.approx(1)


def test_psi_of_the_paper_at_the_ends_of_its_pieces():
    assert psi([k * math.pi / 4 + 1e-9 for k in range(4)], 4.0).tolist() == pytest.approx([1, -1, -3, -5], abs=1e-6)


@pytest.mark.parametrize(
    ("progress", "expected"), [(0.0, 1000), (100 / 28_000, 1000 / 13), (1000 / 28_000, 1000 / 121), (0.1, 5), (1.0, 5)]
)
def test_lambda_follows_the_schedule_of_the_authors_code(progress, expected):
    loss = SphereFaceLoss(10, 4)
    loss.progress = progress
    cosine = torch.tensor([0.3], dtype=torch.float64)
    embedding = torch.tensor([[1.0, 0, 0, 0]], dtype=torch.float64)
    target = loss.target(cosine, embedding).item()
    # (λ·cosθ + ψ)/(1 + λ), solved for λ
    assert (psi([math.acos(0.3)], 4.0).item() - target) / (target - 0.3) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("margin", "direction", "lean"),
    [(margin, direction, lean) for margin in (1.35, 4.0) for direction in (1.0, -1.0) for lean in (1e-3, 1e-2)]
    + [(1.35, 1.0, 0.0), (4.0, 1.0, 0.0), (4.0, -1.0, 0.0)],  # unless m is a whole number, ψ has a tip at π
)
def test_gradient_is_right_up_to_cosines_of_plus_and_minus_one(margin, direction, lean):
    loss, weight, identities = SphereFaceLoss(3, 4, margin=margin, lambda_start=5.0), random(3, 4), torch.arange(3)
    embeddings = direction * weight / weight.norm(dim=1, keepdim=True)
    embeddings[:, 0] += lean
    inputs = (embeddings.requires_grad_(), weight.requires_grad_())
    assert torch.autograd.gradcheck(lambda x, w: called(loss, x, identities, w), inputs)


def test_weights_begin_as_in_the_authors_code():
    torch.manual_seed(0)
    weight = SphereFaceLoss(500, 48).weight
    assert 0.245 < weight.abs().max().item() <= 0.25
    assert weight.std().item() == pytest.approx(0.25 / math.sqrt(3), rel=0.02)


def test_warns_of_a_fixed_scale_below_the_bound_only():
    with pytest.warns(UserWarning, match=r"^SphereFaceLoss with scale=4 and 500 identities .* at least 8\.4\.$"):
        SphereFaceLoss(500, 8, scale=4.0)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"scale": 0}, "scale to be a number above 0, not 0"),
        ({"margin": 0.5}, "margin to be a number of at least 1, not 0.5"),
        ({"lambda_start": -1}, "lambda_start to be a number of at least 0, not -1"),
        ({"lambda_start": 2.0, "lambda_end": 5.0}, "lambda_end to be a number of at least 0 and of at most 2, not 5"),
        ({"lambda_decay": -1}, "lambda_decay to be a number of at least 0, not -1"),
    ],
)
def test_refuses_parameters_out_of_range(parameters, message):
    with pytest.raises(ConfigurationError, match=f"^SphereFaceLoss needs {message}"):
        SphereFaceLoss(10, 4, **parameters)
