import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from resemblance.errors import ConfigurationError
from resemblance.losses import ContrastiveLoss
from tests.losses import naive
from tests.losses.batches import assert_same, balanced, generic, tied

DISTANCES = ("squared_l2", "l1", "l2")
MARGINS = {"squared_l2": 1.6, "l1": 2.5, "l2": 1.3}


def pair(distance, mining, normalized):
    margin = MARGINS[distance]
    loss = ContrastiveLoss(distance, margin, mining, normalized)
    return loss, lambda x, y: naive.contrastive(x, y, distance, margin, mining, normalized)


@pytest.mark.parametrize("distance", DISTANCES)
@pytest.mark.parametrize("mining", ["all", "hard"])
@settings(max_examples=20, deadline=None)
@given(batch=generic(), normalized=st.booleans())
def test_value_and_gradient_are_those_of_the_loops(distance, mining, batch, normalized):
    embeddings, identities = batch
    loss, oracle = pair(distance, mining, normalized)
    assert_same(lambda x: loss(x, identities).value, lambda x: oracle(x, identities)[0], embeddings)
    share = loss(embeddings, identities).statistics["active_share"].item()
    assert share == pytest.approx(oracle(embeddings, identities)[1])


@pytest.mark.parametrize("distance", DISTANCES)
@settings(max_examples=20, deadline=None)
@given(batch=tied())
def test_ties_and_duplicates_are_those_of_the_loops(distance, batch):
    embeddings, identities = batch
    loss, oracle = pair(distance, "all", True)
    assert_same(lambda x: loss(x, identities).value, lambda x: oracle(x, identities)[0], embeddings)
    loss, oracle = pair(distance, "hard", True)  # which of the equally near pairs is mined is open, its value is not
    assert loss(embeddings, identities).value.item() == pytest.approx(oracle(embeddings, identities)[0].item())


@pytest.mark.parametrize(
    ("distance", "margin", "value"),
    [
        ("squared_l2", 3.0, 1 / 2 + (3 - 2) / 4),  # genuine 1; impostors 2 inside and 5 outside the margin
        ("l1", 2.5, 1 / 2 + (2.5 - 2) / 4),  # genuine 1; impostors 2 and 3
        ("l2", 2.0, 1 / 2 + (2 - math.sqrt(2)) ** 2 / 4),
    ],
)
def test_by_hand(distance, margin, value):
    embeddings = torch.tensor([[0.0, 0.0], [0.0, 1.0], [1.0, -1.0]], dtype=torch.float64)
    output = ContrastiveLoss(distance, margin, normalized=False)(embeddings, torch.tensor([0, 0, 1]))
    assert output.value.item() == pytest.approx(value)
    assert output.statistics["active_share"].item() == 0.5


def test_hard_keeps_as_many_impostor_pairs_as_genuine_ones_and_the_nearest():
    embeddings = torch.tensor([[0.0], [1.0], [3.0], [7.0]], dtype=torch.float64)
    loss = ContrastiveLoss("squared_l2", 100.0, "hard", normalized=False)
    value = loss(embeddings, torch.tensor([0, 0, 1, 2])).value
    assert value.item() == pytest.approx(1 / 2 + (100 - 4) / 2)
    only_impostors = loss(embeddings[1:], torch.tensor([0, 1, 2])).value
    assert only_impostors.item() == pytest.approx((300 - 4 - 16 - 36) / 6)


@pytest.mark.parametrize("size", [32, 128, 512])
def test_default_margin_of_l1_is_the_length_of_a_unit_step_in_a_random_direction(size):
    assert ContrastiveLoss().margin == ContrastiveLoss("l2").margin == 1
    margin = ContrastiveLoss("l1", embedding_size=size).margin
    steps = torch.nn.functional.normalize(torch.randn(2000, size, generator=torch.Generator().manual_seed(0)))
    assert margin == pytest.approx(steps.abs().sum(1).mean().item(), rel=0.01)


def test_a_margin_of_one_on_l1_has_no_active_impostor_and_the_statistics_say_so():
    embeddings, identities = balanced(16, 2, 128)
    embeddings = embeddings + 0.1  # a common direction, as an untrained network has
    assert ContrastiveLoss("l1", 1.0)(embeddings, identities).statistics["active_share"].item() == 0
    directions = torch.nn.functional.normalize(balanced(64, 1, 128, seed=1)[0])
    assert 10 < torch.nn.functional.pdist(directions, p=1).min() < 2 * math.sqrt(128 / math.pi)


@pytest.mark.parametrize("distance", DISTANCES)
def test_near_duplicates_keep_their_digits_in_float32(distance):
    base = torch.nn.functional.normalize(torch.randn(1, 64, generator=torch.Generator().manual_seed(0)))
    embeddings = torch.cat((base, base + 1e-4, base + 2e-4)) * 30
    identities = torch.tensor([0, 0, 1])
    loss = ContrastiveLoss(distance, 1.0, normalized=False)
    leaf, exact = embeddings.clone().requires_grad_(), embeddings.double().requires_grad_()
    for x in (leaf, exact):
        loss(x, identities).value.backward()
    torch.testing.assert_close(leaf.grad.double(), exact.grad, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize(
    ("distance", "normalized", "name"),
    [
        ("squared_l2", True, "negative_squared_l2"),
        ("l2", False, "negative_squared_l2"),
        ("l1", True, "negative_l1"),
    ],
)
def test_is_judged_by_its_own_similarity(distance, normalized, name):
    loss = ContrastiveLoss(distance, 1.0, normalized=normalized)
    assert (loss.similarity.name, loss.similarity.normalized) == (name, normalized)
    embeddings, identities = balanced(2, 2, 4)
    similarities = loss.similarity(embeddings, embeddings)
    statistics = loss(embeddings, identities).statistics
    assert statistics["genuine_similarity"].item() == pytest.approx(
        ((similarities[0, 1] + similarities[2, 3]) / 2).item()
    )
    assert statistics["impostor_similarity"].item() == pytest.approx(similarities[:2, 2:].mean().item())


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"distance": "cosine"}, "does not know distance='cosine'; choose squared_l2, l1 or l2."),
        ({"mining": "semihard"}, "does not know mining='semihard'; choose all or hard."),
        ({"margin": 0}, "needs margin to be a number above 0, not 0."),
        ({"distance": "l1"}, "with distance='l1' needs a margin, or embedding_size to derive it."),
    ],
)
def test_refuses_what_can_not_work(parameters, message):
    with pytest.raises(ConfigurationError) as refusal:
        ContrastiveLoss(**parameters)
    assert str(refusal.value) == f"ContrastiveLoss {message}"


@pytest.mark.parametrize("distance", ["l1", "l2"])
def test_a_batch_of_2048_images_is_compared_without_its_differences(distance):
    embeddings, identities = balanced(512, 4, 128, dtype=torch.float32)
    leaf = embeddings.requires_grad_()
    largest = 0

    def seen(tensor):
        nonlocal largest
        largest = max(largest, tensor.numel())
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(seen, lambda tensor: tensor):
        value = ContrastiveLoss(distance, embedding_size=128)(leaf, identities).value
    value.backward()
    assert leaf.grad.isfinite().all()
    assert largest <= 2048**2
