"""A W&B run that begins: refused by W&B it is an error of the user's, without a network it goes on offline."""

import os
import shutil
import warnings
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import wandb

from resemblance.errors import ConfigurationError, ResemblanceWarning
from resemblance.tracking.paths import RunPaths
from resemblance.tracking.tolerance import first_line
from resemblance.tracking.wandb_about import Mode, of_wandb_sweep, tags_of

UPLOADED_LATER = "the run goes on, and is logged offline: `make sync` uploads it later"
PATIENCE = {"init_timeout": 30.0, "finish_timeout": 300.0}
"""Seconds that W&B has at the beginning of an online run to answer, and at its end to take what is left to upload.

``WANDB_INIT_TIMEOUT`` and ``WANDB_FINISH_TIMEOUT`` set others.
"""
_REFUSALS = (wandb.errors.UsageError, wandb.errors.AuthenticationError, wandb.errors.CommError, ValueError)


def begun(
    directory: RunPaths,
    config: Mapping[str, Any],
    settings: Mapping[str, Any],
    mode: Mode,
    *,
    group: str | None,
    name: str,
    job_type: str,
) -> Any:
    """The run; None where W&B can't start, which is told in one sentence.

    Raises:
        ConfigurationError: when W&B refuses it: no account, an owner or a project that does not exist.
    """
    about: dict[str, Any] = {
        "dir": str(directory.path.absolute()),
        "config": dict(config),
        "group": settings.get("group") or group,
        "name": name,
        "tags": tags_of(config, settings.get("tags")),
        "notes": settings.get("notes"),
        "job_type": job_type,
        "reinit": "create_new",  # a run that somebody else left open is neither ours to end nor to write to
    }
    if not of_wandb_sweep():  # whose agent has said where the run belongs
        about |= {"project": settings["project"], "entity": settings.get("entity")}
    new, before = not directory.wandb.exists(), set(directory.wandb.glob("*run-*"))
    try:
        directory.wandb.mkdir(parents=True, exist_ok=True)
        return _init(about, mode)
    except Exception as error:
        for path in set(directory.wandb.glob("*run-*")) - before:  # it holds nothing
            shutil.rmtree(path, ignore_errors=True)
        if mode == "online" and _is_unreachable(error):
            warnings.warn(f"W&B can't be reached ({_why(error)}); {UPLOADED_LATER}.", ResemblanceWarning, stacklevel=2)
            return begun(directory, config, settings, "offline", group=group, name=name, job_type=job_type)
        if isinstance(error, _REFUSALS) or (mode == "online" and isinstance(error, wandb.errors.Error)):
            if new:  # a run that is refused leaves nothing
                shutil.rmtree(directory.wandb, ignore_errors=True)
            mend = "mend the setting that it names, or take logger=none"
            if mode == "online":
                mend = "run `wandb login`, or leave logger.mode=offline and upload later with `make sync`"
            raise ConfigurationError(
                f"W&B can't start with logger.mode={mode} ({first_line(error).rstrip('.')}); {mend}."
            ) from error
        warnings.warn(
            f"W&B can't start ({first_line(error)}); the run goes on without it, and its directory holds everything.",
            ResemblanceWarning,
            stacklevel=2,
        )
        return None


def service_is_dead(error: BaseException) -> bool:
    """Whether W&B's helper process has ended, as it does when it is killed or comes upon a defect of its own."""
    # Its other errors are of modules that W&B may move.
    return isinstance(error, ConnectionError) or type(error).__module__.startswith("wandb.sdk.mailbox")


def forget_service() -> None:
    """Let W&B start a new helper process for the next run, and not look for the dead one when Python ends."""
    with suppress(Exception):
        wandb.teardown()


def _init(about: Mapping[str, Any], mode: Mode) -> Any:
    patience: dict[str, Any] = {
        key: value for key, value in PATIENCE.items() if f"WANDB_{key.upper()}" not in os.environ
    }
    # The console belongs to the progress bar and the tables.
    silent = mode != "online" or os.environ.get("WANDB_SILENT", "").lower() == "true"
    settings = wandb.Settings(console="off", silent=silent, finish_timeout_raises=True, **patience)
    try:
        run = wandb.init(mode=mode, settings=settings, **about)
    except Exception as error:
        if not service_is_dead(error):
            raise
        forget_service()  # that of an earlier run of this process
        run = wandb.init(mode=mode, settings=settings, **about)
    run.define_metric("epoch", summary="max")
    return run


def _is_unreachable(error: Exception) -> bool:
    """Whether W&B did not answer; what answers and says no is no network that is gone."""
    return isinstance(error, TimeoutError) or "timed out" in first_line(error).lower()


def _why(error: Exception) -> str:
    """``Timed out while retrying: Post "https://…": dial tcp: …`` → what was tried last."""
    return first_line(error).removeprefix("Timed out while retrying: ")
