"""What every loss promises, whatever its formula."""

import pytest
import torch
from torch import nn

from resemblance.losses import (
    CircleLoss,
    ContrastiveLoss,
    MetricLoss,
    NPairAngularLoss,
    NPairLoss,
    SiameseL1Loss,
    TripletLoss,
)
from resemblance.losses.base import Computed
from tests.losses.batches import balanced
from tests.losses.makers import MAKERS, PAIRWISE, SIZE

STATISTICS = {
    "genuine_similarity",
    "impostor_similarity",
    "similarity_deviation",
    "active_share",
    "embedding_spread",
    "empty_batch",
}


@pytest.fixture(params=MAKERS)
def loss(request):
    torch.manual_seed(0)
    return MAKERS[request.param]()


def backward(loss, embeddings, identities):
    leaf = embeddings.clone().requires_grad_()
    output = loss(leaf, identities)
    output.value.backward()
    return output, leaf.grad


def test_gradient_by_finite_differences(loss):
    if isinstance(loss, CircleLoss):
        pytest.skip("its weights are constants to the gradient by definition; tests/losses/test_circle.py checks it")
    embeddings, identities = balanced(4, 3, SIZE, seed=3)
    loss.double()
    inputs = [embeddings.requires_grad_(), *(w.detach().clone().requires_grad_() for w in loss.parameters())]

    def value(x, *weights):
        named = dict(zip(dict(loss.named_parameters()), weights, strict=True))
        return torch.func.functional_call(loss, named, (x, identities)).value

    assert torch.autograd.gradcheck(value, inputs)
    assert value(*inputs) > 0


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_half_precision_is_computed_in_float32(loss, dtype):
    embeddings, identities = balanced(4, 2, SIZE, dtype=dtype)
    output, gradient = backward(loss, embeddings, identities)
    assert output.value.dtype == torch.float32
    assert gradient.dtype == dtype
    assert torch.equal(output.value, loss(embeddings.float(), identities).value)


def test_autocast_changes_nothing(loss):
    embeddings, identities = balanced(4, 2, SIZE, dtype=torch.float32)
    outside, gradient_outside = backward(loss, embeddings, identities)
    leaf = embeddings.clone().requires_grad_()
    with torch.autocast("cpu", dtype=torch.bfloat16):
        inside = loss(leaf, identities)
    inside.value.backward()
    assert torch.equal(inside.value, outside.value)
    assert torch.equal(leaf.grad, gradient_outside)
    assert all(weight.dtype == torch.float32 for weight in loss.parameters())


NOTHING = {"one image": [5], "one identity": [5] * 4, "one image each": [0, 1, 2, 3]}


@pytest.mark.parametrize(
    ("name", "case"),
    # Pairs of one kind are enough for the losses of Siamese networks; see the next test.
    [(n, c) for n in PAIRWISE for c in NOTHING if c == "one image" or not n.startswith(("contrastive", "siamese"))],
)
def test_a_batch_with_nothing_to_compare_gives_zero_with_zero_gradient(name, case):
    loss, identities = PAIRWISE[name](), torch.tensor(NOTHING[case])
    embeddings = balanced(len(identities), 1, SIZE, dtype=torch.float32)[0]
    output, gradient = backward(loss, embeddings, identities)
    assert output.value.item() == 0
    assert torch.equal(gradient, torch.zeros_like(gradient))
    assert output.statistics["empty_batch"].item() == 1
    assert output.statistics["active_share"].item() == 0


@pytest.mark.parametrize("kind", ["one identity", "one image each"])
@pytest.mark.parametrize(
    "siamese",
    [ContrastiveLoss(margin=3.9), ContrastiveLoss(margin=3.9, mining="hard"), SiameseL1Loss(SIZE)],
    ids=["contrastive", "contrastive-hard", "siamese_l1"],
)
def test_siamese_networks_learn_from_pairs_of_one_kind(kind, siamese):
    identities = torch.zeros(4, dtype=torch.int64) if kind == "one identity" else torch.arange(4)
    embeddings = balanced(4, 1, SIZE, dtype=torch.float32)[0]
    output, gradient = backward(siamese, embeddings, identities)
    assert output.value > 0
    assert gradient.abs().sum() > 0
    assert output.statistics["empty_batch"].item() == 0
    missing = "impostor_similarity" if kind == "one identity" else "genuine_similarity"
    assert output.statistics[missing].isnan()


@pytest.mark.parametrize("case", ["duplicates", "collapsed", "opposed", "zero vectors", "tiny", "huge"])
def test_gradients_stay_finite_and_sane_at_the_edges(loss, case):
    embeddings, identities = balanced(4, 3, SIZE, dtype=torch.float32)
    if case == "duplicates":
        embeddings[1], embeddings[4] = embeddings[0], embeddings[0]
    elif case == "collapsed":
        embeddings[:] = embeddings[0]
    elif case == "opposed":
        embeddings[:] = embeddings[0]
        embeddings[::2] *= -1
    elif case == "zero vectors":
        embeddings[0], embeddings[3], embeddings[4] = 0, 0, 0
    elif case == "tiny":
        embeddings *= 1e-18
    else:
        embeddings *= 1e6
    output, gradient = backward(loss, embeddings, identities)
    assert output.value.isfinite()
    assert gradient.isfinite().all()
    if case == "zero vectors":
        assert gradient.abs().max() < 1e3


def test_an_embedding_that_is_not_a_number_shows_in_the_value(loss):
    embeddings, identities = balanced(4, 2, SIZE, dtype=torch.float32)
    embeddings[2, 0] = torch.nan
    assert loss(embeddings, identities).value.isnan()


def test_an_embedding_too_long_for_its_type_shows_in_the_value(loss):
    embeddings, identities = balanced(4, 2, SIZE, dtype=torch.float32)
    embeddings[2] = 1e19  # a number, but the sum of its squares is none
    assert not loss(embeddings, identities).value.isfinite()


def test_statistics_are_the_shared_ones_detached_and_finite(loss):
    embeddings, identities = balanced(4, 2, SIZE, dtype=torch.float32)
    output, _ = backward(loss, embeddings, identities)
    assert set(output.statistics) >= STATISTICS
    for statistic in output.statistics.values():
        assert statistic.ndim == 0
        assert not statistic.requires_grad
        assert statistic.isfinite()
        assert statistic.dtype == torch.float32
    assert 0 <= output.statistics["active_share"] <= 1
    assert output.statistics["empty_batch"] == 0


def test_order_of_the_batch_does_not_matter(loss):
    if getattr(loss, "mining", None) == "distance_weighted":
        pytest.skip("draws its negatives anchor by anchor")
    embeddings, identities = balanced(4, 3, SIZE)
    loss.double()
    order = torch.randperm(12, generator=torch.Generator().manual_seed(1))
    if isinstance(loss, (NPairLoss, NPairAngularLoss)):  # the first image of a pair is its anchor, so pairs stay whole
        order = torch.randperm(4, generator=torch.Generator().manual_seed(1))[:, None] * 3 + torch.arange(3)
        order = order.flatten()
    shuffled = loss(embeddings[order], identities[order]).value
    torch.testing.assert_close(shuffled, loss(embeddings, identities).value, rtol=1e-12, atol=1e-12)


def test_it_separates_identities(loss):
    start, identities = balanced(4, 4, SIZE, seed=5, dtype=torch.float32)
    embeddings = nn.Parameter(start)
    optimizer = torch.optim.Adam([embeddings, *loss.parameters()], lr=0.05)
    before = loss(embeddings, identities).statistics
    for _ in range(60):
        optimizer.zero_grad()
        loss(embeddings, identities).value.backward()
        optimizer.step()
    after = loss(embeddings, identities).statistics

    def gap(statistics):
        return statistics["genuine_similarity"] - statistics["impostor_similarity"]

    assert gap(after) > gap(before) + 0.2
    similarities = loss.similarity(embeddings, embeddings).fill_diagonal_(-torch.inf)
    assert (identities[similarities.argmax(1)] == identities).float().mean() >= 0.75


@pytest.mark.parametrize(
    ("embeddings", "identities", "message"),
    [
        (torch.ones(2, 3, 1), torch.zeros(2).long(), r"embeddings \[B, D\] and identities \[B\], not \[2, 3, 1\]"),
        (torch.ones(2, 3), torch.zeros(3).long(), r"not \[2, 3\] and \[3\]"),
        (torch.ones(2, 3).long(), torch.zeros(2).long(), "must be floating-point numbers, not torch.int64"),
        (torch.ones(2, 3), torch.zeros(2), "must be int64 labels, not torch.float32"),
        (torch.ones(0, 3), torch.zeros(0).long(), "at least one embedding"),
        (torch.ones(2, 3), torch.zeros(2, device="meta").long(), "on cpu and identities on meta"),
    ],
)
def test_refuses_input_that_does_not_fit(embeddings, identities, message):
    with pytest.raises(ValueError, match=message):
        TripletLoss()(embeddings, identities)


class MeanLoss(MetricLoss):
    """The least that a new loss writes."""

    def compute(self, embeddings, identities):
        return Computed(embeddings.mean(), lambda: {"mean": embeddings.mean()})


def test_the_base_detaches_what_a_new_loss_reports():
    output = MeanLoss()(torch.ones(2, 3, requires_grad=True), torch.tensor([0, 1]))
    assert output.value.requires_grad
    assert not output.statistics["mean"].requires_grad


def test_prints_its_parameters():
    assert "margin=0.2, mining=semihard" in repr(TripletLoss())
