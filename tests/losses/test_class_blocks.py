import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from resemblance.losses import class_blocks
from resemblance.losses.class_blocks import class_logits
from resemblance.losses.sphere import to_unit_sphere
from tests.losses.batches import random
from tests.losses.dense_classes import dense, gradients


@st.composite
def problems(draw):
    images, classes, size = draw(st.integers(1, 6)), draw(st.integers(2, 9)), draw(st.integers(1, 4))
    centres = draw(st.integers(1, 3))
    seed = draw(st.integers(0, 2**20))
    identities = torch.tensor(draw(st.lists(st.integers(0, classes - 1), min_size=images, max_size=images)))
    weight = random(classes, *((centres,) if centres > 1 else ()), size, seed=seed)
    if draw(st.booleans()) and centres == 1:
        weight[draw(st.integers(0, classes - 1))] = 0
    bias = random(classes, seed=seed + 1) if draw(st.booleans()) else None
    x = draw(st.sampled_from((1.0, 64.0))) * random(images, size, seed=seed + 2)
    return x, identities, weight, bias, centres > 1 or draw(st.booleans())


@settings(max_examples=150, deadline=None)
@given(problem=problems(), block_size=st.integers(1, 10))
def test_values_and_gradients_are_those_of_the_whole_matrix(problem, block_size):
    x, identities, weight, bias, normalized = problem
    inputs = [leaf.requires_grad_() for leaf in (x, weight, bias) if leaf is not None]
    ours = class_logits(x, identities, weight, bias, normalized=normalized, block_size=block_size)
    theirs = dense(x, identities, weight, bias, normalized)
    for output, expected in zip(ours[:4], theirs, strict=True):
        torch.testing.assert_close(output, expected, rtol=1e-11, atol=1e-11)
    for gradient, expected in zip(gradients(ours[:3], inputs), gradients(theirs[:3], inputs), strict=True):
        torch.testing.assert_close(gradient, expected, rtol=1e-9, atol=1e-9)
    assert not ours.best_rival.requires_grad


@settings(max_examples=40, deadline=None)
@given(problem=problems(), block_size=st.integers(1, 10))
def test_projections_are_cosines_whatever_the_logits_are(problem, block_size):
    x, identities, weight, bias, normalized = problem
    found = class_logits(x, identities, weight, bias, normalized=normalized, block_size=block_size).projections
    own, _, total, _ = dense(x, identities, weight)
    torch.testing.assert_close(found.own, own)
    torch.testing.assert_close(found.sum, total)
    values = torch.stack([dense(x, torch.full_like(identities, j), weight)[0] for j in range(len(weight))])
    torch.testing.assert_close(found.squares, values.square().sum(0))


@pytest.mark.parametrize("block_size", [2, 7])
@pytest.mark.parametrize(("sub_centres", "normalized"), [(1, True), (1, False), (3, True)])
def test_gradient_by_finite_differences(block_size, sub_centres, normalized):
    identities = torch.tensor([0, 4, 4])
    shape = (7, 2) if sub_centres == 1 else (7, sub_centres, 2)
    inputs = [leaf.requires_grad_() for leaf in (random(3, 2), random(*shape, seed=1), random(7, seed=2))]

    def outputs(x, weight, bias):
        return class_logits(x, identities, weight, bias, normalized=normalized, block_size=block_size)[:3]

    assert torch.autograd.gradcheck(outputs, inputs)


@pytest.mark.parametrize("block_size", [1, 3, 100])
def test_no_logit_is_too_low_or_too_high_for_the_running_maximum(block_size):
    # All rivals opposite: e^(−64 − 64) would be zero in float32 after a shift by the largest possible logit.
    weight = -torch.eye(2).expand(20, 2, 2)[:, 0].clone() + 1e-3 * random(20, 2, dtype=torch.float32)
    x, identities = torch.tensor([[64.0, 0.0]]).requires_grad_(), torch.tensor([0])
    rivals = class_logits(x, identities, weight, block_size=block_size).rivals
    assert rivals.item() == pytest.approx(-64 + math.log(19), abs=1e-2)
    (gradient,) = torch.autograd.grad(rivals.sum(), x)
    torch.testing.assert_close(gradient, torch.tensor([[-1.0, 0.0]]), rtol=0, atol=1e-2)
    # Nothing normalised: logits from −3,000 to 3,000, in rising and in falling order.
    weight = torch.linspace(-3000, 3000, 21)[:, None]
    for order in (weight, weight.flip(0)):
        x = torch.ones(1, 1, requires_grad=True)
        rivals = class_logits(x, torch.tensor([4]), order, normalized=False, block_size=block_size).rivals
        assert rivals.item() == 3000
        assert torch.autograd.grad(rivals.sum(), x)[0].item() == 3000


@pytest.mark.parametrize("block_size", [2, 5])
def test_an_own_logit_far_above_its_rivals_does_not_overflow(block_size):
    weight = torch.tensor([[500.0], [1.0], [2.0], [0.0], [0.0]], requires_grad=True)
    x = torch.ones(1, 1, requires_grad=True)
    logits = class_logits(x, torch.tensor([0]), weight, normalized=False, block_size=block_size)
    (logits.rivals - logits.own).sum().backward()
    assert x.grad.isfinite().all()
    assert weight.grad.isfinite().all()
    assert weight.grad[0].item() == -1


@pytest.mark.parametrize("block_size", [2, 9])
def test_a_zero_vector_stays_zero_and_receives_no_gradient(block_size):
    weight = random(5, 3)
    weight[2] = 0
    weight.requires_grad_()
    logits = class_logits(random(2, 3, seed=1), torch.tensor([2, 0]), weight, block_size=block_size)
    assert logits.own[0].item() == 0
    (gradient,) = gradients(logits[:3], [weight])
    assert gradient[2].abs().sum() == 0
    assert gradient[0].abs().sum() > 0


@pytest.mark.parametrize("block_size", [2, 9])
def test_only_the_nearest_sub_centre_receives_gradient(block_size):
    x, weight = random(4, 3), random(5, 3, 3, seed=1).requires_grad_()
    identities = torch.tensor([0, 1, 1, 4])
    logits = class_logits(x, identities, weight, block_size=block_size)
    (gradient,) = torch.autograd.grad(logits.own.sum(), weight)
    nearest = torch.einsum("bd,bkd->bk", x, to_unit_sphere(weight.detach())[identities]).argmax(1)
    moved = {(identity, centre) for identity, centre, moves in _indices(gradient.abs().sum(2) > 0) if moves}
    assert moved == set(zip(identities.tolist(), nearest.tolist(), strict=True))


def _indices(mask):
    return [(i, k, bool(mask[i, k])) for i in range(mask.shape[0]) for k in range(mask.shape[1])]


def test_refuses_sub_centres_that_are_not_normalised():
    with pytest.raises(ValueError, match="compared by their angle"):
        class_logits(random(1, 2), torch.tensor([0]), random(3, 2, 2), normalized=False)


@pytest.mark.parametrize("block_size", [3, 50])
def test_may_be_used_twice_in_one_graph(block_size):
    x, weight, identities = random(4, 3).requires_grad_(), random(8, 3, seed=1).requires_grad_(), torch.arange(4)

    def total(function):
        first, second = function(x, identities, weight), function(2 * x.flip(0), identities, weight)
        return torch.autograd.grad((first[1] * second[1] - first[0] * second[0]).sum(), (x, weight))

    ours = total(lambda *inputs: class_logits(*inputs, block_size=block_size))
    for gradient, expected in zip(ours, total(dense), strict=True):
        torch.testing.assert_close(gradient, expected)


@pytest.mark.parametrize("block_size", [3, 50])
def test_refuses_a_second_derivative(block_size):
    x, weight = random(4, 3).requires_grad_(), random(8, 3, seed=1).requires_grad_()
    logits = class_logits(x, torch.arange(4), weight, block_size=block_size)
    with pytest.raises(RuntimeError, match=r"class weights have no second derivative; leave out create_graph=True"):
        torch.autograd.grad(logits.rivals.sum(), (x, weight), create_graph=True)


@pytest.mark.parametrize("block_size", [3, 50])
@pytest.mark.parametrize("sub_centres", [1, 2])
def test_autocast_on_the_way_back_changes_nothing(block_size, sub_centres):
    shape = (8, 3) if sub_centres == 1 else (8, sub_centres, 3)
    x = random(4, 3, dtype=torch.float32).requires_grad_()
    weight = random(*shape, seed=1, dtype=torch.float32).requires_grad_()
    logits = class_logits(x, torch.arange(4), weight, block_size=block_size)
    value = (logits.rivals - logits.own).sum()
    outside = torch.autograd.grad(value, (x, weight), retain_graph=True)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        inside = torch.autograd.grad(value, (x, weight))
    for gradient, expected in zip(inside, outside, strict=True):
        assert gradient.dtype == torch.float32
        assert torch.equal(gradient, expected)


def test_weights_changed_before_the_second_walk_are_refused():
    weight = random(8, 3).requires_grad_()
    logits = class_logits(random(2, 3, seed=1), torch.tensor([0, 1]), weight, block_size=3)
    with torch.no_grad():
        weight += 1
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        logits.rivals.sum().backward()


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_half_precision_weights_are_computed_with_in_the_type_of_the_embeddings(dtype):
    x, identities = random(4, 3, dtype=torch.float32), torch.arange(4)
    weight = random(8, 3, seed=1, dtype=dtype).requires_grad_()
    half = class_logits(x, identities, weight, block_size=3)
    single = class_logits(x, identities, weight.detach().float(), block_size=3)
    assert torch.equal(half.rivals, single.rivals)
    half.rivals.sum().backward()
    assert weight.grad.dtype == dtype


@pytest.mark.parametrize("sub_centres", [1, 3])
def test_what_a_gpu_compiles_is_traced_without_a_break_and_computes_the_same(monkeypatch, sub_centres):
    names = ("_logits", "_accumulate", "_through_normalisation")
    weight = random(7, 3, seed=1) if sub_centres == 1 else random(7, sub_centres, 3, seed=1)
    weight.requires_grad_()
    x, identities = random(4, 3).requires_grad_(), torch.tensor([0, 6, 6, 2])

    def results():
        logits = class_logits(x, identities, weight, random(7, seed=2), block_size=3)
        return [*logits[:4], *gradients(logits[:3], [x, weight])]

    expected = results()
    for name in names:
        function = getattr(class_blocks, name).__wrapped__
        monkeypatch.setattr(class_blocks, name, torch.compile(function, fullgraph=True, backend="aot_eager"))
    for result, eager in zip(results(), expected, strict=True):
        torch.testing.assert_close(result, eager)
