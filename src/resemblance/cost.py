"""What a training cost: time, images a second, memory, parameters."""

import time
from collections.abc import Callable
from typing import Any

import pytorch_lightning as pl
import torch
from pytorch_lightning.callbacks import Callback

from resemblance import process_memory
from resemblance.results import Result, Scalar

MEGABYTE = 1_000_000


class CostMeter(Callback):
    """A Lightning callback that measures a fit.

    Training batches are timed from the end of the one before, so loading counts and validation does not; the first
    batch of an epoch, which follows the validation, is timed from the beginning of the epoch. Images a second leave the
    first batch of the training out, which waits for compilers and for what starts, unless there is no other. On several
    devices this process's share is measured, and images are counted for all of them.

    Args:
        now: the clock, for tests.
    """

    def __init__(self, now: Callable[[], float] = time.perf_counter) -> None:
        self._now = now
        self._began = self._since = 0.0
        self._fit = self._training = 0.0
        self._images = 0
        self._first = (0, 0.0)
        self._parameters = self._loss_parameters = 0
        self._memory, self._memory_is = 0, ""

    def on_fit_start(self, trainer: pl.Trainer, module: pl.LightningModule) -> None:
        """Count the parameters and begin."""
        judging = _count(module.get_submodule("loss.similarity"))  # what it has learned is needed afterwards
        self._parameters = _count(module.get_submodule("network")) + judging
        self._loss_parameters = _count(module.get_submodule("loss")) - judging
        if trainer.strategy.root_device.type == "cuda":
            torch.cuda.reset_peak_memory_stats(trainer.strategy.root_device)
            self._memory_is = "peak memory of the GPU"
        else:
            since = "while training" if process_memory.reset_peak() else "since the process began"
            self._memory_is = f"peak memory of the process {since}"
        self._began = self._since = self._now()

    def on_train_epoch_start(self, trainer: pl.Trainer, module: pl.LightningModule) -> None:
        """Begin to time the epoch's first batch."""
        self._since = self._now()

    def on_train_batch_end(
        self, trainer: pl.Trainer, module: pl.LightningModule, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        """Count a batch; before the first one and an epoch's last one are timed, a GPU finishes what is queued."""
        first = self._images == 0
        if (first or trainer.is_last_batch) and trainer.strategy.root_device.type == "cuda":
            torch.cuda.synchronize(trainer.strategy.root_device)
        now = self._now()
        self._training += now - self._since
        self._since = now
        self._images += len(batch[1]) * trainer.world_size
        if first:
            self._first = (self._images, self._training)

    def on_fit_end(self, trainer: pl.Trainer, module: pl.LightningModule) -> None:
        """Stop the clock and read the memory."""
        device = trainer.strategy.root_device
        if device.type == "cuda":
            torch.cuda.synchronize(device)
        self._fit = self._now() - self._began
        is_cuda = device.type == "cuda"
        self._memory = torch.cuda.max_memory_allocated(device) if is_cuda else process_memory.peak_bytes()

    def result(self) -> Result:
        """For metrics.json; of a training that was never begun, nothing."""
        if not self._images:
            return Result()
        images, seconds = self._images - self._first[0], self._training - self._first[1]
        if not images:
            images, seconds = self._first
        return Result(
            {
                "images": Scalar(self._images, "images seen in training"),
                "seconds": Scalar(self._fit, "seconds of the fit, validation included"),
                "images_per_second": Scalar(images / seconds, "training images a second (without the first batch)"),
                "peak_memory_mb": Scalar(self._memory / MEGABYTE, f"MB, {self._memory_is}"),
                "parameters": Scalar(self._parameters, "parameters of the network (with its similarity)"),
                "loss_parameters": Scalar(self._loss_parameters, "parameters of the loss, not needed afterwards"),
            }
        )


def _count(module: torch.nn.Module) -> int:
    return sum(parameter.numel() for parameter in module.parameters() if parameter.requires_grad)
