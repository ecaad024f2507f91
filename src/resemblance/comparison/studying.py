"""From paths to conclusions: everything that a comparison says, without writing or printing any of it."""

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from resemblance.comparison.asking import asked_figures, resolved
from resemblance.comparison.comparable import differences
from resemblance.comparison.contestants import gathered
from resemblance.comparison.figures_of import read_replicates
from resemblance.comparison.finding import Found, find_runs
from resemblance.comparison.measuring import measured
from resemblance.comparison.missing import without_figure
from resemblance.comparison.ranks import FEWEST_DATA_SETS, rank
from resemblance.comparison.reading import read_run, read_trial
from resemblance.comparison.runs import Run
from resemblance.comparison.statistics import compare_figure
from resemblance.comparison.study import Contestant, Ranks, Study, TestSet
from resemblance.comparison.test_sets import by_test_set
from resemblance.comparison.tuning import lies_among_trials, read_tuning
from resemblance.errors import DataError
from resemblance.results import Scalar
from resemblance.wording import agreeing, counted

Figures = Mapping[str, float | None] | Sequence[str] | None


def study_of(
    runs: str | Path | Sequence[str | Path], figures: Figures = None, title: str | None = None, command: str = ""
) -> Study:
    """Compare the runs at or below some paths.

    Args:
        runs: a path, a pattern, or several.
        figures: keys, or keys with the δ of each; None takes the usual ones.
        title: of the report; by default the name of the first path.
        command: that repeats the comparison.

    Raises:
        DataError: if there is no run there, or none that can be compared.
        ConfigurationError: for a figure that no run has.
    """
    asked = asked_figures(figures)
    found = find_runs(runs)
    read, refused, trials = _read(found)
    if not read:
        raise DataError(_nothing_left(found, refused, trials))
    keys = resolved(asked, (key for run in read for key in run.scalars))
    tuning, told = _tuning(found)
    sets = by_test_set(read)
    test_sets = tuple(_test_set(name, of, keys, tuning) for name, of in sets.items())
    notes = [*_notes(found, trials), *told]
    ranks, said = _ranks(test_sets)
    first = runs if isinstance(runs, str | Path) else runs[0]
    return Study(
        title or f"Comparison of {Path(str(first)).expanduser().resolve().name or 'runs'}",
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


def _nothing_left(found: Found, refused: Mapping[Path, str], trials: int) -> str:
    if not refused:
        return f"There are only trials of a tuning ({trials}), whose figures chose settings and are no result."
    first = next(iter(refused.values()))
    others = len(refused) - 1
    more = f" ({others:,} more can't be compared either)" if others else ""
    return f"No run can be compared: {first.rstrip('.')}{more}."


def _test_set(name: str, runs: Sequence[Run], deltas: Mapping[str, float], tuning: Mapping[str, Any]) -> TestSet:
    field = gathered(runs)
    warnings = [*field.told, *differences(field.contestants, tuning)]
    replicates: dict[Path, dict[str, NDArray[np.float64]]] = {}
    for one in field.contestants:
        for run in one.runs:
            try:
                replicates[run.path] = read_replicates(run, list(deltas))
            except DataError as error:
                warnings.append(f"{error} No interval over subjects is given for its figures.")
    findings = []
    for key, delta in deltas.items():
        having = [one for one in field.contestants if all(key in run.scalars for run in one.runs)]
        warnings += without_figure(key, field.contestants, having)
        if having:
            found = compare_figure(measured(key, having, field.seeds, replicates), delta)
            findings.append(replace(found, notes=(*found.notes, *_reservations(key, having))))
    order = {standing.contestant: place for place, standing in enumerate(findings[0].standings)} if findings else {}
    contestants = sorted(field.contestants, key=lambda one: order.get(one.name, len(order)))
    return TestSet(name, tuple(contestants), tuple(findings), tuple(warnings))


def _reservations(key: str, contestants: Sequence[Contestant]) -> list[str]:
    """What the runs themselves say of a figure, such as that it is thinly supported, each once."""
    by_note: dict[str, list[Scalar]] = {}
    for one in contestants:
        for run in one.runs:
            scalar = run.scalars[key]
            for note in (scalar.note or "").split("; "):
                if note:
                    by_note.setdefault(note, []).append(scalar)
    runs = sum(len(one.runs) for one in contestants)
    return [f"{note} ({len(of)} of {counted(runs, 'run')})" for note, of in by_note.items()]


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
    return tuning, told


def _notes(found: Found, trials: int) -> list[str]:
    notes = []
    if trials:
        notes.append(
            f"{counted(trials, 'trial')} of a tuning {agreeing(trials, 'is', 'are')} left out: what chose settings is "
            f"no result."
        )
    if found.repeated:
        times = counted(found.repeated, "directory", "directories")
        notes.append(f"{times} came up more than once, by overlapping paths or links, and count once.")
    return notes


def _ranks(test_sets: Sequence[TestSet]) -> tuple[tuple[Ranks, ...], list[str]]:
    """Ranks over data sets, one for each figure that enough of them have; a sentence where there are too few."""
    if len(test_sets) < 2:
        return (), []
    if len(test_sets) < FEWEST_DATA_SETS:
        return (), [
            f"No ranks over data sets: there are {len(test_sets)}, and below {FEWEST_DATA_SETS} the critical "
            f"difference is about as wide as the ranking."
        ]
    found, told = [], []
    for key in dict.fromkeys(findings.key for of in test_sets for findings in of.findings):
        having = {of.name: one for of in test_sets for one in of.findings if one.key == key}
        means = {name: {each.contestant: each.mean for each in one.standings} for name, one in having.items()}
        label, higher_is_better = next((one.label, one.higher_is_better) for one in having.values())
        if len({frozenset(of) for of in means.values()}) > 1 or len(next(iter(means.values()))) < 2:
            told.append(f"No ranks over data sets in {label}: not all of them have the same two contestants or more.")
        elif (ranks := rank(key, label, means, higher_is_better)) is not None:
            found.append(ranks)
        else:
            told.append(f"No ranks over data sets in {label}: only {len(means)} of {len(test_sets)} have that figure.")
    return tuple(found), told
