"""Weights & Biases: offline unless the user says otherwise, one W&B run for each run directory."""

import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Literal, cast, get_args

import wandb
from pytorch_lightning.loggers import WandbLogger
from pytorch_lightning.utilities import rank_zero_only

from resemblance.errors import ConfigurationError
from resemblance.results import Result
from resemblance.tracking.epochs import STEP, EpochRows, of_a_step
from resemblance.tracking.names import improves_downwards
from resemblance.tracking.paths import RunPaths
from resemblance.tracking.wandb_media import media

Mode = Literal["online", "offline", "disabled"]
TAGGED = ("data", "backbone", "loss")
"""Groups whose choice every run carries as a tag."""


class EpochWandbLogger(WandbLogger):
    """Lightning's W&B logger with epochs, counted from 1 as finished, as the axis of every chart but those of steps.

    While a training goes on, the summary of a validation metric is its best value so far; at the end
    :meth:`WandbRun.log_final` puts the value of the selected checkpoint in its place.
    """

    def __init__(self, experiment: Any, project: str, save_dir: str) -> None:
        super().__init__(experiment=experiment, project=project, save_dir=save_dir)
        self._merge = EpochRows()
        self._defined: set[str] = set()

    @rank_zero_only
    def log_metrics(self, metrics: Mapping[str, float], step: int | None = None) -> None:
        """Log a row of the history with its epoch, or what belongs to a step with its number."""
        if of_a_step(metrics):
            if STEP not in self._defined:
                self._defined.add(STEP)
                self.experiment.define_metric(f"{STEP}*", step_metric="trainer/global_step")
            super().log_metrics({name: value for name, value in metrics.items() if name != "epoch"}, step)
            return
        row = self._merge.complete(metrics)
        if row is None:
            return
        for key in row.keys() - self._defined - {"epoch"}:
            self._defined.add(key)
            direction = "min" if improves_downwards(key) else "max"
            self.experiment.define_metric(
                key, step_metric="epoch", summary=direction if key.startswith("val/") else "last"
            )
        super().log_metrics(row, step)


class WandbRun:
    """A W&B run that has begun; :func:`wandb_run` makes it and ends it.

    Attributes:
        logger: for the Lightning trainer.
    """

    def __init__(self, logger: EpochWandbLogger) -> None:
        self.logger = logger

    @rank_zero_only
    def log_final(self, results: Result, directory: RunPaths) -> None:
        """Log what the run has found: summary, ROC, identification table and every figure.

        The summary holds the figures of metrics.json under the same keys, so that runs can be sorted by them.

        Args:
            results: of all sets, as :func:`resemblance.tracking.keys.merged` puts them together.
            directory: whose figures are logged as images.
        """
        run = self.logger.experiment
        if items := media(results, directory):
            run.log(items)
        run.summary.update({key: scalar.value for key, scalar in results.scalars.items()})


@contextmanager
def wandb_run(
    directory: RunPaths,
    config: Mapping[str, Any],
    settings: Mapping[str, Any],
    *,
    group: str | None,
    name: str,
    job_type: str = "train",
) -> Iterator[WandbRun | None]:
    """A W&B run for the length of a ``with`` block; what happens inside decides whether it is marked as failed.

    Everything that W&B writes lies in ``wandb/`` of the run directory: its log, staged artifacts and cache. In offline
    mode neither a network nor an account is needed.

    Args:
        directory: of the run.
        config: plain containers, logged as the run's configuration.
        settings: ``conf/logger/*.yaml``: kind, project, entity, mode, tags, notes. ``kind: none`` gives None.
        group: what runs of one configuration share; ``settings`` may name another.
        name: of the run.
        job_type: ``train``, ``sweep`` …

    Raises:
        ConfigurationError: for a mode that does not exist, or when W&B can't be reached or does not know the user.
    """
    check_settings(settings)
    if settings["kind"] == "none":
        yield None
        return
    with _environment(directory, _mode(settings.get("mode"))) as mode:
        run = _init(directory, config, settings, mode, group=group, name=name, job_type=job_type)
        logger = EpochWandbLogger(run, settings["project"], str(directory.path))
        exit_code = 1
        try:
            yield WandbRun(logger)
            exit_code = 0
        finally:  # or the next job of a multirun would go on with this run
            if run is not None:
                run.finish(exit_code=exit_code)


def check_settings(settings: Mapping[str, Any]) -> None:
    """Refuse a logger that can't be, before any data is touched.

    Args:
        settings: ``conf/logger/*.yaml``.

    Raises:
        ConfigurationError: for a kind or a mode that does not exist.
    """
    if settings["kind"] not in ("wandb", "none"):
        raise ConfigurationError(f"logger.kind is one of wandb, none, not '{settings['kind']}'.")
    if settings["kind"] == "wandb":
        _mode(settings.get("mode"))


def _mode(wanted: str | None) -> Mode:
    """The configuration's mode, else the environment's, else offline."""
    mode, where = (wanted, "logger.mode") if wanted else (os.environ.get("WANDB_MODE", "offline"), "WANDB_MODE")
    if mode not in (modes := get_args(Mode)):
        raise ConfigurationError(f"{where} is one of {', '.join(modes)}, not '{mode}'.")
    return cast("Mode", mode)


@contextmanager
def _environment(directory: RunPaths, mode: Mode) -> Iterator[Mode]:
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
        yield mode
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def _init(
    directory: RunPaths,
    config: Mapping[str, Any],
    settings: Mapping[str, Any],
    mode: Mode,
    *,
    group: str | None,
    name: str,
    job_type: str,
) -> Any:
    """The run itself, on the first process; None on the others."""
    if getattr(rank_zero_only, "rank", 0) != 0:
        return None
    new = not directory.wandb.exists()
    directory.wandb.mkdir(parents=True, exist_ok=True)
    choices = config.get("choices", {})
    tags = [*(settings.get("tags") or ()), *(choices[key] for key in TAGGED if key in choices)]
    silent = mode != "online"
    try:
        run = wandb.init(
            project=settings["project"],
            entity=settings.get("entity"),
            dir=str(directory.path.absolute()),
            mode=mode,
            config=dict(config),
            group=settings.get("group") or group,
            name=name,
            tags=_unique(tags),
            notes=settings.get("notes"),
            job_type=job_type,
            reinit="create_new",  # a run that somebody else left open is neither ours to end nor to write to
            # The console belongs to the progress bar and the tables.
            settings=wandb.Settings(console="off", silent=silent),
        )
    except (wandb.errors.Error, ValueError) as error:
        if new:  # a run that is refused leaves nothing
            shutil.rmtree(directory.wandb, ignore_errors=True)
        problem = (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".")
        raise ConfigurationError(
            f"W&B can't start with logger.mode={mode} ({problem}); run `wandb login`, or leave logger.mode=offline and "
            f"upload later with `make sync`."
        ) from error
    run.define_metric("epoch", summary="max")
    return run


def _unique(tags: Sequence[str]) -> tuple[str, ...]:
    """Each tag once, cut to the 64 characters that W&B takes."""
    return tuple(dict.fromkeys(str(tag)[:64] for tag in tags))
