"""What the blocks of classes hold and compute: no matrix of images and classes, and no product that nobody wants."""

import pytest
import torch
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.utils._python_dispatch import TorchDispatchMode

from resemblance.losses import class_blocks
from resemblance.losses.class_blocks import class_logits
from tests.losses.batches import random
from tests.losses.dense_classes import dense, gradients


class Products(TorchDispatchMode):
    """Counts matrix products."""

    def __init__(self):
        super().__init__()
        self.count = 0

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        self.count += function.overloadpacket in (torch.ops.aten.mm, torch.ops.aten.addmm, torch.ops.aten.addmm_)
        return function(*args, **(kwargs or {}))


@pytest.mark.parametrize(("block_size", "again"), [(3, 3), (50, 0)])  # three blocks are computed again, one is kept
@pytest.mark.parametrize("wanted", [{"x"}, {"weight"}, {"x", "weight"}])
def test_gradients_that_nobody_wants_are_not_computed(wanted, block_size, again):
    inputs = {"x": random(4, 3), "weight": random(8, 3, seed=1)}
    leaves = [inputs[name].requires_grad_() for name in sorted(wanted)]
    ours = class_logits(inputs["x"], torch.arange(4), inputs["weight"], block_size=block_size)
    expected = gradients(dense(inputs["x"], torch.arange(4), inputs["weight"])[:3], leaves)
    with Products() as products:
        found = gradients(ours[:3], leaves)
    assert products.count == again + len(wanted) * (again or 1)
    for gradient, wish in zip(found, expected, strict=True):
        torch.testing.assert_close(gradient, wish)


def test_nothing_is_sent_back_where_nobody_wants_a_gradient():
    logits = class_logits(random(4, 3), torch.arange(4), random(8, 3, seed=1), block_size=3)
    assert not logits.rivals.requires_grad


class Sizes(TorchDispatchMode):
    """Notes how many numbers every new tensor holds."""

    def __init__(self):
        super().__init__()
        self.storages = {}

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        result = function(*args, **(kwargs or {}))
        for tensor in torch.utils._pytree.tree_leaves(result):
            if isinstance(tensor, torch.Tensor):
                storage = tensor.untyped_storage()
                self.storages[storage.data_ptr()] = storage.nbytes() // tensor.element_size()
        return result


def largest_tensor(images, weight, **block_size):
    """Numbers in the largest tensor of both ways beside the weights and their gradient."""
    x = random(images, weight.shape[-1], dtype=weight.dtype).requires_grad_()
    weight.requires_grad_()
    with Sizes() as sizes:
        logits = class_logits(x, torch.arange(images), weight, **block_size)
        (logits.rivals - logits.own + logits.sum).mean().backward()
    own = {weight.untyped_storage().data_ptr(), weight.grad.untyped_storage().data_ptr()}
    return max(numbers for pointer, numbers in sizes.storages.items() if pointer not in own)


def test_holds_the_gradient_of_the_weights_and_blocks_only():
    images, classes, size, block_size = 64, 4000, 8, 50
    largest = largest_tensor(images, random(classes, size), block_size=block_size)
    assert largest <= max(images * block_size, block_size * size, classes)
    assert largest < classes * size < images * classes


@pytest.mark.parametrize(
    ("images", "shape"),
    [(4, (20_000, 64)), (32, (20_000, 64)), (32, (7_000, 3, 64)), (128, (60_000, 8)), (128, (30_000, 64))],
)
def test_by_default_a_block_bounds_whatever_is_held_of_many_classes(images, shape):
    weight = random(*shape, dtype=torch.float32)
    assert largest_tensor(images, weight) <= 2**19 < weight[..., 0].numel() * max(images, shape[-1])


@pytest.mark.parametrize(
    ("device", "images", "shape", "size"),
    [
        ("cpu", 64, (500, 128), 2730),  # all of a small problem, however few the images
        ("cpu", 512, (8_000, 128), 8_000),  # one block is kept in a batch of many images …
        ("cpu", 128, (1_000, 512), 1_000),
        ("cpu", 512, (2_000, 3, 128), 2_000),
        ("cpu", 512, (9_000, 128), 819),  # … up to 20 MiB
        ("cpu", 64, (10_000, 128), 2730),
        ("cpu", 32, (130_000, 512), 963),
        ("cpu", 512, (100_000, 128), 819),
        ("cpu", 512, (100_000, 3, 128), 273),
        ("cpu", 2**20, (10, 128), 1),
        ("cuda", 512, (20_000, 128), 20_000),
        ("cuda", 512, (100_000, 128), 13_107),
    ],
)
def test_the_size_of_a_block_follows_images_classes_and_dimensions(device, images, shape, size):
    with FakeTensorMode():
        x, weight = torch.empty(images, shape[-1], device=device), torch.empty(shape, device=device)
        assert class_blocks._block_size(x, weight) == size
