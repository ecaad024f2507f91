"""The Lightning trainer that a configuration asks for, and which of its checkpoints is tested."""

import logging
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytorch_lightning as pl
import torch
from pytorch_lightning.callbacks import Callback, LearningRateMonitor, ModelCheckpoint
from pytorch_lightning.loggers import Logger

from resemblance.errors import ConfigurationError

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
    callbacks: list[Callback] = [progress, _checkpointing(config["selection"], checkpoints)]
    if loggers:
        callbacks.append(LearningRateMonitor("epoch"))
    return pl.Trainer(
        accelerator=settings["accelerator"],
        devices=settings["devices"],
        num_nodes=settings["num_nodes"],
        strategy=settings["strategy"],
        precision=_precision(settings["precision"], settings["accelerator"]),
        max_epochs=settings["max_epochs"],
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


def selected_checkpoint(config: Plain, trainer: pl.Trainer) -> Path:
    """The checkpoint that the validation identities chose, or the last one where the configuration says so."""
    callback = trainer.checkpoint_callback
    assert isinstance(callback, ModelCheckpoint)
    return Path(callback.best_model_path if config["selection"]["rule"] == "best" else callback.last_model_path)


def _checkpointing(selection: Mapping[str, str], folder: Path) -> ModelCheckpoint:
    return ModelCheckpoint(
        dirpath=folder,
        filename="best",
        monitor=selection["metric"],
        mode=selection["mode"],
        save_last=True,
        auto_insert_metric_name=False,
        enable_version_counter=False,
    )


def _precision(wanted: Any, accelerator: str) -> Any:
    if wanted != "auto":
        return wanted
    if accelerator == "cpu" or not torch.cuda.is_available():
        return "32-true"  # CPUs rarely have fast bf16 convolutions, and the figures are then repeatable
    return "bf16-mixed" if torch.cuda.is_bf16_supported() else "16-mixed"


def check_trainer(config: Plain) -> None:
    """Refuse what Lightning would only find out after the data has been read.

    Raises:
        ConfigurationError: naming the setting, its value and what it may be.
    """
    selection = config["selection"]
    for key, options in {"mode": ("max", "min"), "rule": ("best", "last")}.items():
        if selection[key] not in options:
            raise ConfigurationError(f"selection.{key} is one of {', '.join(options)}, not '{selection[key]}'.")
    if not str(selection["metric"]).startswith(("val/", "train/")):
        raise ConfigurationError(
            f"A checkpoint is chosen on validation identities, so selection.metric begins with val/, unlike "
            f"'{selection['metric']}'."
        )
    wanted = config["trainer"]["precision"]
    known = ("auto", "32", "32-true", "bf16-mixed", "16-mixed")
    if str(wanted) not in known:
        raise ConfigurationError(f"trainer.precision is one of {', '.join(known)}, not '{wanted}'.")
    accelerators = ("auto", "cpu", "gpu", "mps")
    if config["trainer"]["accelerator"] not in accelerators:
        raise ConfigurationError(
            f"trainer.accelerator is one of {', '.join(accelerators)}, not '{config['trainer']['accelerator']}'."
        )
    if config["trainer"]["accelerator"] == "gpu" and not torch.cuda.is_available():
        raise ConfigurationError("There is no GPU that PyTorch can use here; leave trainer.accelerator=auto.")


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
