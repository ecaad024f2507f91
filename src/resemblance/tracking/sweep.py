"""After a multirun: one table of all its jobs, on the console, as ``runs.csv`` and in W&B.

Nothing heavy is imported before a job has ended: Hydra builds this callback even for ``--help``.
"""

import logging
import sys
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hydra.core.hydra_config import HydraConfig
from hydra.core.utils import JobReturn, JobStatus
from hydra.experimental.callback import Callback
from omegaconf import DictConfig, OmegaConf

from resemblance.tracking.paths import FAILURE, INTERRUPTED, RunPaths

if TYPE_CHECKING:
    from resemblance.tracking.sweep_table import SweepRow

log = logging.getLogger(__name__)


class SweepTable(Callback):
    """A Hydra callback that keeps the others going when a job fails, and reports all of them at the end.

    Hydra would run the remaining jobs, too, but then end with the first job's error and without any report. Here a
    failed job leaves ``failed.txt`` in its directory and one sentence on the console at once; the table lists it, and
    the command exits with code 1.
    """

    def on_job_end(self, config: DictConfig, job_return: JobReturn, **kwargs: Any) -> None:
        """Record a failure beside the job that it belongs to; a job on its own keeps Hydra's ways."""
        if not _is_multirun(config):
            return
        directory = Path(config.hydra.runtime.output_dir)
        failure = directory / FAILURE
        if job_return.status != JobStatus.FAILED:
            failure.unlink(missing_ok=True)
        else:
            error = job_return._return_value  # the property would raise it
            reason = _sentence(error)
            print_error(f"resemblance: {directory}: {reason}")
            _describe(directory, config, config.hydra)
            failure.write_text(f"{reason}\n\n{''.join(traceback.format_exception(error))}", encoding="utf-8")
            # From here on Hydra sees a job that ended, so the sweep goes on to its report.
            job_return.status = JobStatus.COMPLETED
            job_return.return_value = None
        _write(Path(config.hydra.sweep.dir))  # also readable while the sweep goes on, and after it was killed

    def on_multirun_end(self, config: DictConfig, **kwargs: Any) -> None:
        """Print the table, write it, log it.

        Raises:
            SystemExit: with code 1 if a job has failed. Hydra passes on nothing else from a callback.
        """
        from rich.console import Console

        from resemblance.tracking.sweep_report import log_sweep
        from resemblance.tracking.sweep_table import FINISHED, print_sweep

        directory = Path(config.hydra.sweep.dir)
        rows = _write(directory)
        if not rows:
            return
        print_sweep(Console(), rows, directory / "runs.csv")
        try:
            log_sweep(directory, rows, list(config.hydra.overrides.task))
        except Exception as error:  # the runs are done and safe; their table in W&B is an extra
            print_error(f"resemblance: The table of the sweep could not be logged to W&B: {_sentence(error)}")
        if bad := sum(row.status != FINISHED for row in rows):
            raise SystemExit(f"resemblance: {bad} of {len(rows)} jobs did not finish; the table above says why.")


def record_interruption(config: DictConfig) -> None:
    """List the job that is running as interrupted: nothing else of a sweep is told when one of its jobs is interrupted.

    Args:
        config: of the job.
    """
    hydra = HydraConfig.get()
    directory = Path(hydra.runtime.output_dir)
    _describe(directory, config, hydra)
    (directory / FAILURE).write_text(f"{INTERRUPTED}\n", encoding="utf-8")
    _write(Path(hydra.sweep.dir))


def _describe(directory: Path, config: DictConfig, hydra: Any) -> None:
    """Leave a job that failed before it wrote its configuration the one that was asked for, by which it is known.

    Args:
        directory: of the job; created.
        config: as composed.
        hydra: Hydra's own part of it.
    """
    directory.mkdir(parents=True, exist_ok=True)
    if (path := RunPaths(directory).config).exists():
        return
    asked = {key: value for key, value in config.items_ex(resolve=False) if key != "hydra"}
    choices = {group: option for group, option in hydra.runtime.choices.items() if "/" not in group and option}
    asked |= {"choices": choices, "name": " ".join(hydra.overrides.task)}
    path.write_text(OmegaConf.to_yaml(OmegaConf.create(asked)), encoding="utf-8")


def _write(directory: Path) -> "list[SweepRow]":
    from resemblance.tracking.sweep_report import read_sweep, write_runs

    rows = read_sweep(directory)
    if rows:
        write_runs(directory / "runs.csv", rows)
    return rows


def print_error(text: str) -> None:
    """To stderr, where the command line's other errors go."""
    sys.stderr.write(f"{text}\n")


def _is_multirun(config: DictConfig) -> bool:
    return str(OmegaConf.select(config, "hydra.mode")).endswith("MULTIRUN")


def _sentence(error: BaseException) -> str:
    from resemblance.errors import ResemblanceError

    if isinstance(error, ResemblanceError):
        return str(error)
    return f"{type(error).__name__}: {error}" + " (a defect; the traceback is in failed.txt)"
