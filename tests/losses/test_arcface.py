import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from resemblance.errors import ConfigurationError
from resemblance.losses import ArcFaceLoss, SubCenterArcFaceLoss
from tests.losses import naive_classification as naive
from tests.losses.batches import assert_same, called, generic, random


@settings(max_examples=40, deadline=None)
@given(
    batch=generic(),
    sub_centres=st.sampled_from((1, 3)),
    margin=st.sampled_from((0.0, 0.5, 1.5)),
    easy_margin=st.booleans(),
    label_smoothing=st.sampled_from((0.0, 0.1)),
)
def test_value_and_gradients_are_those_of_the_loops(batch, sub_centres, margin, easy_margin, label_smoothing):
    embeddings, identities = batch
    size = embeddings.shape[1]
    loss = SubCenterArcFaceLoss(4, size, 16.0, margin, sub_centres, easy_margin, label_smoothing)
    shape = loss.weight.shape

    def split(flat):
        return flat[: len(embeddings)], flat[len(embeddings) :].view(shape)

    def ours(flat):
        x, weight = split(flat)
        return called(loss, x, identities, weight)

    def theirs(flat):
        x, weight = split(flat)
        return naive.margin_softmax(
            x,
            identities,
            lambda x: [16 * c for c in naive.class_cosines(x, weight)],
            lambda i, own: 16 * naive.arcface_target(own / 16, margin, easy_margin),
            label_smoothing,
        )

    assert_same(ours, theirs, torch.cat((embeddings, random(4 * sub_centres, size))), tolerance=1e-8)


def test_one_sub_centre_is_arcface():
    plain, single = ArcFaceLoss(5, 4).double(), SubCenterArcFaceLoss(5, 4, sub_centres=1).double()
    single.load_state_dict(plain.state_dict())
    embeddings, identities = random(6, 4), torch.tensor([0, 1, 2, 3, 4, 0])
    assert plain(embeddings, identities).value.item() == single(embeddings, identities).value.item()


def test_gradient_of_the_target_logit_includes_that_of_the_margin():
    cosine = torch.tensor([0.3], dtype=torch.float64, requires_grad=True)
    loss = ArcFaceLoss(500, 8, scale=64.0, margin=0.5)
    (gradient,) = torch.autograd.grad(loss.target(64 * cosine, cosine[:, None]).sum(), cosine)
    # s·sin(θ + m)/sinθ; a margin applied without gradient gives 64.0.
    theta = math.acos(0.3)
    assert gradient.item() == pytest.approx(64 * math.sin(theta + 0.5) / math.sin(theta))
    assert round(gradient.item(), 1) == 65.8


@pytest.mark.parametrize("loss_class", [ArcFaceLoss, SubCenterArcFaceLoss])
@pytest.mark.parametrize("direction", [1.0, -1.0])
@pytest.mark.parametrize("lean", [1e-3, 1e-2])
def test_gradient_is_right_near_cosines_of_plus_and_minus_one(loss_class, direction, lean):
    loss, identities = loss_class(3, 4, scale=8.0).double(), torch.arange(3)
    weight = random(*loss.weight.shape)
    centre = weight if weight.ndim == 2 else weight[:, 0]
    embeddings = direction * centre / centre.norm(dim=1, keepdim=True)
    embeddings[:, 0] += lean
    inputs = (embeddings.requires_grad_(), weight.requires_grad_())
    assert torch.autograd.gradcheck(lambda x, w: called(loss, x, identities, w), inputs)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("direction", [1.0, -1.0])
@pytest.mark.parametrize("lean", [0.0, 1e-12, 1e-8, 1e-4])
def test_gradient_stays_finite_up_to_cosines_of_plus_and_minus_one(direction, lean, dtype):
    loss, weight = ArcFaceLoss(50, 4).to(dtype), random(50, 4).to(dtype)
    weight = weight / weight.norm(dim=1, keepdim=True)
    embeddings = direction * weight
    embeddings[:, 0] += lean
    embeddings.requires_grad_()
    weight.requires_grad_()
    value = called(loss, embeddings, torch.arange(50), weight)
    # Lengths are 1, so that no gradient exceeds what the rivals and the target can pull.
    for gradient in torch.autograd.grad(value, (embeddings, weight)):
        assert gradient.isfinite().all()
        assert gradient.norm(dim=1).max() <= 2 * 64


def target(theta, **parameters):
    cosines = torch.as_tensor(theta, dtype=torch.float64).cos()
    return ArcFaceLoss(500, 8, **parameters).target_cosine(cosines, cosines[:, None])


def test_beyond_pi_minus_m_the_target_goes_on_falling():
    theta = torch.linspace(0, math.pi, 2001, dtype=torch.float64)
    logits = target(theta, margin=0.5)
    assert (logits.diff() < 0).all()
    before, after = target([math.pi - 0.5 - 1e-9, math.pi - 0.5 + 1e-9], margin=0.5).tolist()
    assert before - after == pytest.approx(math.cos(0.5) + 0.5 * math.sin(0.5) - 1, abs=1e-6)


def test_easy_margin_leaves_images_beyond_a_right_angle_alone():
    near, far = math.radians(80), math.radians(100)
    logits = target([near, far], margin=0.5, easy_margin=True).tolist()
    assert logits == pytest.approx([math.cos(near + 0.5), math.cos(far)])


def test_weights_begin_as_in_the_authors_code():
    torch.manual_seed(0)
    assert ArcFaceLoss(500, 64).weight.std().item() == pytest.approx(0.01, rel=0.02)
    weight = SubCenterArcFaceLoss(500, 64).weight
    assert weight.shape == (500, 3, 64)
    assert weight.std().item() == pytest.approx(0.01, rel=0.02)


@pytest.mark.parametrize("loss_class", [ArcFaceLoss, SubCenterArcFaceLoss])
@pytest.mark.parametrize("margin", [-0.1, 1.6])
def test_refuses_a_margin_out_of_range(loss_class, margin):
    name = loss_class.__name__
    with pytest.raises(ConfigurationError, match=rf"^{name} needs margin .* of at least 0 and of at most 1\.5708, not"):
        loss_class(10, 4, margin=margin)


@pytest.mark.parametrize("sub_centres", [0, 2.5])
def test_refuses_no_sub_centre_and_half_a_one(sub_centres):
    message = f"SubCenterArcFaceLoss needs sub_centres to be a whole number of at least 1, not {sub_centres}"
    with pytest.raises(ConfigurationError, match=message):
        SubCenterArcFaceLoss(10, 4, sub_centres=sub_centres)
