"""Jobs that are handed to a launcher, and what becomes of those whose process dies before they end."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from resemblance.errors import TrainingError
from resemblance.studies.jobs import Job
from resemblance.studies.sweeper import Sweeper
from resemblance.tracking.paths import FAILURE, RunPaths
from resemblance.tracking.sweep_jobs import StudyJobs, read_jobs, write_jobs
from resemblance.tracking.sweep_lock import JOB_LOCK, holder, take

_PATIENCE = 10.0
"""Seconds that a process which is being ended may take for it."""


def known_folders(directory: Path) -> Mapping[str, str]:
    """Which configuration each folder of a study was given to before."""
    return (read_jobs(directory) or StudyJobs()).configurations


def running_elsewhere(jobs: Sequence[Job], directory: Path) -> dict[str, str]:
    """Who still trains jobs that a command has left to themselves, by folder."""
    found = {job.folder: holder(directory / job.folder / JOB_LOCK) for job in jobs}
    return {folder: who for folder, who in found.items() if who is not None}


def launched(sweeper: Sweeper, jobs: Sequence[Job], directory: Path) -> dict[str, str]:
    """Run jobs to their end, each in its folder.

    A job that fails says so itself. One whose process is killed, or that a cluster gives up, gets ``failed.txt`` from
    here; jobs that had not begun by then are handed over again, as long as every round begins one at least.

    Args:
        sweeper: launches.
        jobs: that were not finished when they were planned; none may run elsewhere.
        directory: of the study.

    Returns:
        Why jobs were lost, by folder.

    Raises:
        TrainingError: if the launcher can't begin a single job.
    """
    jobs = [job for job in jobs if not RunPaths(directory / job.folder).finished]  # by a process that has just ended
    if not jobs:
        return {}
    before = read_jobs(directory) or StudyJobs()
    given = {**before.configurations, **{job.folder: job.configuration for job in jobs}}
    write_jobs(directory, replace(before, configurations=given, logged=False))
    for job in jobs:  # what an earlier start has left says nothing about this one
        (directory / job.folder / FAILURE).unlink(missing_ok=True)
        lock = directory / job.folder / JOB_LOCK
        if lock.exists() and (nobodys := take(lock)) is not None:  # one that is held is the mark of who holds it
            nobodys.release(remove=True)
    lost: dict[str, str] = {}
    left = list(jobs)
    while left:
        reasons = sweeper.launch([(job.overrides, job.folder) for job in left])
        never: dict[str, str] = {}
        for job, reason in zip(left, reasons, strict=True):
            folder = directory / job.folder
            if reason is None or RunPaths(folder).finished or (folder / FAILURE).exists():
                continue
            if not (folder / JOB_LOCK).exists():
                never[job.folder] = reason
            elif _has_ended(folder):
                lost[job.folder] = _record(sweeper, job, folder, f"The job's process was lost: {reason}")
        if len(never) == len(left):
            if len(left) == len(jobs):
                raise TrainingError(f"No job could be begun: {next(iter(never.values()))}")
            for job in left:
                reason = f"The job could not be begun: {never[job.folder]}"
                lost[job.folder] = _record(sweeper, job, directory / job.folder, reason)
            break
        left = [job for job in left if job.folder in never]
    return lost


def _has_ended(folder: Path) -> bool:
    """Whether nobody holds the job any more; a process that is being killed gets a moment."""
    deadline = time.monotonic() + _PATIENCE
    while holder(folder / JOB_LOCK) is not None:
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True


def _record(sweeper: Sweeper, job: Job, folder: Path, reason: str) -> str:
    sweeper.describe(folder, job.overrides)
    (folder / FAILURE).write_text(f"{reason}\n", encoding="utf-8")
    (folder / JOB_LOCK).unlink(missing_ok=True)
    return reason
