"""After a multirun: one table of all its jobs, on the console, as ``runs.csv`` and in W&B.

Nothing heavy is imported before a job has ended: Hydra builds this callback even for ``--help``.
"""

import logging
import sys
import traceback
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from hydra.core.hydra_config import HydraConfig
from hydra.core.utils import JobReturn, JobStatus
from hydra.experimental.callback import Callback
from omegaconf import DictConfig, OmegaConf

from resemblance.tracking.paths import FAILURE, INTERRUPTED, RunPaths
from resemblance.tracking.sweep_lock import JOB_LOCK, STUDY_LOCK, give_back, holder, take

log = logging.getLogger(__name__)


class SweepTable(Callback):
    """A Hydra callback that keeps the others going when a job fails, and reports all of them at the end.

    Hydra would run the remaining jobs, too, but then end with the first job's error and without any report. Here a
    failed job leaves ``failed.txt`` in its directory and one sentence on the console at once; the table lists it, and
    the command exits with code 1.
    """

    def on_job_start(self, config: DictConfig, **kwargs: Any) -> None:
        """Take the job's lock, by which others see that it is being run, and later that it was killed."""
        if _is_multirun(config):
            _Job.begin(Path(config.hydra.runtime.output_dir))

    def on_job_end(self, config: DictConfig, job_return: JobReturn, **kwargs: Any) -> None:
        """Record a failure beside the job that it belongs to; a job on its own keeps Hydra's ways."""
        if not _is_multirun(config):
            return
        directory = Path(config.hydra.runtime.output_dir)
        failure = directory / FAILURE
        job = _Job.end()
        if job_return.status != JobStatus.FAILED:
            failure.unlink(missing_ok=True)
        elif job.finished_before:
            return  # refused for the run that lies there, of which the table would show the figures
        else:
            error = job_return._return_value  # the property would raise it
            reason = _sentence(error)
            print_error(f"resemblance: {directory}: {reason}")
            if RunPaths(directory).finished:  # figures that were written stay true, whatever failed after them
                failure.unlink(missing_ok=True)
            elif job.is_ours:
                _describe(directory, config, config.hydra)
                failure.write_text(f"{reason}\n\n{''.join(traceback.format_exception(error))}", encoding="utf-8")
            # From here on Hydra sees a job that ended, so the sweep goes on to its report.
            job_return.status = JobStatus.COMPLETED
            job_return.return_value = None
        _write(Path(config.hydra.sweep.dir))  # also readable while the sweep goes on, and after it was killed

    def on_multirun_end(self, config: DictConfig, **kwargs: Any) -> None:
        """Print the table, write it, log it, and let others go on with the study.

        Raises:
            SystemExit: with code 1 if a job that was asked for has failed, or something else has gone wrong. Hydra
                passes on nothing else from a callback.
        """
        directory = Path(config.hydra.sweep.dir)
        try:
            problems = _report(directory, list(config.hydra.overrides.task))
        finally:
            give_back(directory / STUDY_LOCK)
        if problems:
            raise SystemExit(f"resemblance: {' '.join(problems)}")


def _report(directory: Path, overrides: list[str]) -> list[str]:
    """All that is said of a multirun at its end, but for what has gone wrong, which is given back in sentences."""
    from rich.console import Console

    from resemblance.errors import OutputError
    from resemblance.tracking.sweep_jobs import read_jobs, write_jobs
    from resemblance.tracking.sweep_report import log_sweep, others_told, read_sweep, write_runs
    from resemblance.tracking.sweep_table import FINISHED, print_sweep

    rows = read_sweep(directory)
    study = read_jobs(directory)
    problems = list(study.problems) if study is not None else []
    jobs = max(len(rows), len(study.asked) if study is not None else 0)
    if bad := jobs - sum(row.status == FINISHED for row in rows):
        where = "the table" if rows else "what stands"
        problems.insert(0, f"{bad} of {jobs} jobs did not finish; {where} above says why.")
    if not rows:
        return problems
    written: Path | None = directory / "runs.csv"
    try:
        write_runs(directory / "runs.csv", rows)
    except OutputError as error:
        written = None
        problems.append(str(error))
    print_sweep(Console(), rows, written, others_told(directory, rows))
    if study is None or not study.logged:
        try:
            log_sweep(directory, rows, overrides)
            if study is not None:
                write_jobs(directory, replace(study, logged=True))
        except Exception as error:  # the runs are done and safe; their table in W&B is an extra
            print_error(f"resemblance: The table of the sweep could not be logged to W&B: {_sentence(error)}")
    return problems


class _Job:
    """The job that this process runs.

    Attributes:
        lock: held from its beginning to its end; None if another process holds it.
        finished_before: whether a finished run lay in its folder.
    """

    _now: "_Job | None" = None

    def __init__(self, directory: Path | None) -> None:
        self.lock = None if directory is None else take(directory / JOB_LOCK)
        self.finished_before = directory is not None and RunPaths(directory).finished

    @property
    def is_ours(self) -> bool:
        """Whether no other process runs it as well."""
        return self.lock is not None

    @classmethod
    def begin(cls, directory: Path) -> None:
        """A job begins; of one that never came to its end only the lock is given back."""
        if cls._now is not None and cls._now.lock is not None:
            cls._now.lock.release()
        cls._now = None
        cls._now = cls(directory)

    @classmethod
    def end(cls) -> "_Job":
        """It ends by itself, well or not."""
        job, cls._now = cls._now or cls(None), None
        if job.lock is not None:
            job.lock.release(remove=True)
        return job

    @classmethod
    def now(cls) -> "_Job | None":
        """The job that has begun."""
        return cls._now


def check_not_elsewhere() -> None:
    """Refuse a job of a multirun that another process is running, such as one that waited in a cluster's queue.

    Raises:
        OutputError: naming that process.
    """
    from resemblance.errors import OutputError

    directory = Path(HydraConfig.get().runtime.output_dir)
    if (job := _Job.now()) is not None and not job.is_ours and (who := holder(directory / JOB_LOCK)):
        raise OutputError(f"'{directory}' is being run by {who} already; it is left to that.")


def record_interruption(config: DictConfig) -> None:
    """List the job that is running as interrupted: nothing else of a sweep is told when one of its jobs is interrupted.

    Args:
        config: of the job.
    """
    hydra = HydraConfig.get()
    directory = Path(hydra.runtime.output_dir)
    _Job.end()
    if RunPaths(directory).finished:
        (directory / FAILURE).unlink(missing_ok=True)
    else:
        _describe(directory, config, hydra)
        (directory / FAILURE).write_text(f"{INTERRUPTED}\n", encoding="utf-8")
    _write(Path(hydra.sweep.dir))


def _describe(directory: Path, config: DictConfig, hydra: Any) -> None:
    asked = {str(key): value for key, value in config.items_ex(resolve=False) if key != "hydra"}
    describe(directory, asked, hydra.runtime.choices, " ".join(hydra.overrides.task))


def describe(directory: Path, config: Mapping[str, Any], choices: Mapping[str, Any], name: str) -> None:
    """Leave a job that failed before it wrote its configuration the one that was asked for, by which it is known.

    Args:
        directory: of the job; created.
        config: as composed, without Hydra's own part.
        choices: the option that is taken of each group.
        name: what was asked for, in the user's words.
    """
    directory.mkdir(parents=True, exist_ok=True)
    if (path := RunPaths(directory).config).exists():
        return
    ours = {group: option for group, option in choices.items() if "/" not in group and option not in (None, "None")}
    path.write_text(OmegaConf.to_yaml(OmegaConf.create({**config, "choices": ours, "name": name})), encoding="utf-8")


def _write(directory: Path) -> None:
    from resemblance.tracking.sweep_report import read_sweep, write_runs

    if rows := read_sweep(directory):
        write_runs(directory / "runs.csv", rows)


def print_error(text: str) -> None:
    """To stderr, where the command line's other errors go."""
    sys.stderr.write(f"{text}\n")


def _is_multirun(config: DictConfig) -> bool:
    return str(OmegaConf.select(config, "hydra.mode")).endswith("MULTIRUN")


def _sentence(error: BaseException) -> str:
    from resemblance.errors import UNWRITABLE, ResemblanceError, unwritable

    if isinstance(error, ResemblanceError):
        return str(error)
    if isinstance(error, OSError) and error.errno in UNWRITABLE:
        return str(unwritable(error))
    return f"{type(error).__name__}: {error}" + " (a defect; the traceback is in failed.txt)"
