"""The jobs of a multirun: which configurations they are, which are finished already, and where the others go."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
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
        folder: below the multirun's directory, where the run lies or will lie.
        finished: whether the same configuration has been trained before.
        repeated: whether an earlier job of the same list trains it.
    """

    overrides: tuple[str, ...]
    configuration: str
    folder: str
    finished: bool = False
    repeated: bool = False

    @property
    def to_do(self) -> bool:
        """Whether it has to be trained."""
        return not self.finished and not self.repeated


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
    folders: Sequence[str] | None = None,
    known: Mapping[str, str] | None = None,
) -> list[Job]:
    """What is to be done for each combination of overrides.

    A finished run is found by its configuration, wherever it lies below the directory. One that was begun before gets
    the folder that it was given then; any other the folder of its number, or the next number beside it whose folder
    holds and belongs to no other. A combination that composes to the same configuration as an earlier one is done once.

    Args:
        combinations: overrides of each job.
        configured: overrides to configuration, plain containers.
        directory: of the multirun.
        folders: one for each combination, instead of numbers.
        known: hash of the configuration that folders were given to before.
    """
    asked = [tuple(overrides) for overrides in combinations]
    hashes = [configuration_hash(configured(overrides)) for overrides in asked]
    finished = {configuration: _below(directory, run) for configuration, run in finished_runs(directory).items()}
    owned = dict(known or {})
    of_before = {configuration: folder for folder, configuration in reversed(owned.items())}
    taken = {*finished.values(), *owned}
    wanted = [str(number) for number in range(len(asked))] if folders is None else list(folders)
    jobs: list[Job] = []
    given: dict[str, str] = {}
    for overrides, configuration, place in zip(asked, hashes, wanted, strict=True):
        if configuration in finished:
            jobs.append(Job(overrides, configuration, finished[configuration], finished=True))
            continue
        if configuration in given:
            jobs.append(Job(overrides, configuration, given[configuration], repeated=True))
            continue
        folder = of_before.get(configuration)
        if folder is None or RunPaths(directory / folder).finished:  # by another run, which somebody has put there
            folder = place if _is_free(directory, place, taken) else _next(directory, place, taken, wanted)
        taken.add(folder)
        given[configuration] = folder
        jobs.append(Job(overrides, configuration, folder))
    return jobs


def _below(directory: Path, run: Path) -> str:
    return run.relative_to(directory).as_posix()


def _is_free(directory: Path, folder: str, taken: set[str]) -> bool:
    return folder not in taken and not RunPaths(directory / folder).finished


def _next(directory: Path, folder: str, taken: Iterable[str], wanted: Iterable[str]) -> str:
    """The first number beside a folder that comes after all that are there, taken or wanted."""
    parent = PurePosixPath(folder).parent
    lie_there = [path.name for path in (directory / parent).iterdir()] if (directory / parent).is_dir() else []
    beside = [PurePosixPath(other).name for other in (*taken, *wanted) if PurePosixPath(other).parent == parent]
    numbers = [int(name) for name in (*lie_there, *beside) if name.isdecimal()]
    return (parent / str(max(numbers, default=-1) + 1)).as_posix()
