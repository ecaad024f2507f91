"""Weights & Biases: offline unless the user says otherwise, one W&B run for each run directory.

Whatever happens to W&B while a run goes on (its network, its helper process, its disk) is told once and stops nothing.
"""

import tempfile
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from pytorch_lightning.loggers import Logger

from resemblance.errors import ResemblanceWarning
from resemblance.results import Result
from resemblance.tracking.epoch_logger import EpochLogger
from resemblance.tracking.names import has_a_better
from resemblance.tracking.paths import RunPaths
from resemblance.tracking.run_record import configuration_hash
from resemblance.tracking.tolerance import Tolerated, first_line
from resemblance.tracking.wandb_about import job_type_of, wandb_environment, wandb_mode
from resemblance.tracking.wandb_artifact import checkpoint_artifact, tested_checkpoint
from resemblance.tracking.wandb_logger import WandbRows, summary_of
from resemblance.tracking.wandb_media import as_table, media
from resemblance.tracking.wandb_start import begun, forget_service, service_is_dead

MEGABYTE = 2**20
ENDING = 256 * 1024
"""Bytes that a disk has to take at the end, for the log of a run on a full one breaks off without a word."""


class WandbTracker:
    """A W&B run that has begun; :func:`wandb_tracker` makes it and ends it.

    Attributes:
        run: W&B's own object.
        lightning: loggers for a Lightning trainer.
    """

    def __init__(self, run: Any, directory: RunPaths, settings: Mapping[str, Any], group: str | None) -> None:
        self.run = run
        self._settings = settings
        self._group = group
        lies_in = directory.wandb if run.disabled else Path(run.dir).parent
        remedy = "the run goes on, and its directory holds everything; W&B may lack some of it"
        if run.settings.mode == "online":
            remedy += f", which `wandb sync {lies_in}` uploads later"
        self._tolerated = Tolerated("W&B has stopped taking what is logged", f"{remedy}.")
        self.lightning: list[Logger] = [EpochLogger("wandb", WandbRows(run), self._tolerated)]

    def log_final(self, results: Result, directory: RunPaths, config: Mapping[str, Any] | None = None) -> None:
        """Log what the run has found: summary, ROC, tables, every figure, and the checkpoint of a training.

        The summary holds the figures of metrics.json under the same keys, so that runs can be sorted by them.

        Args:
            results: of all sets, as :func:`resemblance.tracking.keys.merged` puts them together.
            directory: whose figures are logged as images.
            config: of a training whose checkpoint is to be logged, too.
        """
        self._tolerated(lambda: self._summarise(results))
        self.log_items(media(results, directory))
        if config is not None and job_type_of(config) == "train":
            self._log_checkpoint(results, directory, config)

    def log_table(self, key: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        """Log a table.

        Args:
            key: of it.
            columns: their names.
            rows: of numbers, text and None.
        """
        self.log_items({key: lambda: as_table(columns, rows)})

    def log_items(self, items: Mapping[str, Callable[[], Any]]) -> None:
        """Log W&B's own objects (tables, charts, images) in one step.

        After one that fails the others are left out, for each would wait as long for the same network.

        Args:
            items: by key, each made when its turn has come.
        """

        def log(key: str, make: Callable[[], Any]) -> None:
            self.run.log({key: make()}, commit=False)

        for key, make in items.items():
            if not self._tolerated(partial(log, key, make)):
                break
        if items:
            self._tolerated(lambda: self.run.log({}, commit=True))

    def _summarise(self, results: Result) -> None:
        for key in results.scalars:
            if has_a_better(key):
                self.run.define_metric(key, summary=summary_of(key))
        self.run.summary.update({key: scalar.value for key, scalar in results.scalars.items()})

    def _log_checkpoint(self, results: Result, directory: RunPaths, config: Mapping[str, Any]) -> None:
        tested, group = tested_checkpoint(directory, config), self._group or "checkpoint"
        if tested.is_file():
            self.log_artifact([tested], lambda: checkpoint_artifact(directory, config, results.scalars, group))

    def log_artifact(self, files: Sequence[Path], make: Callable[[], tuple[Any, list[str]]]) -> None:
        """Log files, if the configuration wants it and they are no larger than it says.

        They are left out where something could not be logged before: they would wait as long for the same network.

        Args:
            files: that exist.
            make: the artifact that holds them, and its aliases.
        """
        if self._tolerated.failed or not self._settings.get("artifact", False):
            return
        size, most = sum(file.stat().st_size for file in files) / MEGABYTE, self._settings.get("artifact_mb")
        if most is not None and size > most:
            names = ", ".join(f"'{file}'" for file in files)
            warnings.warn(
                f"Not logged to W&B: {names}, for {size:.0f} MB are more than logger.artifact_mb={most}.",
                ResemblanceWarning,
                stacklevel=2,
            )
            return

        def log() -> None:
            artifact, aliases = make()
            self.run.log_artifact(artifact, aliases=aliases)

        self._tolerated(log)

    def summarise(self, values: Mapping[str, Any]) -> None:
        """Put numbers and text into the summary."""
        self._tolerated(lambda: self.run.summary.update(dict(values)))

    def end(self, exit_code: int) -> None:
        """End the run, or the next job of a multirun would go on with it.

        Args:
            exit_code: 0 for a run that has found something.
        """
        try:
            self.run.finish(exit_code=exit_code)
        except Exception as error:
            self._tolerated.tell(first_line(error))
            if service_is_dead(error):
                forget_service()
        self._check_disk()

    def _check_disk(self) -> None:
        if self.run.disabled or not (folder := Path(self.run.dir)).is_dir():
            return
        try:
            with tempfile.TemporaryFile(dir=folder) as file:
                file.write(bytes(ENDING))
        except OSError as error:
            self._tolerated.tell(f"{error.strerror}: '{folder}'")


@contextmanager
def wandb_tracker(
    directory: RunPaths,
    config: Mapping[str, Any],
    settings: Mapping[str, Any],
    *,
    group: str | None,
    name: str,
    job_type: str = "train",
) -> Iterator[WandbTracker | None]:
    """A W&B run for the length of a ``with`` block; what happens inside decides whether it is marked as failed.

    Everything that W&B writes lies in ``wandb/`` of the run directory: its log, staged artifacts and cache. In offline
    mode neither a network nor an account is needed.

    Args:
        directory: of the run.
        config: plain containers, logged as the run's configuration, with ``configuration``: a hash of it without the
            seed, which runs of one configuration share.
        settings: ``conf/logger/wandb.yaml``: project, entity, mode, tags, notes …
        group: what runs of one configuration share; ``settings`` may name another.
        name: of the run.
        job_type: ``train``, ``tune``, ``evaluate``, ``sweep`` or ``compare``.

    Yields:
        The run; None where W&B can't start, which has been told.

    Raises:
        ConfigurationError: for a mode that does not exist, or when W&B does not know the user or the owner.
    """
    mode = wandb_mode(settings.get("mode"))
    known = {**config, "configuration": configuration_hash(config, without=["seed"])}
    with wandb_environment(directory, mode):
        run = begun(directory, known, settings, mode, group=group, name=name, job_type=job_type)
        if run is None:
            yield None
            return
        tracker = WandbTracker(run, directory, settings, group)
        exit_code = 1
        try:
            yield tracker
            exit_code = 0
        finally:
            tracker.end(exit_code)
