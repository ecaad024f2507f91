"""Composing configurations as ``train.py`` does, for tests that call ordinary functions."""

import copy
import functools
from pathlib import Path
from typing import Any

from hydra import compose, initialize_config_dir
from omegaconf import DictConfig, OmegaConf

from resemblance.config import config_dir
from resemblance.tracking.run_record import RunRecord

REPOSITORY = Path(__file__).parents[1]
RECORD = RunRecord("0123456789ab", "0.1.0", None, {"python": "3.11.7"}, threads=1)
"""Of a made-up run."""


def composed(*overrides: str, command: str = "train") -> DictConfig:
    """``conf/train.yaml`` or another command's, with overrides and the ``choices`` that the command line adds."""
    return copy.deepcopy(_composed(command, overrides))


@functools.cache
def _composed(command: str, overrides: tuple[str, ...]) -> DictConfig:
    with initialize_config_dir(str(config_dir()), version_base="1.3"):
        config = compose(command, overrides=list(overrides), return_hydra_config=True)
    chosen = config.hydra.runtime.choices
    choices = {group: option for group, option in chosen.items() if "/" not in group and option not in (None, "null")}
    plain: dict[Any, Any] = {key: value for key, value in config.items() if key != "hydra"}
    return OmegaConf.create({**plain, "choices": choices})


def options(group: str) -> list[str]:
    """The choices of a config group."""
    return sorted(path.stem for path in (config_dir() / group).glob("*.yaml"))
