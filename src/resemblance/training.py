"""``train(config)``: from a configuration to a finished run directory, as an ordinary function that tests call too."""

import logging
import time
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytorch_lightning as pl
import torch
from omegaconf import DictConfig, OmegaConf
from pytorch_lightning.callbacks import LearningRateMonitor, ModelCheckpoint
from rich.console import Console

from resemblance import checkpoints
from resemblance.config import needs, to_plain
from resemblance.errors import ConfigurationError
from resemblance.evaluation import Measurement, measure
from resemblance.parts import (
    build_datamodule,
    build_loss,
    build_network,
    build_source,
    build_training_module,
    check_parts,
)

Plain = Mapping[str, Any]


@dataclass(frozen=True)
class Outcome:
    """What a training leaves behind: the run directory, and the figures before and after."""

    directory: Path
    baseline: Measurement
    trained: Measurement


def train(
    config: DictConfig, output_dir: Path, overrides: Sequence[str] = (), console: Console | None = None
) -> Outcome:
    """Train one configuration, test the selected checkpoint on unseen identities, and write the run directory.

    Args:
        config: ``conf/train.yaml`` composed, with ``choices`` (the option taken of each group).
        output_dir: the run directory; created.
        overrides: what the user changed, for the run's name.
        console: where the tables go; the terminal by default.

    Raises:
        ConfigurationError: before any data is touched.
        DataError: when the data can't be used.
        OutputError: when the run directory can't be written.
    """
    began = time.monotonic()
    console = console or Console()
    plain = to_plain(config)
    check_parts(plain)
    _quieten()
    directory = RunDirectory(output_dir)

    source = build_source(plain)
    _check_pair_list(plain, source)
    data = build_datamodule(plain, source)
    ...
