"""The jobs of a multirun: which configurations they are, which are finished already, and where the others go."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from resemblance.errors import DataError
from resemblance.tracking.paths import RunPaths
from resemblance.tracking.run_record import configuration_hash, read_record


@dataclass(frozen=True)
class Job:
    """One combination of overrides.

    Attributes:
        overrides: as ``key=value``.
        configuration: the hash of what they compose to.
        folder: below the multirun's directory.
        finished: where the same configuration has been trained before; None if it has still to be done.
    """

    overrides: tuple[str, ...]
    configuration: str
    folder: str
    finished: Path | None = None


def finished_runs(directory: Path) -> dict[str, Path]:
    """Run directories below a directory that have ended well, by the hash of their configuration."""
    found: dict[str, Path] = {}
    for metrics in sorted(directory.rglob("metrics.json")):
        run = metrics.parent
        try:
            found.setdefault(read_record(run).configuration, run)
        except DataError:  # of an older version, or not a run of ours: it is not known what it has trained
            continue
    return found


def planned(
    combinations: Iterable[Sequence[str]],
    configured: Callable[[Sequence[str]], Mapping[str, Any]],
    directory: Path,
    folders: Iterable[str] | None = None,
) -> list[Job]:
    """What is to be done for each combination of overrides.

    A finished run is found by its configuration, wherever it lies below the directory. What is left goes to the folder
    of its number, or to the next number whose folder holds no other finished run. A combination that composes to the
    same configuration as an earlier one is done once.

    Args:
        combinations: overrides of each job.
        configured: overrides to configuration, plain containers.
        directory: of the multirun.
        folders: one for each combination, instead of numbers.
    """
    asked = [tuple(overrides) for overrides in combinations]
    finished = finished_runs(directory)
    hashes = [configuration_hash(configured(overrides)) for overrides in asked]
    wanted = list(folders) if folders is not None else [str(number) for number in range(len(asked))]
    free = (str(number) for number in range(len(asked), 10**9))
    taken = {str(path.relative_to(directory)) for path in finished.values()}
    jobs: list[Job] = []
    given: dict[str, str] = {}
    for overrides, configuration, folder in zip(asked, hashes, wanted, strict=True):
        if configuration in finished:
            jobs.append(Job(overrides, configuration, folder, finished[configuration]))
            continue
        if configuration in given:
            jobs.append(Job(overrides, configuration, given[configuration], directory / given[configuration]))
            continue
        while folder in taken or RunPaths(directory / folder).finished:
            folder = next(free)
        taken.add(folder)
        given[configuration] = folder
        jobs.append(Job(overrides, configuration, folder))
    return jobs
