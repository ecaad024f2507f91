import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from resemblance.errors import ConfigurationError
from resemblance.losses import AdaFaceLoss
from tests.losses import naive_classification as naive
from tests.losses.batches import assert_same, balanced, generic, random


def adaface(mean=20.0, std=100.0, size=5, **parameters):
    loss = AdaFaceLoss(4, size, **{"scale": 16.0, **parameters}).double()
    loss.norm_mean.fill_(mean)
    loss.norm_std.fill_(std)
    return loss


def quality(norm, mean, std, h):
    return min(max((min(max(norm, 0.001), 100) - mean) / (std + 0.001) * h, -1), 1)


def target(cosine, z, margin):
    theta = cosine.acos() - margin * z
    if theta < 0:
        theta = theta * 0
    if theta > math.pi:
        theta = theta * 0 + math.pi
    return theta.cos() - margin * (1 + z)


@settings(max_examples=40, deadline=None)
@given(
    batch=generic(),
    margin=st.sampled_from((0.0, 0.4, 1.0)),
    h=st.sampled_from((0.333, 2.0)),
    label_smoothing=st.sampled_from((0.0, 0.1)),
)
def test_value_and_gradients_are_those_of_the_loops(batch, margin, h, label_smoothing):
    embeddings, identities = batch
    loss = adaface(2.2, 0.7, margin=margin, h=h, label_smoothing=label_smoothing).eval()
    qualities = [quality(norm, 2.2, 0.7, h) for norm in embeddings.norm(dim=1).tolist()]  # no gradient through these

    def ours(flat):
        weight = {"weight": flat[len(embeddings) :]}
        return torch.func.functional_call(loss, weight, (flat[: len(embeddings)], identities)).value

    def theirs(flat):
        return naive.margin_softmax(
            flat[: len(embeddings)],
            identities,
            lambda x: [16 * c for c in naive.class_cosines(x, flat[len(embeddings) :])],
            lambda i, own: 16 * target(own / 16, qualities[i], margin),
            label_smoothing,
        )

    assert_same(ours, theirs, torch.cat((embeddings, random(4, 5))), tolerance=1e-8)


@pytest.mark.parametrize(
    ("norm", "expected"),
    [
        (0.5, math.cos(1.0 + 0.4)),  # ẑ = −1: ArcFace
        (10.0, math.cos(1.0) - 0.4),  # ẑ = 0: CosFace
        (90.0, math.cos(1.0 - 0.4) - 0.8),  # ẑ = 1
    ],
)
def test_margin_by_quality(norm, expected):
    loss = adaface(10.0, 1.0, size=2, margin=0.4).eval()
    cosine, embedding = torch.tensor([math.cos(1.0)]), torch.tensor([[norm, 0.0]])
    assert loss.target_cosine(cosine, embedding).item() == pytest.approx(expected)


def test_running_means_move_towards_each_batch_before_the_margin_is_taken():
    loss = adaface(t_alpha=0.1)
    embeddings, identities = random(6, 5), torch.tensor([0, 1, 2, 3, 0, 1])
    embeddings[0] *= 1000 / embeddings[0].norm()
    embeddings[1] = 0
    norms = embeddings.norm(dim=1).clamp(0.001, 100)
    value = loss(embeddings, identities).value
    mean, std = 0.9 * 20 + 0.1 * norms.mean().item(), 0.9 * 100 + 0.1 * norms.std().item()
    assert loss.norm_mean.item() == pytest.approx(mean)
    assert loss.norm_std.item() == pytest.approx(std)
    still = adaface(mean, std).eval()
    still.weight.data.copy_(loss.weight)
    assert still(embeddings, identities).value.item() == pytest.approx(value.item())
    assert (still.norm_mean.item(), still.norm_std.item()) == pytest.approx((mean, std))


@pytest.mark.parametrize("case", ["one image", "not a number"])
def test_a_batch_without_a_deviation_leaves_the_running_means_alone(case):
    loss = adaface()
    embeddings = random(1 if case == "one image" else 3, 5)
    if case == "not a number":
        embeddings[0, 0] = torch.nan
    loss(embeddings, torch.arange(len(embeddings)))
    assert (loss.norm_mean.item(), loss.norm_std.item()) == (20, 100)


def test_running_means_are_saved_and_start_as_in_the_authors_code():
    torch.manual_seed(0)
    loss = AdaFaceLoss(50, 16)
    assert {"weight", "norm_mean", "norm_std"} == set(loss.state_dict())
    assert (loss.norm_mean.item(), loss.norm_std.item()) == (20, 100)
    torch.testing.assert_close(loss.weight.norm(dim=1), torch.ones(50))


def test_learns_where_cosines_are_beyond_those_that_the_authors_code_lets_through():
    loss = adaface(2.0, 1.0).eval()
    embeddings = loss.weight.detach().clone()
    embeddings[:, 0] += 1e-3
    embeddings.requires_grad_()
    loss(embeddings, torch.arange(4)).value.backward()
    assert embeddings.grad.isfinite().all()
    assert (embeddings.grad.norm(dim=1) > 0).all()


def test_half_precision_modules_compute_in_float32():
    embeddings, identities = balanced(4, 2, 5, dtype=torch.float32)
    loss = AdaFaceLoss(4, 5, scale=16.0).half()
    assert loss(embeddings, identities).value.dtype == torch.float32


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"margin": 1.5}, "margin to be a number of at least 0 and of at most 1, not 1.5"),
        ({"h": 0}, "h to be a number above 0, not 0"),
        ({"t_alpha": 0}, "t_alpha to be a number above 0 and of at most 1, not 0"),
    ],
)
def test_refuses_parameters_out_of_range(parameters, message):
    with pytest.raises(ConfigurationError, match=f"^AdaFaceLoss needs {message}"):
        AdaFaceLoss(10, 4, **parameters)
