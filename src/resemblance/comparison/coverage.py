"""Whose replicates there are: a single run without them must not take the subjects from everybody's intervals.

An interval covers other test subjects only if every run that it rests on has as many replicates as the others. Where a
few have not, they are left out with their seeds, or else with their contestants, and a sentence says so; where that
would leave nothing to compare, the intervals are for other seeds alone, and a sentence says that. With a single seed,
of which nothing is judged, they lack their own interval over subjects and nobody is left out.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from resemblance.comparison.runs import Run
from resemblance.comparison.study import Contestant
from resemblance.comparison.telling import seeds_text
from resemblance.wording import agreeing, counted

Replicates = Mapping[Path, Mapping[str, NDArray[np.float64]]]
"""Of each run directory, by key."""
_FEWEST_SEEDS = 2
_MOST_NAMED = 3


@dataclass(frozen=True)
class Covered:
    """Who is compared in one figure.

    Attributes:
        contestants: with the runs of :attr:`seeds`.
        seeds: that all of them have.
        replicates: of all of these runs, or with a single seed of those that have them; empty where other subjects are
            not covered.
        told: what was left out and why, in sentences.
    """

    contestants: tuple[Contestant, ...]
    seeds: tuple[int, ...]
    replicates: Replicates
    told: tuple[str, ...] = ()


def covered(
    key: str, label: str, contestants: Sequence[Contestant], seeds: Sequence[int], replicates: Replicates
) -> Covered:
    """Those contestants and seeds of a figure among which other test subjects can be spoken of.

    A contestant is set aside if more than half of its runs have no replicates, or none would be left to have a variance
    over seeds; then each seed of which a run has none, where at least half of the seeds and two remain; or else
    whoever has such a run. Where fewer than two contestants would be left, all stay, without any replicates.

    Args:
        key: of the figure, which every run has.
        label: what it is called.
        contestants: each with a run for every seed.
        seeds: of the runs, in their order.
        replicates: what was read; of a run without any, nothing.
    """
    number = _usual_number(key, contestants, replicates)
    if len(seeds) < _FEWEST_SEEDS:
        return _of_one_seed(key, label, contestants, seeds, replicates, number)
    lacking = {one.name: [run for run in one.runs if _number(key, run, replicates) != number] for one in contestants}
    runs = [run for of in lacking.values() for run in of]
    if number == 0 or not runs:
        return Covered(tuple(contestants), tuple(seeds), replicates if number else {})

    def may_go(without: set[int]) -> bool:
        left = len(seeds) - len(without)
        return left >= _FEWEST_SEEDS and 2 * len(without) <= len(seeds)

    staying = [one for one in contestants if not lacking[one.name] or may_go({run.seed for run in lacking[one.name]})]
    without = {run.seed for one in staying for run in lacking[one.name]}
    if not may_go(without) and without:
        staying, without = [one for one in contestants if not lacking[one.name]], set()
    if len(staying) < min(2, len(contestants)):
        why = _why(key, runs, number, replicates)
        said = f"{label}: other subjects are not covered, and the intervals are for other seeds alone, as {why}."
        return Covered(tuple(contestants), tuple(seeds), {}, (said,))
    told = []
    aside = [one for one in contestants if one not in staying]
    if aside:
        names = ", ".join(one.name for one in aside)
        of = [run for one in aside for run in lacking[one.name]]
        told.append(f"{label} is compared without {names}: {_why(key, of, number, replicates)}.")
    if without:
        of = [run for one in staying for run in lacking[one.name]]
        told.append(f"{label} is compared without {seeds_text(sorted(without))}: {_why(key, of, number, replicates)}.")
    kept = tuple(seed for seed in seeds if seed not in without)
    fewer = tuple(replace(one, runs=tuple(run for run in one.runs if run.seed in kept)) for one in staying)
    return Covered(fewer, kept, replicates, tuple(told))


def _of_one_seed(
    key: str, label: str, contestants: Sequence[Contestant], seeds: Sequence[int], replicates: Replicates, number: int
) -> Covered:
    """Everybody, each with the interval over subjects that its own run gives."""
    alike = {run.path: _number(key, run, replicates) == number for one in contestants for run in one.runs}
    kept = {path: replicates[path] for path, is_alike in alike.items() if is_alike and number}
    aside = [one for one in contestants if not all(alike[run.path] for run in one.runs)]
    if not aside:
        return Covered(tuple(contestants), tuple(seeds), kept)
    names = ", ".join(one.name for one in aside)
    why = _why(key, [run for one in aside for run in one.runs], number, replicates)
    told = f"{label} has no interval over test subjects for {names}: {why}."
    return Covered(tuple(contestants), tuple(seeds), kept, (told,))


def _number(key: str, run: Run, replicates: Replicates) -> int:
    return len(replicates.get(run.path, {}).get(key, ()))


def _usual_number(key: str, contestants: Sequence[Contestant], replicates: Replicates) -> int:
    """How many replicates most runs have that have any, the larger number of two as frequent; 0 if none has any."""
    numbers = Counter(_number(key, run, replicates) for one in contestants for run in one.runs)
    del numbers[0]
    return max(numbers, key=lambda number: (numbers[number], number), default=0)


def _why(key: str, runs: Sequence[Run], number: int, replicates: Replicates) -> str:
    """``'a/0' has no replicates of it``."""
    names = ", ".join(f"'{run.path}'" for run in runs[:_MOST_NAMED])
    more = len(runs) - _MOST_NAMED
    if more > 0:
        names += f" and {counted(more, 'more run')}"
    has = agreeing(len(runs), "has", "have")
    if all(_number(key, run, replicates) == 0 for run in runs):
        return f"{names} {has} no replicates of it, and without them nothing is known of other test subjects"
    return f"{names} {has} not the {number:,} replicates of it that others have, so their draws are not the same"
