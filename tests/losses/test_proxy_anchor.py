import math

import pytest
import torch
from hypothesis import given, settings
from torch.utils._python_dispatch import TorchDispatchMode

from resemblance.errors import ConfigurationError
from resemblance.losses import ProxyAnchorLoss
from tests.losses import naive
from tests.losses.batches import assert_same, balanced, generic, tied


def made(num_identities, size, *parameters):
    torch.manual_seed(0)
    return ProxyAnchorLoss(num_identities, size, *parameters).double()


@settings(max_examples=30, deadline=None)
@given(batch=generic() | tied())
def test_value_and_gradient_are_those_of_the_loops(batch):
    embeddings, identities = batch
    loss = made(5, embeddings.shape[1], 7.0, 0.2)

    def oracle(x):
        return naive.proxy_anchor(x, identities, loss.proxies, 7.0, 0.2)

    assert_same(lambda x: loss(x, identities).value, oracle, embeddings)
    (ours,) = torch.autograd.grad(loss(embeddings, identities).value, loss.proxies)
    (theirs,) = torch.autograd.grad(oracle(embeddings), loss.proxies)
    torch.testing.assert_close(ours, theirs)


def test_positives_are_averaged_over_the_identities_at_hand_and_negatives_over_all():
    loss = made(3, 2, 10.0, 0.1)
    with torch.no_grad():
        loss.proxies.copy_(torch.tensor([[1.0, 0.0], [0.0, 1.0], [-1.0, 0.0]]))
    embeddings = torch.tensor([[1.0, 0.0], [0.0, 2.0]], dtype=torch.float64)
    pulls = 2 * math.log(1 + math.exp(-10 * 0.9)) / 2
    pushes = (2 * math.log(1 + math.exp(10 * 0.1)) + math.log(1 + math.exp(-10 * 0.9) + math.exp(10 * 0.1))) / 3
    output = loss(embeddings, torch.tensor([0, 1]))
    assert output.value.item() == pytest.approx(pulls + pushes)
    # 0.1 above −δ: both images with each other's proxy, and the second with the third
    assert output.statistics["active_share"].item() == pytest.approx(3 / 6)


def test_proxies_begin_as_in_the_authors_code():
    torch.manual_seed(0)
    proxies = ProxyAnchorLoss(400, 128).proxies
    assert proxies.shape == (400, 128)
    assert proxies.std().item() == pytest.approx(math.sqrt(2 / 400), rel=0.02)


def test_one_image_per_identity_is_enough():
    embeddings, identities = balanced(6, 1, 5)
    assert ProxyAnchorLoss.min_images_per_identity == 1
    leaf = embeddings.requires_grad_()
    output = made(6, 5)(leaf, identities)
    output.value.backward()
    assert leaf.grad.abs().sum() > 0
    assert output.statistics["empty_batch"].item() == 0


def test_stays_finite_with_the_largest_scale():
    leaf = torch.eye(4, requires_grad=True)
    loss = ProxyAnchorLoss(4, 4, scale=1e4)
    with torch.no_grad():
        loss.proxies.copy_(-torch.eye(4))
    loss(leaf, torch.arange(4)).value.backward()
    assert leaf.grad.isfinite().all()
    assert loss.proxies.grad.isfinite().all()


@pytest.mark.parametrize(
    ("embeddings", "identities", "message"),
    [
        (torch.ones(2, 5), torch.tensor([0, 4]), "labels run from 0 to 3, but the batch holds 4"),
        (torch.ones(2, 5), torch.tensor([0, -1]), "labels run from 0 to 3, but the batch holds -1"),
        (torch.ones(2, 6), torch.tensor([0, 1]), "built with embedding_size=5 and received embeddings of size 6"),
    ],
)
def test_refuses_batches_that_do_not_fit(embeddings, identities, message):
    with pytest.raises(ValueError, match=message):
        ProxyAnchorLoss(4, 5)(embeddings, identities)


def test_refuses_embeddings_on_another_device():
    with pytest.raises(ValueError, match="ProxyAnchorLoss is on meta and received embeddings on cpu"):
        ProxyAnchorLoss(4, 5).to("meta")(torch.ones(2, 5), torch.tensor([0, 1]))


class Integers(TorchDispatchMode):
    """Notes the shapes of new integer tensors."""

    def __init__(self):
        super().__init__()
        self.shapes = []

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        result = function(*args, **(kwargs or {}))
        if isinstance(result, torch.Tensor) and result.dtype == torch.int64:
            self.shapes.append(tuple(result.shape))
        return result


def test_no_table_of_images_and_identities_holds_eight_bytes_an_entry():
    loss = ProxyAnchorLoss(30, 5)
    with Integers() as integers:
        loss(torch.randn(20, 5), torch.arange(20))
    assert (20, 30) not in integers.shapes


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"num_identities": 1}, "needs num_identities to be a whole number of at least 2, not 1."),
        ({"embedding_size": 0}, "needs embedding_size to be a whole number of at least 1, not 0."),
        ({"scale": 0}, "needs scale to be a number above 0, not 0."),
        ({"margin": -0.1}, "needs margin to be a number of at least 0, not -0.1."),
    ],
)
def test_refuses_what_can_not_work(parameters, message):
    with pytest.raises(ConfigurationError) as refusal:
        ProxyAnchorLoss(**{"num_identities": 4, "embedding_size": 5, **parameters})
    assert str(refusal.value) == f"ProxyAnchorLoss {message}"
