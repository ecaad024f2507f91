"""From paths to conclusions: everything that a comparison says, without writing or printing any of it."""

import os
import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from resemblance.comparison.asking import DEFAULTS, asked_figures, resolved
from resemblance.comparison.figures_of import read_replicates
from resemblance.comparison.finding import Found, find_runs
from resemblance.comparison.missing import why_lacking
from resemblance.comparison.naming import names_of
from resemblance.comparison.on_test_set import compared
from resemblance.comparison.over_data_sets import ranks_over, unlike_itself
from resemblance.comparison.reading import read_run, read_trial
from resemblance.comparison.runs import Run
from resemblance.comparison.study import Study
from resemblance.comparison.test_sets import by_test_set
from resemblance.comparison.tuning import dropped, lies_among_trials, read_tuning
from resemblance.errors import ConfigurationError, DataError
from resemblance.wording import agreeing, counted

_MOST_REASONS = 10
"""Told where no run is left, of which each would have its own line else."""

Figures = Mapping[str, float | None] | Sequence[str] | None


def study_of(
    runs: str | Path | Sequence[str | Path], figures: Figures = None, title: str | None = None, command: str = ""
) -> Study:
    """Compare the runs at or below some paths.

    Args:
        runs: a path, a pattern, or several.
        figures: keys, or keys with the δ of each; None takes those of the usual ones that some run has.
        title: of the report; by default after the folder of the runs.
        command: that repeats the comparison.

    Raises:
        DataError: if there is no run there, or none that can be compared.
        ConfigurationError: for a figure that no run has, or if none can be compared.
    """
    asked = asked_figures(figures)
    found = find_runs(runs)
    read, refused, trials = _read(found)
    if not read:
        raise DataError(_nothing_left(found, refused, trials))
    keys = resolved(asked, (key for run in read for key in run.scalars))
    read, replicates = _with_replicates(read, list(keys), refused)
    if not read:
        raise DataError(_nothing_left(found, refused, trials))
    tuning, told = _tuning(found)
    sets = by_test_set(read)
    names = names_of(list(sets.values()))
    test_sets = tuple(compared(name, of, keys, replicates, names, tuning) for name, of in sets.items())
    if not any(of.findings for of in test_sets):
        raise ConfigurationError(
            f"No contestant has {' or '.join(keys)} with all of its seeds; name another in figures=."
        )
    unasked = () if asked else why_lacking([key for key in DEFAULTS if key not in keys], read[0])
    notes = [*_notes(found, trials), *told, *unasked, *unlike_itself(test_sets)]
    ranks, said = ranks_over(test_sets)
    return Study(
        title or f"Comparison of {_called(runs)}",
        test_sets,
        ranks,
        {str(path): reason for path, reason in refused.items()},
        (*notes, *said),
        command,
        tuning,
    )


def command_of(overrides: Sequence[str]) -> str:
    """The command line of a comparison, as a shell takes it."""
    return shlex.join(["python", "compare.py", *overrides])


def _called(runs: str | Path | Sequence[str | Path]) -> str:
    """After the last folder of a path that is no pattern, or that several paths have in common."""
    named = [runs] if isinstance(runs, str | Path) else runs
    paths = [Path(str(name)).expanduser().absolute() for name in named]
    folders = [next(place for place in (path, *path.parents) if place.is_dir()) for path in paths]
    return Path(os.path.commonpath([folder.resolve() for folder in folders])).name or "runs"


def _read(found: Found) -> tuple[list[Run], dict[Path, str], int]:
    """The runs that can be compared, why the others can't, and how many are trials of a tuning."""
    read: list[Run] = []
    refused: dict[Path, str] = {}
    trials = 0
    for path in found.runs:
        if lies_among_trials(path, found.tunings) or read_trial(path):
            trials += 1
            continue
        try:
            read.append(read_run(path))
        except DataError as error:
            refused[path] = str(error)
    return read, refused, trials


def _with_replicates(
    runs: Sequence[Run], keys: Sequence[str], refused: dict[Path, str]
) -> tuple[list[Run], dict[Path, dict[str, NDArray[np.float64]]]]:
    """The runs whose replicates can be read or that have none, with these; the others are added to the refused."""
    read: list[Run] = []
    replicates = {}
    for run in runs:
        try:
            replicates[run.path] = read_replicates(run, keys)
            read.append(run)
        except DataError as error:
            refused[run.path] = str(error)
    return read, replicates


def _nothing_left(found: Found, refused: Mapping[Path, str], trials: int) -> str:
    if not refused:
        return f"There are only trials of a tuning ({trials}), whose figures chose settings and are no result."
    shown = [reason.rstrip(".") for reason in list(refused.values())[:_MOST_REASONS]]
    left = len(refused) - len(shown)
    more = f"; {left:,} more can't be compared either" if left else ""
    return f"No run can be compared: {'; '.join(shown)}{more}."


def _tuning(found: Found) -> tuple[dict[str, dict[str, Any]], list[str]]:
    tuning: dict[str, dict[str, Any]] = {}
    told = []
    for path in found.tunings:
        try:
            for name, spent in read_tuning(path).items():
                if name in tuning and tuning[name] != spent:
                    told.append(f"{name} was tuned more than once; the budget told is that of the first tuning.json.")
                tuning.setdefault(name, spent)
        except DataError as error:
            told.append(str(error))
    return tuning, [*told, *dropped(tuning)]


def _notes(found: Found, trials: int) -> list[str]:
    notes = [
        f"'{folder}' can't be looked into ({reason}), so runs below it are not compared."
        for folder, reason in found.closed.items()
    ]
    if trials:
        notes.append(
            f"{counted(trials, 'trial')} of a tuning {agreeing(trials, 'is', 'are')} left out: what chose settings is "
            f"no result."
        )
    if found.repeated:
        times = counted(found.repeated, "directory", "directories")
        notes.append(f"{times} came up more than once, by overlapping paths or links, and count once.")
    return notes
