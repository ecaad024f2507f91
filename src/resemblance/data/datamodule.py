"""Loaders over a source: training batches from a sampler, evaluation batches in order."""

from collections.abc import Callable, Sequence
from typing import Any

import pytorch_lightning as pl
from torch.utils.data import DataLoader, Sampler

from resemblance.data.faces import Batch, FaceDataset
from resemblance.data.samplers import SequentialBatchSampler
from resemblance.data.source import FaceSource

MakeSampler = Callable[..., Sampler[list[int]]]
"""``(identities=, identity_names=, num_replicas=, rank=)`` to batches of row numbers."""


def _as_fetched(batch: Any) -> Any:
    # A data set in memory hands over whole batches; module-level, so that a worker process could import it.
    return batch


class FaceDataModule(pl.LightningDataModule):
    """Loads a source once and serves its three sets.

    Lightning's own distributed samplers must be off: the batch samplers here know their process.

    Args:
        source: where the images come from.
        make_sampler: builds the training sampler from the labels of the training set.
        evaluation_batch_size: images a step on each process when nothing is learned.
    """

    def __init__(self, source: FaceSource, make_sampler: MakeSampler, evaluation_batch_size: int) -> None:
        super().__init__()
        self.source = source
        self._make_sampler = make_sampler
        self._evaluation_batch_size = evaluation_batch_size
        self._sets: dict[str, FaceDataset] = {}

    @property
    def train_set(self) -> FaceDataset:
        """Images to learn from; there after :meth:`setup`, like the other two."""
        return self._sets["train"]

    @property
    def validation_set(self) -> FaceDataset:
        """Images of the identities that choose checkpoint and threshold."""
        return self._sets["validation"]

    @property
    def test_set(self) -> FaceDataset:
        """Images of the identities that are looked at once."""
        return self._sets["test"]

    def prepare_data(self) -> None:
        """Let the source do its long work, on one process."""
        if not self._sets:
            self.source.prepare()

    def setup(self, stage: str | None = None) -> None:
        """Load all three sets, unless they are there; the training sampler is built to refuse a bad batch early."""
        if not self._sets:
            self._sets = {
                "train": self.source.train(),
                "validation": self.source.validation(),
                "test": self.source.test(),
            }
            self._training_sampler()

    def train_dataloader(self) -> DataLoader[Batch]:
        """Batches of the configured sampler; this process's share of each."""
        return self._loader(self.train_set, self._training_sampler(**self._processes()))

    def val_dataloader(self) -> DataLoader[Batch]:
        """The validation set in order; this process's share of it."""
        return self.evaluation_loader(self.validation_set, **self._processes())

    def evaluation_loader(self, dataset: FaceDataset, num_replicas: int = 1, rank: int = 0) -> DataLoader[Batch]:
        """All images of a set in order, or this process's share of them."""
        sampler = SequentialBatchSampler(len(dataset), self._evaluation_batch_size, num_replicas, rank)
        return self._loader(dataset, sampler)

    def _training_sampler(self, num_replicas: int = 1, rank: int = 0) -> Sampler[list[int]]:
        dataset = self.train_set
        return self._make_sampler(
            identities=dataset.identities,
            identity_names=dataset.identity_names,
            num_replicas=num_replicas,
            rank=rank,
        )

    def _processes(self) -> dict[str, int]:
        trainer = self.trainer
        return {"num_replicas": trainer.world_size, "rank": trainer.global_rank} if trainer else {}

    @staticmethod
    def _loader(dataset: FaceDataset, sampler: Sampler[list[int]] | Sequence[Any]) -> DataLoader[Batch]:
        # The images lie in memory: a worker process would only add the cost of sending them.
        return DataLoader(dataset, batch_sampler=sampler, collate_fn=_as_fetched, num_workers=0)
