"""``jobs.json`` of a study: which folder belongs to which configuration, and what was asked for last."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from resemblance.atomic import write_text

JOBS = "jobs.json"
"""In a study's directory."""


@dataclass(frozen=True)
class StudyJobs:
    """What a study knows of its jobs beyond what lies in their folders.

    Attributes:
        asked: folders of the jobs that were asked for last, in their order; what else lies there is not judged.
        configurations: hash of the configuration that each folder was given to, trials included.
        problems: what went wrong besides jobs that did not finish, in sentences.
        logged: whether the table has been logged since a job ran.
    """

    asked: tuple[str, ...] = ()
    configurations: Mapping[str, str] = field(default_factory=dict)
    problems: tuple[str, ...] = ()
    logged: bool = False


def read_jobs(directory: Path) -> StudyJobs | None:
    """What :func:`write_jobs` wrote; None where there is nothing, as in the multirun of an evaluation."""
    try:
        found = json.loads((directory / JOBS).read_text("utf-8"))
        return StudyJobs(
            tuple(map(str, found["asked"])),
            {str(folder): str(known) for folder, known in found["configurations"].items()},
            tuple(map(str, found["problems"])),
            bool(found["logged"]),
        )
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return None  # it only keeps folders apart; a study that has lost it goes by their numbers


def write_jobs(directory: Path, jobs: StudyJobs) -> None:
    """Write it.

    Raises:
        OutputError: if it can't be written.
    """
    write_text(directory / JOBS, json.dumps(asdict(jobs), indent=1) + "\n")
