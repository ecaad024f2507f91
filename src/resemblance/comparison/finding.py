"""Where the run directories are: below what a user names, W&B's own folders and tuning trials told apart."""

import glob
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from resemblance.errors import DataError
from resemblance.tracking.paths import FAILURE, TUNING

_MARKS = {"config.yaml", "metrics.json", "run.json", FAILURE}
"""Any of these files makes a folder a run directory, be it whole or not."""
_PASSED_BY = {"wandb", "checkpoints", "figures", "tensorboard"}
"""Folders within run directories in which no run lies; elsewhere a study may be called so."""
_OF_TOOLS = {".git", ".venv", ".tox", ".cache", ".hydra", ".ipynb_checkpoints", "__pycache__", "node_modules"}
_OF_TOOLS |= {".mypy_cache", ".pytest_cache", ".ruff_cache"}
"""Folders in which no run lies wherever they are."""
_OF_WANDB = re.compile(r"(offline-)?run-\d{8}_\d{6}-\w+|latest-run")
"""W&B's own folder of a run, with a config.yaml that is none of ours."""


@dataclass(frozen=True)
class Found:
    """What lies below the folders that were named.

    Attributes:
        runs: run directories, each once, job 10 after job 9.
        tunings: files ``tuning.json`` there or in a folder above one of the runs.
        repeated: how many times a directory was come upon again, by another name or through a link.
        closed: folders that may not be looked into, with the system's reason.
    """

    runs: tuple[Path, ...]
    tunings: tuple[Path, ...]
    repeated: int
    closed: Mapping[str, str] = field(default_factory=dict)


def find_runs(named: str | Path | Sequence[str | Path]) -> Found:
    """The run directories at or below what is named.

    Args:
        named: a path, a pattern such as ``studies/*/cosface``, or several of them.

    Raises:
        DataError: if nothing is there, or there is no run directory below it.
    """
    asked = [named] if isinstance(named, str | Path) else list(named)
    places = [place for text in asked for place in _places(str(text))]
    seen: set[str] = set()
    runs: list[Path] = []
    tunings: dict[str, Path] = {}
    repeated = 0
    closed: dict[str, str] = {}
    for place in places:
        for folder, names in _walk(place, closed):
            real = os.path.realpath(folder)
            if TUNING in names:
                tunings.setdefault(os.path.realpath(folder / TUNING), folder / TUNING)
            if not _MARKS & names:
                continue
            if real in seen:
                repeated += 1
                continue
            seen.add(real)
            runs.append(folder)
    if not runs:
        for folder_name, reason in closed.items():
            raise DataError(f"'{folder_name}' can't be looked into ({reason}); check its permissions.")
        raise DataError(
            f"There is no run directory at or below {' or '.join(repr(str(text)) for text in asked)}; give runs= the "
            f"output_dir of a training, a folder above several, or a list [a,b]."
        )
    for folder in {parent for run in runs for parent in list(run.absolute().parents)[:3]}:
        if (path := folder / TUNING).is_file():
            tunings.setdefault(os.path.realpath(path), path)
    return Found(tuple(sorted(runs, key=natural)), tuple(sorted(tunings.values(), key=natural)), repeated, closed)


def natural(path: Path) -> list[tuple[bool, int, str]]:
    """A key to sort by that puts job 10 after job 9, and ``seed10`` after ``seed9``."""
    parts = re.split(r"(\d+)", str(path))
    return [(not part.isdecimal(), int(part) if part.isdecimal() else 0, part) for part in parts if part]


def _places(text: str) -> list[Path]:
    """What a path or pattern stands for.

    Raises:
        DataError: if it stands for nothing.
    """
    path = os.path.expanduser(text)
    if os.path.isdir(path):
        return [Path(path)]
    found = [path] if os.path.isfile(path) else sorted(glob.glob(path, recursive=True))
    # A file of a run stands for the run, as a shell completes names to the end.
    folders = [
        Path(name) if os.path.isdir(name) else Path(name).parent
        for name in found
        if os.path.isdir(name) or os.path.basename(name) in _MARKS
    ]
    if not folders:
        if found == [path]:
            raise DataError(f"'{text}' is a file; give runs= the folder of a run, or one above several.")
        is_pattern = any(sign in text for sign in "*?[")
        raise DataError(
            f"No folder fits the pattern '{text}'; check its spelling."
            if is_pattern
            else f"There is no folder '{text}'; check the spelling of runs=."
        )
    return list(dict.fromkeys(folders))


def _walk(place: Path, closed: dict[str, str]) -> Iterator[tuple[Path, set[str]]]:
    """Folders at and below a place with the names of their files, through links too but never in circles.

    Args:
        place: to begin at.
        closed: receives the folders that may not be looked into.
    """
    entered: set[str] = set()

    def note(error: OSError) -> None:
        closed[str(error.filename)] = str(error.strerror)

    for folder, below, files in os.walk(place, onerror=note, followlinks=True):
        real = os.path.realpath(folder)
        if real in entered:
            below.clear()
            yield Path(folder), set(files)
            continue
        entered.add(real)
        is_run = not _MARKS.isdisjoint(files)
        below[:] = sorted(name for name in below if not _is_passed_by(name, is_run))
        yield Path(folder), set(files)


def _is_passed_by(name: str, within_a_run: bool) -> bool:
    if name in _OF_TOOLS or _OF_WANDB.fullmatch(name):
        return True
    return within_a_run and (name in _PASSED_BY or name.startswith("."))
