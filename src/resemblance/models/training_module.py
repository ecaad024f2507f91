"""The one LightningModule: any backbone, neck and loss, trained and validated."""

import math
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Protocol

import pytorch_lightning as pl
import torch
from torch import Tensor, nn
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler

from resemblance.embeddings import Embeddings, EmbeddingStore
from resemblance.errors import ResemblanceWarning, TrainingError
from resemblance.models.chunks import embed_in_chunks
from resemblance.models.collapse import CollapseWatch
from resemblance.models.epoch_means import EpochMeans
from resemblance.models.network import FaceNetwork
from resemblance.results import Result
from resemblance.similarity import Similarity

MakeOptimizer = Callable[[Iterable[dict[str, Any]]], Optimizer]
MakeScheduler = Callable[[Optimizer, int], LRScheduler]
Batch = tuple[Tensor, Tensor, Tensor]
"""``(images uint8 [B, 3, H, W], identities int64 [B], indices int64 [B])``."""


class TrainedLoss(Protocol):
    """What is asked of a loss here, a module; the losses themselves are in another room."""

    similarity: Similarity

    def __call__(self, embeddings: Tensor, identities: Tensor, /) -> tuple[Tensor, Mapping[str, Tensor]]:
        """Value and statistics of a batch."""

    def tell_progress(self, share: float) -> None:
        """How much of the training is done, 0 … 1."""

    def parameters(self) -> Iterator[nn.Parameter]:
        """Its own weights."""


class FaceTrainingModule(pl.LightningModule):
    """Trains a network with a loss and measures it on validation identities after each epoch.

    Args:
        network: images to raw embeddings.
        loss: ``(embeddings, identities) → LossOutput``; its own weights train in a group of their own.
        augment: float images [B, 3, H, W] on the scale 0 … 1 to the same, in training only.
        validate: embeddings of the validation identities to what the protocols find there.
        make_optimizer: parameter groups to optimiser.
        make_scheduler: optimiser and number of steps to schedule, stepped after each batch.
        learning_rate: of the network.
        flip_average: validate embeddings averaged over mirror images, as the test embeddings are.
        loss_lr_scale: the loss's own weights learn at this multiple of the network's rate.
        loss_name: what the user calls the loss.
        chunk_size: images whose activations are held at once, see :func:`~resemblance.models.chunks.embed_in_chunks`;
            None holds those of the whole batch.
        record: plain containers that every checkpoint holds beside the weights.

    Attributes:
        collapse: what has been seen of a collapse of the embeddings.
    """

    def __init__(
        self,
        network: FaceNetwork,
        loss: TrainedLoss,
        augment: nn.Module,
        validate: Callable[[Embeddings], Result],
        make_optimizer: MakeOptimizer,
        make_scheduler: MakeScheduler,
        learning_rate: float,
        loss_lr_scale: float,
        flip_average: bool,
        loss_name: str,
        chunk_size: int | None,
        record: dict[str, Any],
    ) -> None:
        super().__init__()
        self.network = network
        self.loss = loss
        self.augment = augment
        self.record = record
        self._validate = validate
        self._make_optimizer = make_optimizer
        self._make_scheduler = make_scheduler
        self._learning_rate = learning_rate
        self._loss_lr_scale = loss_lr_scale
        self._flip_average = flip_average
        self._chunk_size = chunk_size
        self._seen = EmbeddingStore()
        self._means = EpochMeans()
        self._total_steps = 1
        self._loss_name = loss_name
        self.collapse = CollapseWatch(loss_name, by_direction=loss.similarity.normalized)

    def training_step(self, batch: Batch, batch_index: int) -> Tensor:
        """The loss of a batch; its statistics go to the log, step by step and as means over the epoch.

        Raises:
            TrainingError: when the loss is no longer a number.
        """
        images, identities, _ = batch
        self.loss.tell_progress(self.global_step / self._total_steps)
        embeddings = embed_in_chunks(self.network, self.augment(images.float() / 255), self._chunk_size)
        value, statistics = self.loss(embeddings, identities)
        found = torch.stack([value.detach(), *statistics.values()]).tolist()  # a GPU is waited for once
        step = dict(zip(("loss", *statistics), found, strict=True))
        if not math.isfinite(step["loss"]):  # it would reach the checkpoint and every figure without a word
            raise TrainingError(
                f"The loss became {step['loss']} at step {self.global_step}; lower optimizer.lr or set "
                f"trainer.precision=32."
            )
        self._means.add(step)
        self.collapse.see(self.global_step, step)
        for logger in self.loggers:  # Lightning's own log would take each number to the device and back
            logger.log_metrics({f"step/{name}": number for name, number in step.items()}, self.global_step)
        return value

    def on_train_epoch_end(self) -> None:
        """Log the means of the steps' statistics.

        Warns:
            ResemblanceWarning: when no batch of the first epoch held anything for the loss to compare.
        """
        means = self._means.take(self.device)
        for name, mean in means.items():
            self.log(f"train/{name}", mean)
        if self.current_epoch == 0 and means.get("empty_batch") == 1:
            warnings.warn(
                f"No batch of the first epoch held anything to compare for loss={self._loss_name}, so nothing was "
                f"learned; take sampler=identities or larger batches.",
                ResemblanceWarning,
                stacklevel=2,
            )

    def on_train_epoch_start(self) -> None:
        """Log the rate of each parameter group."""
        names = ("learning_rate", "loss_learning_rate")
        for name, group in zip(names, self.trainer.optimizers[0].param_groups, strict=False):
            self.log(f"train/{name}", group["lr"], on_step=False, on_epoch=True)

    def on_validation_epoch_start(self) -> None:
        """Forget the embeddings of the last epoch."""
        self._seen.reset()

    def validation_step(self, batch: Batch, batch_index: int) -> None:
        """Keep the embeddings of a batch."""
        images, identities, indices = batch
        with torch.autocast(self.device.type, enabled=False):  # in float32, as the test embeddings are
            embeddings = self.network.embed(images, flip_average=self._flip_average)
        self._seen.update(embeddings, identities, indices)

    def on_validation_epoch_end(self) -> None:
        """Run the protocols on all of them and log every figure."""
        result = self._validate(self._seen.embeddings())
        for key, scalar in result.scalars.items():
            # Every process holds all rows after the store's own gathering, so there is nothing left to reduce.
            self.log(key, scalar.value, prog_bar=key.endswith("verification/auc"))

    def configure_optimizers(self) -> Any:
        """Two parameter groups, network and loss, on one schedule that is stepped after each batch."""
        groups: list[dict[str, Any]] = [{"params": list(self.network.parameters()), "lr": self._learning_rate}]
        if own := list(self.loss.parameters()):
            groups.append({"params": own, "lr": self._learning_rate * self._loss_lr_scale})
        optimizer = self._make_optimizer(groups)
        self._total_steps = int(self.trainer.estimated_stepping_batches)
        scheduler = self._make_scheduler(optimizer, self._total_steps)
        return {"optimizer": optimizer, "lr_scheduler": {"scheduler": scheduler, "interval": "step"}}

    def on_save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Add what rebuilds the network."""
        checkpoint.update(self.record)
