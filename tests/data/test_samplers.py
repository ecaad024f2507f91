from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
import pytorch_lightning as pl
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.utils.data import DataLoader

from resemblance.data.samplers import IdentityBatchSampler, SequentialBatchSampler, ShuffledBatchSampler
from resemblance.errors import ConfigurationError, DataError

RELAXED = settings(deadline=None, max_examples=50)  # a busy machine is no failure

TRAINING = [IdentityBatchSampler, ShuffledBatchSampler]


def labels(counts: list[int], seed: int = 0) -> torch.Tensor:
    """Each identity as often as told, in mixed order."""
    identities = torch.repeat_interleave(torch.arange(len(counts)), torch.tensor(counts))
    return identities[torch.randperm(len(identities), generator=torch.Generator().manual_seed(seed))]


@st.composite
def situations(draw: Callable[..., Any]) -> dict[str, Any]:
    replicas = draw(st.integers(1, 3))
    per_replica = draw(st.integers(1, 3))
    identities_per_batch = replicas * per_replica
    counts = draw(st.lists(st.integers(1, 9), min_size=identities_per_batch, max_size=identities_per_batch + 12))
    return {
        "identities": labels(counts),
        "identities_per_batch": identities_per_batch,
        "images_per_identity": draw(st.integers(1, 5)),
        "seed": draw(st.integers(0, 1000)),
        "num_replicas": replicas,
    }


def alone(situation: dict[str, Any]) -> dict[str, Any]:
    return {**situation, "num_replicas": 1}


@RELAXED
@given(situations(), st.integers(0, 5))
def test_a_batch_is_p_identities_with_k_images_each(situation, epoch):
    identities, k = situation["identities"], situation["images_per_identity"]
    sampler = IdentityBatchSampler(**alone(situation))
    sampler.set_epoch(epoch)
    available = torch.bincount(identities)
    for batch in sampler:
        drawn = identities[batch]
        counts = Counter(drawn.tolist())
        assert len(counts) == situation["identities_per_batch"]
        assert set(counts.values()) == {k}
        for identity in counts:
            different = {row for row in batch if identities[row] == identity}
            assert len(different) == min(k, available[identity])


@RELAXED
@given(situations())
def test_an_epoch_is_as_many_images_as_there_are(situation):
    size = situation["identities_per_batch"] * situation["images_per_identity"]
    sampler = IdentityBatchSampler(**alone(situation))
    assert len(sampler) == max(1, len(situation["identities"]) // size) == len(list(sampler))


@RELAXED
@given(situations())
def test_identities_and_their_images_are_seen_equally_often_over_the_whole_training(situation):
    identities = situation["identities"]
    sampler = IdentityBatchSampler(**alone(situation))
    seen = Counter(dict.fromkeys(range(len(identities)), 0))
    for epoch in range(4):
        sampler.set_epoch(epoch)
        for batch in sampler:
            seen.update(batch)
            drawn = Counter(dict.fromkeys(identities.tolist(), 0))
            own: dict[int, list[int]] = {}
            for row, times in seen.items():
                drawn[int(identities[row])] += times
                own.setdefault(int(identities[row]), []).append(times)
            assert max(drawn.values()) - min(drawn.values()) <= situation["images_per_identity"]
            assert all(max(times) - min(times) <= 1 for times in own.values())


@pytest.mark.parametrize("kind", TRAINING)
@RELAXED
@given(situation=situations(), epoch=st.integers(0, 3))
def test_the_processes_share_the_batch_of_one_process_without_tearing_an_identity(kind, situation, epoch):
    identities, replicas = situation["identities"], situation["num_replicas"]
    if kind is ShuffledBatchSampler:
        identities = situation["identities"] = identities.repeat(20)
    whole = kind(**alone(situation))
    parts = [kind(**situation, rank=rank) for rank in range(replicas)]
    for sampler in [whole, *parts]:
        sampler.set_epoch(epoch)
    assert {len(part) for part in parts} == {len(whole)}
    for batch, *pieces in zip(whole, *parts, strict=True):
        assert [row for piece in pieces for row in piece] == batch
        assert len({len(piece) for piece in pieces}) == 1
        if kind is IdentityBatchSampler:
            people = [set(identities[piece].tolist()) for piece in pieces]
            assert sum(map(len, people)) == len(set.union(*people))


@pytest.mark.parametrize("kind", TRAINING)
def test_seed_and_epoch_alone_fix_the_batches(kind):
    def batches(seed: int, epoch: int) -> list[list[int]]:
        torch.manual_seed(torch.seed() % 1000)
        sampler = kind(labels([4] * 30), 8, 2, seed=seed)
        sampler.set_epoch(epoch)
        return list(sampler)

    assert batches(0, 0) == batches(0, 0)
    assert batches(0, 0) != batches(0, 1)
    assert batches(0, 0) != batches(1, 0)


@pytest.mark.parametrize("kind", TRAINING)
def test_iterating_again_repeats_the_epoch(kind):
    sampler = kind(labels([4] * 30), 8, 2, seed=0)
    assert list(sampler) == list(sampler)


class OneWeight(pl.LightningModule):
    """The least that Lightning trains; remembers the rows that it was shown."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = torch.nn.Parameter(torch.ones(()))
        self.epochs: dict[int, list[int]] = {}

    def training_step(self, batch: torch.Tensor, batch_index: int) -> torch.Tensor:
        self.epochs.setdefault(self.current_epoch, []).extend(batch.tolist())
        return self.weight * batch.float().mean()

    def configure_optimizers(self) -> torch.optim.Optimizer:
        return torch.optim.SGD(self.parameters(), lr=0.0)


@pytest.mark.parametrize("kind", TRAINING)
@pytest.mark.filterwarnings("ignore")
def test_lightning_tells_the_sampler_its_epoch(kind, tmp_path):
    module = OneWeight()
    trainer = pl.Trainer(
        max_epochs=3,
        accelerator="cpu",
        use_distributed_sampler=False,
        logger=False,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        default_root_dir=tmp_path,
    )
    trainer.fit(module, DataLoader(range(120), batch_sampler=kind(labels([4] * 30), 8, 2, seed=0)))  # type: ignore[arg-type]
    expected = kind(labels([4] * 30), 8, 2, seed=0)
    for epoch in range(3):
        expected.set_epoch(epoch)
        assert module.epochs[epoch] == [row for batch in expected for row in batch]


def test_shuffled_batches_are_different_images_and_drop_others_in_each_epoch():
    sampler = ShuffledBatchSampler(labels([5] * 21), 4, 4, seed=0)
    left_out = []
    for epoch in range(3):
        sampler.set_epoch(epoch)
        rows = [row for batch in sampler for row in batch]
        assert len(sampler) == 6
        assert len(set(rows)) == len(rows) == 96
        left_out.append(frozenset(range(105)) - set(rows))
    assert len(set(left_out)) == 3


def test_more_identities_a_batch_than_there_are_is_refused_with_both_numbers():
    with pytest.raises(DataError, match=r"32 identities .* training set of 20; lower batch\.identities to 20"):
        IdentityBatchSampler(labels([4] * 20), 32, 4, seed=0)


def test_more_images_a_batch_than_there_are_is_refused():
    with pytest.raises(DataError, match="A batch of 32 × 4 images can't be drawn from a training set of 80"):
        ShuffledBatchSampler(labels([4] * 20), 32, 4, seed=0)


def test_an_identity_with_one_image_is_refused_under_a_loss_that_compares_two():
    identities = labels([3, 1, 2, 1])
    with pytest.raises(DataError, match="'Bo' and 1 more identities have fewer than 2 images"):
        IdentityBatchSampler(identities, 2, 2, 0, min_images_per_identity=2, identity_names=["Ada", "Bo", "Cy", "Di"])
    with pytest.raises(DataError, match="identity 1 and 1 more"):
        IdentityBatchSampler(identities, 2, 2, 0, min_images_per_identity=2)
    with pytest.raises(DataError, match="identity 2 has fewer than 2 images"):
        IdentityBatchSampler(labels([2, 2, 1]), 2, 2, 0, min_images_per_identity=2)
    assert len(IdentityBatchSampler(identities, 2, 2, 0)) == 1


def test_shuffled_batches_only_need_someone_with_two_images():
    assert len(ShuffledBatchSampler(labels([2, 1, 1]), 2, 2, 0, min_images_per_identity=2)) == 1
    with pytest.raises(DataError, match="No identity of the training set has 2 images"):
        ShuffledBatchSampler(labels([1] * 8), 2, 2, 0, min_images_per_identity=2)


@pytest.mark.parametrize("kind", TRAINING)
def test_a_batch_that_the_processes_can_t_share_is_refused(kind):
    with pytest.raises(ConfigurationError, match=r"batch\.identities=6 can't be shared equally by 4 processes"):
        kind(labels([4] * 30), 6, 2, seed=0, num_replicas=4)


@pytest.mark.parametrize("kind", TRAINING)
@pytest.mark.parametrize("size", [(0, 2), (2, 0)])
def test_an_empty_batch_is_refused(kind, size):
    with pytest.raises(ConfigurationError, match="one identity and one image of it at least"):
        kind(labels([4] * 30), *size, seed=0)


@RELAXED
@given(num=st.integers(1, 60), size=st.integers(1, 20), replicas=st.integers(1, 5))
def test_evaluation_batches_cover_every_row_in_order_and_equally_on_all_processes(num, size, replicas):
    parts = [SequentialBatchSampler(num, size, replicas, rank) for rank in range(replicas)]
    batches = [list(part) for part in parts]
    assert [len(part) for part in parts] == [len(own) for own in batches]
    assert len({tuple(map(len, own)) for own in batches}) == 1
    rows = [row for own in batches for batch in own for row in batch]
    assert rows[:num] == list(range(num))
    assert len(rows) < num + replicas
    assert max(rows) == num - 1
    assert all(len(batch) <= size for own in batches for batch in own)
