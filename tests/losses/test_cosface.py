import math
import warnings

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn.functional import cross_entropy

from resemblance.errors import ConfigurationError
from resemblance.losses import CosFaceLoss
from resemblance.losses.classification import minimal_scale
from resemblance.losses.cosface import maximal_margin
from tests.losses import naive_classification as naive
from tests.losses.batches import assert_same, called, generic, random, tied


def cosface(weight, **parameters):
    loss = CosFaceLoss(*weight.shape, **parameters).to(weight.dtype)
    loss.weight.data.copy_(weight)
    return loss


@settings(max_examples=30, deadline=None)
@given(batch=generic() | tied(), scale=st.sampled_from((8.0, 16.0, 64.0)), margin=st.sampled_from((0.0, 0.35, 1.2)))
def test_value_and_gradients_are_those_of_the_formula(batch, scale, margin):
    embeddings, identities = batch
    weight = random(4, embeddings.shape[1])

    def ours(flat):
        loss = cosface(weight, scale=scale, margin=margin)
        return called(loss, flat[: len(embeddings)], identities, flat[len(embeddings) :])

    def theirs(flat):
        x, w = flat[: len(embeddings)], flat[len(embeddings) :]
        return naive.margin_softmax(
            x,
            identities,
            lambda image: [scale * cosine for cosine in naive.class_cosines(image, w)],
            lambda _, own: own - scale * margin,
        )

    assert_same(ours, theirs, torch.cat((embeddings, weight)), tolerance=1e-8)


def test_follows_from_a_plain_softmax_where_its_probability_is_not_near_one():
    weight, scale, margin = random(20, 8), 16.0, 0.35
    embeddings, identities = random(12, 8, seed=1), torch.arange(12)
    normalise = torch.nn.functional.normalize
    logits = scale * normalise(embeddings) @ normalise(weight).T
    plain = cross_entropy(logits, identities, reduction="none")
    # LSE' = LSE + log1p(−p_y·(1 − e^{−s·m})), and the target logit loses s·m.
    shifted = plain + torch.log1p(-torch.exp(-plain) * (1 - math.exp(-scale * margin))) + scale * margin
    value = cosface(weight, scale=scale, margin=margin)(embeddings, identities).value
    assert value.item() == pytest.approx(shifted.mean().item(), rel=1e-12)


@pytest.mark.parametrize("classes", [2, 10, 500])
@pytest.mark.parametrize("probability", [0.9, 0.99])
def test_a_perfect_embedding_reaches_the_probability_at_the_minimal_scale(classes, probability):
    # Class centres of a regular simplex, the best that C classes can do: all other cosines are −1/(C − 1).
    weight = torch.eye(classes, dtype=torch.float64) - 1 / classes
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        loss = cosface(weight, scale=minimal_scale(classes, probability), margin=0)
    assert math.exp(-loss(weight, torch.arange(classes)).value.item()) == pytest.approx(probability)


@pytest.mark.parametrize(
    ("classes", "bounds"), [(500, (8.4, 10.8, 13.1)), (10_575, (11.5, 13.9, 16.2)), (93_431, (13.6, 16.0, 18.4))]
)
def test_minimal_scale_has_the_known_figures(classes, bounds):
    for probability, bound in zip((0.9, 0.99, 0.999), bounds, strict=True):
        assert minimal_scale(classes, probability) == pytest.approx(bound, abs=0.051)


@pytest.mark.parametrize("direction", [1.0, -1.0])
@pytest.mark.parametrize("lean", [0.0, 1e-9, 1e-4])
def test_gradient_is_right_up_to_cosines_of_plus_and_minus_one(direction, lean):
    weight = random(3, 4)
    embeddings = direction * weight.clone()
    embeddings[:, 0] += lean
    identities = torch.arange(3)
    loss = cosface(weight, scale=8.0, margin=0.35)
    inputs = (embeddings.requires_grad_(), loss.weight.detach().clone().requires_grad_())
    assert torch.autograd.gradcheck(lambda x, w: called(loss, x, identities, w), inputs)


def test_target_gradient_is_that_of_the_loss_and_not_of_the_loss_without_margin():
    weight, cosine = torch.eye(2, dtype=torch.float64), 0.3
    x = torch.tensor([[cosine, math.sqrt(1 - cosine**2)]], dtype=torch.float64, requires_grad=True)
    loss = cosface(weight, scale=4.0, margin=0.35)
    loss(x, torch.tensor([0])).value.backward()
    rival = math.sqrt(1 - cosine**2)
    p = 1 / (1 + math.exp(4 * (rival - cosine + 0.35)))
    raw = torch.tensor([4 * (p - 1), 4 * (1 - p)], dtype=torch.float64)
    tangential = raw - (raw @ x[0].detach()) * x[0].detach()  # the sphere lets only this part through
    torch.testing.assert_close(x.grad[0], tangential)


def test_statistics_compare_images_with_identities():
    loss = cosface(torch.eye(2), scale=8.0, margin=0.35)
    embeddings = torch.tensor([[1.0, 0.0], [0.8, 0.6], [0.0, 1.0]])
    statistics = loss(embeddings, torch.tensor([0, 0, 1])).statistics
    assert statistics["genuine_similarity"].item() == pytest.approx((1 + 0.8 + 1) / 3)
    assert statistics["impostor_similarity"].item() == pytest.approx((0 + 0.6 + 0) / 3)
    assert statistics["active_share"].item() == pytest.approx(1 / 3)  # 0.8 − 0.35 < 0.6: right, yet not by the margin
    assert statistics["empty_batch"].item() == 0


def test_label_smoothing_is_the_cross_entropy_against_a_smoothed_target():
    weight, embeddings, identities = random(5, 4), random(3, 4, seed=2), torch.tensor([0, 4, 2])
    normalise = torch.nn.functional.normalize
    logits = 8 * (normalise(embeddings) @ normalise(weight).T - 0.2 * torch.eye(5)[identities])
    target = 0.9 * torch.eye(5, dtype=torch.float64)[identities] + 0.1 / 5
    value = cosface(weight, scale=8.0, margin=0.2, label_smoothing=0.1)(embeddings, identities).value
    assert value.item() == pytest.approx(-(target * logits.log_softmax(1)).sum(1).mean().item())


def test_autocast_and_half_precision_leave_the_class_weights_alone():
    loss = cosface(random(5, 4).float(), scale=8.0)
    embeddings, identities = random(3, 4, seed=2).bfloat16(), torch.tensor([0, 4, 2])
    with torch.autocast("cpu", dtype=torch.bfloat16):
        value = loss(embeddings, identities).value
    value.backward()
    assert value.dtype == loss.weight.dtype == loss.weight.grad.dtype == torch.float32
    half = cosface(random(5, 4).bfloat16(), scale=8.0)
    assert half(embeddings, identities).value.dtype == torch.float32


@pytest.mark.parametrize(("labels", "culprit"), [([0, 3], 3), ([-1, 2], -1)])
def test_refuses_labels_out_of_range(labels, culprit):
    with pytest.raises(
        ValueError, match=rf"num_identities=3, so labels run from 0 to 2, but the batch holds {culprit}"
    ):
        CosFaceLoss(3, 4)(torch.ones(2, 4), torch.tensor(labels))


def test_refuses_embeddings_of_another_size():
    with pytest.raises(ValueError, match="embedding_size=4 and received embeddings of size 5"):
        CosFaceLoss(3, 4)(torch.ones(2, 5), torch.tensor([0, 1]))


def test_refuses_embeddings_on_another_device():
    with pytest.raises(ValueError, match="CosFaceLoss is on meta and received embeddings on cpu"):
        CosFaceLoss(3, 4).to("meta")(torch.ones(2, 4), torch.tensor([0, 1]))


def test_warns_of_a_scale_below_the_bound_with_the_figure():
    with pytest.warns(UserWarning, match=r"scale=4 and 500 identities .* use a scale of at least 8\.4\.$"):
        CosFaceLoss(500, 8, scale=4.0)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        CosFaceLoss(500, 8, scale=8.5)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"scale": 0}, "scale to be a number above 0, not 0"),
        ({"margin": -0.1}, "margin to be a number of at least 0 and of at most 1.11111, not -0.1"),
        ({"margin": 1.2}, "margin to be a number of at least 0 and of at most 1.11111, not 1.2"),
        ({"label_smoothing": 1}, "label_smoothing to be a number of at least 0 and below 1, not 1"),
        ({"num_identities": 1}, "num_identities to be a whole number of at least 2, not 1"),
        ({"num_identities": 2.5}, "num_identities to be a whole number of at least 2, not 2.5"),
        ({"embedding_size": 0}, "embedding_size to be a whole number of at least 1, not 0"),
    ],
)
def test_refuses_parameters_out_of_range(parameters, message):
    with pytest.raises(ConfigurationError, match=f"^CosFaceLoss needs {message}"):
        CosFaceLoss(**({"num_identities": 10, "embedding_size": 4} | parameters))
    assert maximal_margin(10) == pytest.approx(1.1111, abs=1e-4)


def test_weight_is_a_parameter_that_moves_and_saves():
    loss = CosFaceLoss(3, 4)
    assert [name for name, _ in loss.named_parameters()] == ["weight"]
    restored = CosFaceLoss(3, 4)
    restored.load_state_dict(loss.state_dict())
    assert torch.equal(restored.weight, loss.weight)
