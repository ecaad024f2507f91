import copy
import io

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from resemblance import parts
from resemblance.config import to_plain
from resemblance.errors import ConfigurationError
from resemblance.losses import (
    CircleLoss,
    ContrastiveLoss,
    CosFaceLoss,
    CrossBatchMemory,
    NPairLoss,
    SiameseL1Loss,
    TripletLoss,
)
from resemblance.losses.comparisons import References
from tests.helpers import composed
from tests.losses.batches import balanced
from tests.losses.makers import SIZE

INNER = {
    "contrastive": lambda: ContrastiveLoss(margin=1.8),
    "triplet": lambda: TripletLoss(0.5, "all"),
    "circle": lambda: CircleLoss(16.0),
    "siamese_l1": lambda: SiameseL1Loss(SIZE),
}
inner_losses = pytest.mark.parametrize("name", INNER)


def memory(loss, size=32, **parameters):
    return CrossBatchMemory(loss, SIZE, size, **{"warm_up": 0, **parameters}).double()


def batches(count, identities=4, images=2):
    """Batches of one set of identities, so that the memory holds genuine pairs too."""
    return [balanced(identities, images, SIZE, seed=seed) for seed in range(count)]


@inner_losses
def test_the_loss_is_that_of_the_batch_plus_that_against_all_that_was_seen(name):
    inner = INNER[name]().double()
    loss = memory(inner, weight=0.7)
    seen = ([], [])
    for embeddings, identities in batches(3):
        leaf, twin = embeddings.clone().requires_grad_(), embeddings.clone().requires_grad_()
        seen[0].append(embeddings)
        seen[1].append(identities)
        references = References(torch.cat(seen[0]), torch.cat(seen[1]))
        expected = inner(twin, identities).value + 0.7 * inner.compare(twin, identities, references).value
        output = loss(leaf, identities)
        torch.testing.assert_close(output.value, expected)
        (gradient,) = torch.autograd.grad(output.value, leaf)
        torch.testing.assert_close(gradient, torch.autograd.grad(expected, twin)[0])
        assert output.statistics["memory_entries"].item() == 8 * len(seen[0])


@settings(max_examples=30, deadline=None)
@given(sizes=st.lists(st.integers(1, 5), min_size=1, max_size=8), size=st.integers(5, 12))
def test_it_holds_the_latest_entries_in_order(sizes, size):
    loss = memory(ContrastiveLoss(), size)
    everything = torch.arange(float(sum(sizes))).double()
    for part in everything.split(sizes):
        loss(part[:, None].expand(-1, SIZE).clone(), part.long())
    kept = min(size, len(everything))
    assert loss.filled.item() == kept
    assert torch.equal(loss.embeddings[size - kept :, 0], everything[-kept:])
    assert torch.equal(loss.identities[size - kept :], everything[-kept:].long())


def test_an_image_is_never_compared_with_its_own_entry():
    loss = memory(ContrastiveLoss("squared_l2", margin=4.0))
    embeddings = torch.nn.functional.normalize(torch.randn(2, SIZE, dtype=torch.float64))
    identities = torch.tensor([0, 0])
    distance = (embeddings[0] - embeddings[1]).square().sum()
    # The pair itself, once in the batch and once against the memory; an image with itself would bring in zeros.
    assert loss(embeddings, identities).value.item() == pytest.approx(distance.item())
    # The same photographs once more: each now meets its earlier entry, at distance 0, and the other's two.
    again = loss(embeddings, identities).value.item()
    assert again == pytest.approx(distance.item() / 2 + distance.item() * (2 / 3) / 2)


def test_nothing_is_sent_back_into_the_memory():
    loss = memory(ContrastiveLoss(margin=1.8))
    (first, identities), (second, _) = batches(2)
    leaf = first.requires_grad_()
    loss(leaf, identities)
    value = loss(second.requires_grad_(), identities).value
    assert not loss.embeddings.requires_grad
    assert torch.autograd.grad(value, leaf, allow_unused=True)[0] is None


def test_two_steps_may_be_sent_back_together():
    loss = memory(ContrastiveLoss(margin=1.8))
    leaves = [embeddings.requires_grad_() for embeddings, _ in batches(2)]
    sum(loss(leaf, batches(1)[0][1]).value for leaf in leaves).backward()
    assert all(leaf.grad.isfinite().all() for leaf in leaves)


def test_before_the_warm_up_is_over_it_is_the_loss_itself():
    inner = ContrastiveLoss(margin=1.8)
    loss = memory(inner, warm_up=0.25)
    embeddings, identities = batches(1)[0]
    loss.tell_progress(0.24)
    assert loss(embeddings, identities).value == inner(embeddings, identities).value
    assert loss.filled == 0
    loss.tell_progress(0.25)
    assert loss(embeddings, identities).value > inner(embeddings, identities).value
    assert loss.filled == 8
    assert inner.progress == 0.25


def test_evaluation_neither_reads_nor_writes():
    inner = ContrastiveLoss(margin=1.8)
    loss = memory(inner)
    for embeddings, identities in batches(2):
        loss(embeddings, identities)
    before = copy.deepcopy(loss.state_dict())
    embeddings, identities = batches(3)[-1]
    assert loss.eval()(embeddings, identities).value == inner(embeddings, identities).value
    assert all(torch.equal(before[key], value) for key, value in loss.state_dict().items())


@pytest.mark.parametrize("seen", [1, 3])
@inner_losses
def test_a_memory_goes_on_from_a_checkpoint_full_or_not(name, seen):
    *before, last = batches(seen + 1)
    torch.manual_seed(0)
    loss = memory(INNER[name](), 20)
    for embeddings, identities in before:
        loss(embeddings, identities)
    file = io.BytesIO()
    torch.save(loss.state_dict(), file)
    file.seek(0)
    resumed = memory(INNER[name](), 20)
    resumed.load_state_dict(torch.load(file, weights_only=True))
    assert torch.equal(resumed(*last).value, loss(*last).value)


def test_embeddings_of_half_precision_are_remembered_in_the_memory_s_own():
    loss = CrossBatchMemory(ContrastiveLoss(), SIZE, 32, warm_up=0)
    embeddings, identities = batches(1)[0]
    output = loss(embeddings.bfloat16(), identities)
    assert output.value.dtype == loss.embeddings.dtype == torch.float32
    assert loss(embeddings, identities).value.dtype == torch.float64


def test_is_judged_by_the_similarity_of_the_loss_inside_and_shares_its_weights():
    loss = memory(SiameseL1Loss(SIZE))
    assert loss.similarity is loss.loss.similarity
    assert [name for name, _ in loss.named_parameters()] == ["loss.similarity.weight", "loss.similarity.offset"]


@pytest.mark.parametrize("inner", [CosFaceLoss(4, SIZE, 16.0), NPairLoss()])
def test_refuses_losses_that_have_no_references(inner):
    with pytest.raises(ConfigurationError, match=f"in pairs or triplets, which {type(inner).__name__} does not"):
        CrossBatchMemory(inner, SIZE)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"size": 0}, "needs size to be a whole number of at least 1, not 0."),
        ({"size": 10.5}, "needs size to be a whole number of at least 1, not 10.5."),
        ({"embedding_size": 0}, "needs embedding_size to be a whole number of at least 1, not 0."),
        ({"weight": -1}, "needs weight to be a number of at least 0, not -1."),
        ({"warm_up": 1}, "needs warm_up to be a number of at least 0 and below 1, not 1."),
    ],
)
def test_refuses_what_can_not_work(parameters, message):
    with pytest.raises(ConfigurationError) as refusal:
        CrossBatchMemory(ContrastiveLoss(), **{"embedding_size": SIZE, **parameters})
    assert str(refusal.value) == f"CrossBatchMemory {message}"


def test_refuses_a_batch_that_it_can_not_hold():
    with pytest.raises(ValueError, match="memory of 7 entries can't hold a batch of 8; set memory.size to 8 or more"):
        memory(ContrastiveLoss(), 7)(*batches(1)[0])


def test_refuses_embeddings_that_its_entries_can_not_meet():
    embeddings, identities = batches(1)[0]
    with pytest.raises(
        ValueError, match=f"CrossBatchMemory was built with embedding_size={SIZE} and received .* size 5"
    ):
        memory(ContrastiveLoss())(embeddings[:, :5], identities)
    with pytest.raises(ValueError, match="CrossBatchMemory is on meta and received embeddings on cpu"):
        memory(ContrastiveLoss()).to("meta")(embeddings, identities)


def test_the_configuration_puts_it_around_the_loss():
    config = to_plain(composed("loss=triplet", "memory=xbm", "memory.size=99", "embedding_size=5"))
    parts.check_parts(config)
    loss = parts.build_loss(config, num_identities=3)
    assert isinstance(loss, CrossBatchMemory)
    assert isinstance(loss.loss, TripletLoss)
    assert loss.embeddings.shape == (99, 5)
    assert isinstance(parts.build_loss(to_plain(composed("loss=triplet")), num_identities=3), TripletLoss)


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        (["loss=cosface"], "which CosFaceLoss does not; take memory=none."),
        (["loss=contrastive", "memory.size=63"], "memory.size is 63, but a batch alone holds 64 images"),
        (["loss=contrastive", "memory.size=many"], "memory.size is 'many', but should be"),
    ],
)
def test_the_configuration_is_refused_before_any_data_is_read(overrides, message):
    with pytest.raises(ConfigurationError, match=message):
        parts.check_parts(to_plain(composed("memory=xbm", *overrides)))
