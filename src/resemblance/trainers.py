"""The Lightning trainer that a configuration asks for, and which of its checkpoints is tested."""

import logging
import warnings
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytorch_lightning as pl
import torch
from pytorch_lightning.callbacks import Callback, ModelCheckpoint
from pytorch_lightning.loggers import Logger

from resemblance.errors import ConfigurationError
from resemblance.tracking.names import improves_downwards

Plain = Mapping[str, Any]


def build_trainer(config: Plain, checkpoints: Path, loggers: Sequence[Logger], progress: Callback) -> pl.Trainer:
    """A trainer that shards nothing by itself, for the batch samplers know their process.

    Args:
        config: plain containers; ``trainer`` and ``selection`` are read.
        checkpoints: folder of ``best.ckpt`` and ``last.ckpt``.
        loggers: what hears of every epoch.
        progress: the progress bar.
    """
    settings = config["trainer"]
    callbacks: list[Callback] = [
        progress,
        best_checkpoint(config["selection"], checkpoints),
        last_checkpoint(checkpoints),
    ]
    return pl.Trainer(
        accelerator=settings["accelerator"],
        devices=1,
        precision=_precision(settings["precision"], settings["accelerator"]),
        max_epochs=config["epochs"],
        limit_train_batches=settings["limit_batches"],
        gradient_clip_val=settings["gradient_clip"],
        deterministic=settings["deterministic"],
        logger=list(loggers),
        callbacks=callbacks,
        default_root_dir=checkpoints.parent,
        use_distributed_sampler=False,
        num_sanity_val_steps=0,  # the untrained network is measured anyway
        log_every_n_steps=1,
        enable_model_summary=False,
    )


def best_checkpoint(selection: Mapping[str, str], folder: Path) -> ModelCheckpoint:
    """Keeps ``best.ckpt``, the epoch that the validation identities like best."""
    return ModelCheckpoint(
        dirpath=folder,
        filename="best",
        monitor=selection["metric"],
        mode="min" if improves_downwards(selection["metric"]) else "max",
        auto_insert_metric_name=False,
        enable_version_counter=False,
    )


def last_checkpoint(folder: Path) -> ModelCheckpoint:
    """Keeps ``last.ckpt``, the newest epoch; ``save_last`` of the other would be written only beside a new best."""
    return ModelCheckpoint(
        dirpath=folder,
        filename="last",
        monitor=None,
        save_on_train_epoch_end=True,
        auto_insert_metric_name=False,
        enable_version_counter=False,
    )


def selected_checkpoint(config: Plain, checkpoints: Path) -> Path:
    """``best.ckpt`` or ``last.ckpt``, as ``selection.rule`` says."""
    return checkpoints / f"{config['selection']['rule']}.ckpt"


def _precision(wanted: Any, accelerator: str) -> Any:
    if wanted != "auto":
        return wanted
    if accelerator == "cpu" or not torch.cuda.is_available():
        return "32-true"  # CPUs rarely have fast bf16 convolutions, and the figures are then repeatable
    return "bf16-mixed" if torch.cuda.is_bf16_supported() else "16-mixed"


def check_trainer(config: Plain, reported: Collection[str]) -> None:
    """Refuse what Lightning would only find out after the data has been read.

    Args:
        config: plain containers with checked types.
        reported: the keys that the protocols report on validation identities.

    Raises:
        ConfigurationError: naming the setting, its value and what it may be.
    """
    metric = config["selection"]["metric"]
    if metric not in reported:
        raise ConfigurationError(
            f"A checkpoint is chosen by a figure of the validation identities; selection.metric is one of "
            f"{', '.join(sorted(reported))}, not '{metric}'."
        )
    accelerator = config["trainer"]["accelerator"]
    there = {"gpu": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if not there.get(accelerator, True):
        raise ConfigurationError(
            f"PyTorch can't use trainer.accelerator={accelerator} here; leave it at auto, which takes what there is."
        )


@contextmanager
def quiet_lightning() -> Iterator[None]:
    """Keep Lightning's notices about hardware, workers and tips out of the run's console; its warnings stay."""
    logger = logging.getLogger("pytorch_lightning")
    level = logger.level
    logger.setLevel(logging.WARNING)
    with warnings.catch_warnings():
        # Workers would copy what already lies in memory, and a smoke run logs less often than Lightning expects.
        warnings.filterwarnings("ignore", ".*does not have many workers.*")
        warnings.filterwarnings("ignore", ".*exists and is not empty.*")
        warnings.filterwarnings("ignore", ".*isinstance.treespec, LeafSpec.*")  # Lightning's own, about torch
        try:
            yield
        finally:
            logger.setLevel(level)
