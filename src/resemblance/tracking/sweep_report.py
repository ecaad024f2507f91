"""The jobs of a multirun, read from their directories, and the files that are made of them."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from resemblance.atomic import write_csv
from resemblance.errors import DataError
from resemblance.tracking.paths import FAILURE, INTERRUPTED, TRIALS, RunPaths
from resemblance.tracking.reading import read_metrics
from resemblance.tracking.sweep_jobs import read_jobs
from resemblance.tracking.sweep_lock import JOB_LOCK, holder
from resemblance.tracking.sweep_table import FINISHED, SweepRow

COLLAPSED = "train/collapsed"
"""A job with a low figure and this at 1 says nothing about its loss at its best."""
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""Twenty times as fast: all jobs are read again whenever one ends."""
COLUMNS = ("loss", "backbone", "data", "seed", "name", "status")


_MOST_NAMED = 6
"""Of the runs that nobody has asked for."""


def read_sweep(directory: Path) -> list[SweepRow]:
    """The jobs below a sweep's directory, in the order of their numbers; of a study, those that were asked for last."""
    study = read_jobs(directory)
    jobs = _jobs_below(directory)
    if study is not None:
        jobs = [directory / folder for folder in study.asked if directory / folder in jobs]
    return [_read_job(job) for job in jobs]


def others_told(directory: Path, rows: Sequence[SweepRow]) -> str | None:
    """The runs that lie there, but were not asked for, in one sentence; None where there are none."""
    listed = {row.directory for row in rows}
    others = [_read_job(job) for job in _jobs_below(directory) if job not in listed]
    if not others:
        return None
    named = [f"{row.directory.relative_to(directory)} ({row.status})" for row in others[:_MOST_NAMED]]
    more = f" and {len(others) - _MOST_NAMED} more" * (len(others) > _MOST_NAMED)
    return f"not asked for this time, though in the same folder: {', '.join(named)}{more}"


def _jobs_below(directory: Path) -> list[Path]:
    marks = ("config.yaml", "metrics.json", FAILURE)
    found = {path.parent for mark in marks for path in directory.rglob(mark)} - {directory}
    # W&B keeps a config.yaml of its own inside a run directory.
    jobs = {job for job in found if "wandb" not in job.relative_to(directory).parts}
    jobs = {job for job in jobs if job.relative_to(directory).parts[0] != TRIALS}  # they say nothing of the test set
    return sorted(jobs, key=lambda job: _natural(job.relative_to(directory)))


def write_runs(path: Path, rows: Sequence[SweepRow]) -> None:
    """Write ``runs.csv``: what was chosen, how it ended, and every test figure.

    Raises:
        OutputError: if it can't be written.
    """
    columns, table = runs_table(rows)
    write_csv(path, columns, table)


def runs_table(rows: Sequence[SweepRow]) -> tuple[list[str], list[list[Any]]]:
    """Columns and cells of that table; a figure that a job does not have is None."""
    told = (key for row in rows for key in row.scalars if key.startswith("test/") or key == COLLAPSED)
    keys = list(dict.fromkeys(told))
    table = []
    for row in rows:
        about = [row.choices.get("loss"), row.choices.get("backbone"), row.choices.get("data"), row.seed, row.name]
        figures = [row.scalars[key].value if key in row.scalars else None for key in keys]
        table.append([*about, row.status, *figures])
    return [*COLUMNS, *keys], table


def log_sweep(directory: Path, rows: Sequence[SweepRow], overrides: Sequence[str]) -> None:
    """Log the table as a W&B run of job type ``sweep``, if the jobs were logged to W&B.

    Args:
        directory: of the sweep.
        rows: its jobs.
        overrides: what the user swept over.
    """
    settings = next((found for row in rows if (found := _config(row.directory).get("logger"))), None)
    if not settings or settings.get("kind") != "wandb":
        return
    from resemblance.tracking.loggers import run_tracker

    name = f"sweep-{directory.parent.name}-{directory.name}"
    config = {"overrides": list(overrides), "jobs": len(rows)}
    with run_tracker(RunPaths(directory), config, settings, group=None, name=name, job_type="sweep") as run:
        run.log_table("runs", *runs_table(rows))


def _read_job(job: Path) -> SweepRow:
    config = _config(job)
    failure = job / FAILURE
    scalars, status, reason = {}, "unfinished", ""
    try:
        scalars, status = read_metrics(job), FINISHED  # whatever else lies there: figures that were written stay true
    except DataError as error:
        reason = str(error) if RunPaths(job).finished else ""
    if status != FINISHED and (who := holder(job / JOB_LOCK)):
        reason = f"run by {who}"
    elif status != FINISHED and failure.is_file():
        reason = failure.read_text("utf-8").partition("\n")[0]
        status, reason = (INTERRUPTED, "") if reason == INTERRUPTED else ("failed", reason)
    seed = config.get("seed")
    return SweepRow(
        directory=job,
        choices={str(key): str(value) for key, value in (config.get("choices") or {}).items()},
        seed=seed if isinstance(seed, int) else None,
        group=str(config.get("group") or ""),
        name=str(config.get("name") or ""),
        status=status,
        scalars=scalars if status == FINISHED else {},
        reason=reason,
    )


def _config(job: Path) -> Mapping[str, Any]:
    """The job's configuration, or nothing where it failed before it had one."""
    try:
        config = yaml.load(RunPaths(job).config.read_text("utf-8"), Loader=_Loader)
    except Exception:  # whatever is wrong with the file of one job must not hide the others
        return {}
    return {str(key): value for key, value in config.items()} if isinstance(config, dict) else {}


def _natural(path: Path) -> list[tuple[bool, int, str]]:
    """Job 10 after job 9."""
    return [(not part.isdigit(), int(part) if part.isdigit() else 0, part) for part in path.parts]
