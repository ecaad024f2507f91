"""The Lightning trainer that a configuration asks for, and which of its checkpoints is tested."""

import logging
import warnings
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytorch_lightning as pl
import torch
from pytorch_lightning.callbacks import Callback, ModelCheckpoint, ProgressBar
from pytorch_lightning.loggers import Logger
from pytorch_lightning.strategies import DDPStrategy

from resemblance.devices import (
    JoinedProcesses,
    OneOfSeveral,
    SyncedBatchNorm,
    accelerator,
    check_devices,
    number_of_devices,
)
from resemblance.errors import ConfigurationError
from resemblance.results import Result
from resemblance.tracking.names import improves_downwards

Plain = Mapping[str, Any]


def build_trainer(
    config: Plain,
    checkpoints: Path,
    loggers: Sequence[Logger] = (),
    watching: Sequence[Callback] = (),
    rank: int = 0,
) -> pl.Trainer:
    """A trainer that shards nothing by itself, for the batch samplers know their process.

    Args:
        config: plain containers; ``seed``, ``epochs``, ``trainer`` and ``selection`` are read.
        checkpoints: folder of ``best.ckpt`` and ``last.ckpt``, which the first process writes.
        loggers: what hears of every epoch, on the first process.
        watching: progress bar and cost meter, on the first process.
        rank: which process of the training this is; :mod:`resemblance.processes` joins them.
    """
    settings = config["trainer"]
    kept = [best_checkpoint(config["selection"], checkpoints), last_checkpoint(checkpoints)]
    callbacks: list[Callback] = [*watching, *kept]
    several: dict[str, Any] = {}
    if (devices := number_of_devices(settings)) > 1:
        callbacks.append(OneOfSeveral(config["seed"]))
        synced = settings["sync_batch_norm"] and accelerator(settings) == "gpu"
        several = {
            "strategy": DDPStrategy(cluster_environment=JoinedProcesses(rank)),
            "plugins": [SyncedBatchNorm()] if synced else None,
        }
    return pl.Trainer(
        accelerator=settings["accelerator"] if devices == 1 else accelerator(settings),
        devices=devices,
        **several,
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
        enable_progress_bar=any(isinstance(callback, ProgressBar) for callback in watching),
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
    wanted = config["trainer"]["accelerator"]
    there = {"gpu": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if not there.get(wanted, True):
        raise ConfigurationError(
            f"PyTorch can't use trainer.accelerator={wanted} here; leave it at auto, which takes what there is."
        )
    check_devices(config)


def check_selection(metric: str, validation: Result) -> None:
    """Refuse to choose a checkpoint by a figure that these validation identities can't support.

    Args:
        metric: ``selection.metric``, such as ``val/open_set/tpir_at_fpir_1e_2``.
        validation: what was found on them, without the split in its keys.

    Raises:
        ConfigurationError: naming the figures that there are.
    """
    measured = validation.prefixed("val").scalars
    if metric not in measured:
        raise ConfigurationError(
            f"These validation identities are too few to measure {metric}; take a selection.metric of "
            f"{', '.join(sorted(measured))}, or more of them."
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
        warnings.filterwarnings("ignore", ".*sync_dist=True.*")  # what is logged has been gathered before
        warnings.filterwarnings("ignore", ".*isinstance.treespec, LeafSpec.*")  # Lightning's own, about torch
        try:
            yield
        finally:
            logger.setLevel(level)
