"""What a W&B run is: its mode, project, kind of job and tags, from the configuration and the environment."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Literal, cast, get_args

from resemblance.errors import ConfigurationError
from resemblance.tracking.paths import RunPaths

Mode = Literal["online", "offline", "disabled"]
TAGGED = ("data", "backbone", "loss")
"""Groups whose choice every run carries as a tag."""
_TEXT = ("project", "entity", "group", "notes")
_NO_PROJECT_HAS = "/\\#?%:"
_LONGEST_PROJECT = 128
MINERS = ("mining", "miner")
"""Settings of a loss that name what chooses its pairs or triplets: results differ by it as much as by the loss."""


def wandb_mode(wanted: str | None) -> Mode:
    """The configuration's mode, else the environment's, else offline; online for a run that a W&B sweep has started.

    Raises:
        ConfigurationError: for one that does not exist.
    """
    usual = "online" if of_wandb_sweep() else "offline"
    mode, where = (wanted, "logger.mode") if wanted else (os.environ.get("WANDB_MODE", usual), "WANDB_MODE")
    if mode not in (modes := get_args(Mode)):
        raise ConfigurationError(f"{where} is one of {', '.join(modes)}, not '{mode}'.")
    return cast("Mode", mode)


def check_wandb(settings: Mapping[str, Any]) -> None:
    """Refuse settings that W&B would refuse, or misread, after the data has been read.

    Args:
        settings: ``conf/logger/wandb.yaml``.

    Raises:
        ConfigurationError: naming the setting, its value and what it may be.
    """

    def refuse(name: str, wanted: str) -> ConfigurationError:
        return ConfigurationError(f"logger.{name} is {settings[name]!r}, but should be {wanted}.")

    wandb_mode(settings.get("mode"))
    for name in _TEXT:
        if not isinstance(settings.get(name), str | None):
            raise refuse(name, "text, which has quotes of its own where it looks like something else")
    project = settings.get("project") or ""
    if len(project) > _LONGEST_PROJECT or set(project) & set(_NO_PROJECT_HAS):
        raise refuse("project", f"at most {_LONGEST_PROJECT} characters and none of {' '.join(_NO_PROJECT_HAS)}")
    tags = settings.get("tags")
    if not isinstance(tags, list | tuple | None) or not all(isinstance(tag, str | int | float) for tag in tags or ()):
        raise refuse("tags", "a list of words, such as [mine,first]")
    most = settings.get("artifact_mb")
    if most is not None and (isinstance(most, bool) or not isinstance(most, int | float) or most < 0):
        raise refuse("artifact_mb", "a number of megabytes, or null")
    if not isinstance(settings.get("artifact", False), bool):
        raise refuse("artifact", "true or false")


def of_wandb_sweep() -> bool:
    """Whether an agent of a W&B sweep has started this process: its run exists, with project, owner and name."""
    return bool(os.environ.get("WANDB_SWEEP_ID"))


def job_type_of(config: Mapping[str, Any]) -> str:
    """``tune`` for a trial, of ours or of a W&B sweep, else ``train``."""
    return "tune" if of_wandb_sweep() or not config.get("measure_test", True) else "train"


def tags_of(config: Mapping[str, Any], wanted: Any) -> tuple[str, ...]:
    """The user's tags, then data, backbone and loss, and the miner where the loss has one; each once.

    >>> tags_of({"choices": {"data": "lfw", "loss": "triplet"}, "loss": {"mining": "hard"}}, ["mine"])
    ('mine', 'lfw', 'triplet', 'mining=hard')

    Args:
        config: plain containers.
        wanted: the user's.
    """
    choices, loss = config.get("choices") or {}, config.get("loss")
    miners = []
    if isinstance(loss, Mapping):
        for setting in MINERS:
            miner = loss.get(setting)
            name = miner.get("name") if isinstance(miner, Mapping) else miner
            miners += [f"{setting}={name}"] if name else []
    tags = [*(wanted or ()), *(choices[key] for key in TAGGED if key in choices), *miners]
    return tuple(dict.fromkeys(str(tag)[:64] for tag in tags))  # W&B takes 64 characters


@contextmanager
def wandb_environment(directory: RunPaths, mode: Mode) -> Iterator[None]:
    """W&B's environment variables for one run; afterwards they are what they were.

    Staged artifacts and logs would otherwise lie in the home directory. A place that the user has set is respected.
    """
    wandb_folder = directory.wandb.absolute()
    values = {
        "WANDB_MODE": mode,
        "WANDB_DIR": str(directory.path.absolute()),
        "WANDB_DATA_DIR": os.environ.get("WANDB_DATA_DIR", str(wandb_folder)),
        "WANDB_CACHE_DIR": os.environ.get("WANDB_CACHE_DIR", str(wandb_folder / "cache")),
        "WANDB_SILENT": os.environ.get("WANDB_SILENT", "false" if mode == "online" else "true"),
    }
    if mode != "online":
        values["WANDB_ERROR_REPORTING"] = "false"  # W&B's own crash reports need a network
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
