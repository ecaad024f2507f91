"""Which images make a training batch, on one process or several.

A sampler here yields lists of row numbers and is the ``batch_sampler`` of a loader. It knows its process: every
process draws the same batch of the whole training and takes its own part of it, so that a batch does not depend on
the number of processes. Lightning must therefore leave it alone (``use_distributed_sampler=False``).
"""

import hashlib
import math
from collections.abc import Iterator, Sequence

import torch
from torch import Tensor
from torch.utils.data import Sampler

from resemblance.data.cycle import ShuffledCycle
from resemblance.errors import ConfigurationError, DataError


class TrainingBatchSampler(Sampler[list[int]]):
    """What the training samplers share: batch size, epoch, and the part that a process takes.

    Args:
        identities: int64 [N], labels 0 … C−1 of the training images, each of them used.
        identities_per_batch: P.
        images_per_identity: K; a batch has P·K images over all processes together.
        seed: with the epoch it fixes every batch.
        num_replicas: number of processes; divides P.
        rank: this process.

    Raises:
        ConfigurationError: if P or K is below 1, or P is not divisible by the number of processes.
    """

    def __init__(
        self,
        identities: Tensor,
        identities_per_batch: int,
        images_per_identity: int,
        seed: int,
        num_replicas: int,
        rank: int,
    ) -> None:
        if identities_per_batch < 1 or images_per_identity < 1:
            raise ConfigurationError(
                f"A batch needs one identity and one image of it at least, not batch.identities={identities_per_batch} "
                f"and batch.images_per_identity={images_per_identity}."
            )
        if identities_per_batch % num_replicas:
            raise ConfigurationError(
                f"batch.identities={identities_per_batch} can't be shared equally by {num_replicas} processes; set it "
                f"to a multiple of {num_replicas}."
            )
        self.batch_size = identities_per_batch * images_per_identity
        self.epoch = 0
        self._seed = seed
        share = self.batch_size // num_replicas
        self._part = slice(rank * share, (rank + 1) * share)
        self._num_batches = max(1, len(identities) // self.batch_size)

    @property
    def sampler(self) -> "TrainingBatchSampler":
        """Itself: Lightning calls ``set_epoch`` of a batch sampler only through this attribute."""
        return self

    def set_epoch(self, epoch: int) -> None:
        """Choose the batches that the next iteration yields."""
        self.epoch = epoch

    def __len__(self) -> int:
        """Batches an epoch, after which as many images have been seen as the training set holds, at most."""
        return self._num_batches

    def __iter__(self) -> Iterator[list[int]]:
        for index in range(self._num_batches):
            yield self._batch(index)[self._part]

    def _batch(self, index: int) -> list[int]:
        """Batch ``index`` of the epoch, of all processes together."""
        raise NotImplementedError


class IdentityBatchSampler(TrainingBatchSampler):
    """Batches of P identities with K images each, as pair and triplet losses want them.

    Epochs are stretches of one endless sequence of batches, in which every identity is drawn once before any is drawn
    again, and so is every image of an identity. People with many images thus count no more than others: of two people
    with 2 and 200 images, each image of the first is seen a hundred times as often. An epoch has as many images as
    the training set, but not each of them once. A process takes whole identities.

    An identity with n < K images gives each of them ⌊K/n⌋ or ⌈K/n⌉ times.

    Args:
        identities: int64 [N], labels 0 … C−1 of the training images, each of them used.
        identities_per_batch: P.
        images_per_identity: K.
        seed: with the epoch it fixes every batch.
        num_replicas: number of processes; divides P.
        rank: this process.
        min_images_per_identity: different images that the loss compares within an identity; a pair loss needs 2,
            because an image would otherwise be compared with itself.
        identity_names: C names, for messages.

    Raises:
        ConfigurationError: as :class:`TrainingBatchSampler`.
        DataError: if there are fewer than P identities, or one has too few images for the loss.
    """

    def __init__(
        self,
        identities: Tensor,
        identities_per_batch: int,
        images_per_identity: int,
        seed: int,
        num_replicas: int = 1,
        rank: int = 0,
        min_images_per_identity: int = 1,
        identity_names: Sequence[str] | None = None,
    ) -> None:
        super().__init__(identities, identities_per_batch, images_per_identity, seed, num_replicas, rank)
        counts = torch.bincount(identities)
        if len(counts) < identities_per_batch:
            raise DataError(
                f"A batch of {identities_per_batch} identities can't be drawn from a training set of {len(counts)}; "
                f"lower batch.identities to {len(counts)} or less, or use more identities."
            )
        _check_images(counts, min_images_per_identity, identity_names)
        rows = torch.argsort(identities, stable=True).split(counts.tolist())
        self._rows = [own.tolist() for own in rows]
        self._identities = ShuffledCycle(len(rows), identities_per_batch, _key(seed, "identities"))
        self._images = [
            ShuffledCycle(len(own), images_per_identity, _key(seed, "images", identity))
            for identity, own in enumerate(rows)
        ]
        self._identities_per_batch = identities_per_batch

    def _batch(self, index: int) -> list[int]:
        block = self.epoch * len(self) + index
        first = block * self._identities_per_batch
        batch: list[int] = []
        for position, identity in enumerate(self._identities.block(block), start=first):
            # The cycle visits everyone once, so that the number of a visit is the number of its round.
            visit = position // len(self._rows)
            own = self._rows[identity]
            batch += [own[image] for image in self._images[identity].block(visit)]
        return batch


class ShuffledBatchSampler(TrainingBatchSampler):
    """Plain shuffled batches of P·K images, as classification losses are usually trained.

    Takes the same two numbers as :class:`IdentityBatchSampler`, so that a comparison of the two sees equally many
    images. Every image is seen once an epoch, except the N mod P·K that are left over: others in each epoch.

    Args:
        identities: int64 [N], labels 0 … C−1 of the training images, each of them used.
        identities_per_batch: P.
        images_per_identity: K.
        seed: with the epoch it fixes every batch.
        num_replicas: number of processes; divides P.
        rank: this process.
        min_images_per_identity: different images that the loss compares within an identity. People with fewer serve
            as other people in shuffled batches, so that only a training set without any genuine comparison is refused.
        identity_names: unused, for both samplers are built alike.

    Raises:
        ConfigurationError: as :class:`TrainingBatchSampler`.
        DataError: if there are fewer than P·K images, or the loss finds nothing to compare.
    """

    def __init__(
        self,
        identities: Tensor,
        identities_per_batch: int,
        images_per_identity: int,
        seed: int,
        num_replicas: int = 1,
        rank: int = 0,
        min_images_per_identity: int = 1,
        identity_names: Sequence[str] | None = None,
    ) -> None:
        super().__init__(identities, identities_per_batch, images_per_identity, seed, num_replicas, rank)
        self._num_images = len(identities)
        if self._num_images < self.batch_size:
            raise DataError(
                f"A batch of {identities_per_batch} × {images_per_identity} images can't be drawn from a training set "
                f"of {self._num_images}; lower batch.identities or batch.images_per_identity."
            )
        if int(torch.bincount(identities).max()) < min_images_per_identity:
            raise DataError(
                f"No identity of the training set has {min_images_per_identity} images, which the loss needs to "
                f"compare images of one person; use a set with more images of each, or a classification loss."
            )
        self._order: list[int] = []

    def __iter__(self) -> Iterator[list[int]]:
        generator = torch.Generator().manual_seed(_key(self._seed, "shuffled", self.epoch))
        self._order = torch.randperm(self._num_images, generator=generator).tolist()
        return super().__iter__()

    def _batch(self, index: int) -> list[int]:
        return self._order[index * self.batch_size : (index + 1) * self.batch_size]


class SequentialBatchSampler(Sampler[list[int]]):
    """All images in order, or one process's stretch of them, for evaluation.

    Each process gets ⌈N / num_replicas⌉ images, so that none waits for another; the last ones start again from row 0
    where N is not divisible, and :class:`~resemblance.embeddings.EmbeddingStore` drops what it has seen.

    Args:
        num_images: N.
        batch_size: images of a batch on this process; the last one may be smaller.
        num_replicas: number of processes.
        rank: this process.
    """

    def __init__(self, num_images: int, batch_size: int, num_replicas: int = 1, rank: int = 0) -> None:
        self._num_images = num_images
        self._batch_size = batch_size
        share = math.ceil(num_images / num_replicas)
        self._rows = range(rank * share, (rank + 1) * share)

    def __len__(self) -> int:
        return math.ceil(len(self._rows) / self._batch_size)

    def __iter__(self) -> Iterator[list[int]]:
        for start in range(0, len(self._rows), self._batch_size):
            yield [row % self._num_images for row in self._rows[start : start + self._batch_size]]


def _check_images(counts: Tensor, wanted: int, names: Sequence[str] | None) -> None:
    few = (counts < wanted).nonzero().flatten().tolist()
    if few:
        who = f"'{names[few[0]]}'" if names is not None else f"identity {few[0]}"
        more = f" and {len(few) - 1} more identities have" if len(few) > 1 else " has"
        raise DataError(
            f"{who}{more} fewer than {wanted} images in the training set, but the loss compares {wanted} images of "
            f"each identity; leave such identities out (data.min_images_per_identity={wanted} for photographs), or use "
            f"sampler=shuffled."
        )


def _key(*parts: int | str) -> int:
    """A seed that differs for different parts, without the correlations of sums of small numbers."""
    return int.from_bytes(hashlib.blake2b(repr(parts).encode(), digest_size=7).digest())
