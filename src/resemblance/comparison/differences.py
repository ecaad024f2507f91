"""The findings of each pair, with a sentence where one is needed."""

import math
from dataclasses import dataclass

import numpy as np

from resemblance.comparison.findings import Bounds, Difference, Verdict
from resemblance.comparison.measured import Measured
from resemblance.comparison.pairs import Pairs
from resemblance.comparison.simultaneous import Intervals, Simultaneous
from resemblance.comparison.student import ALPHA, t_above
from resemblance.comparison.verdicts import MOST_SEEDS, further_seeds, judge, within

ONE_SEED = "One seed: nothing is known of other seeds."
SAME_RUN = "The same figures with every seed, as the same run twice has them: there is nothing to judge."
UNMOVED = (
    "A figure that no draw of other subjects moves, such as a rate of exactly 0 or 1, is no certainty: what other "
    "subjects would show is not known, so there is nothing to judge the difference by."
)
CONSTANT = "The difference is the same with every seed, so there is no variance over seeds to judge it by."


@dataclass(frozen=True)
class Judged:
    """What a procedure found of the pairs that it tested.

    Attributes:
        procedure: itself.
        place: of each pair among the tested ones, int64 [m]; −1 where there is none.
        together: intervals for other seeds and other subjects.
        over_seeds: intervals for other seeds on these subjects.
    """

    procedure: Simultaneous
    place: np.ndarray
    together: Intervals
    over_seeds: Intervals


def judged(pairs: Pairs, procedure: Simultaneous) -> Judged:
    """Judge all pairs that can be; a run that is there twice has the interval of the one that was tested.

    With two seeds the many degrees of freedom of the subjects can make an interval for other seeds and subjects shorter
    than that for other seeds only. It is then the latter: who asks for more can't know more.
    """
    spread, estimates = pairs.spread.at(pairs.tested), pairs.estimates[pairs.tested]
    number = np.where(pairs.tested, np.cumsum(pairs.tested) - 1, -1)
    over_seeds = procedure.intervals(estimates, spread.seeds, spread.seeds_degrees)
    together = procedure.intervals(estimates, spread.variances, spread.degrees).or_wider(over_seeds)
    place = np.where(pairs.constant | pairs.unmoved, -1, number[pairs.source])
    return Judged(procedure, place, together, over_seeds)


def difference(
    names: tuple[str, str], pairs: Pairs, index: int, found: Judged | None, delta: float, measured: Measured
) -> Difference:
    """The findings of one pair.

    Args:
        names: of the two.
        pairs: all of them.
        index: of this one.
        found: by the procedure; None where there is none to be used.
        delta: δ.
        measured: the figure; differences of rates end at −1 and 1.
    """
    seeds, furthest = len(measured.seeds), 1.0 if measured.is_rate else math.inf
    estimate = float(pairs.estimates[index])
    by_subjects = _over_subjects(estimate, furthest, pairs, index)
    place = -1 if found is None else int(found.place[index])
    if found is None or place < 0:
        why = _why_not(pairs, index, seeds)
        return Difference(*names, estimate, None, None, None, by_subjects, None, Verdict.UNDECIDED, None, why)
    half, seed_half = float(found.together.half[place]), float(found.over_seeds.half[place])
    verdict = judge(estimate, half, delta)
    more: int | None = None
    note: str | None = None
    if verdict is Verdict.BETTER and within(estimate, half, delta):
        note = "Better, but by less than counts: the interval lies within ±δ."
    means = [float(measured.values[measured.contestants.index(name)].mean()) for name in names]
    if verdict is Verdict.EQUIVALENT and measured.is_rate and max(means) < delta:
        note = "Both figures are below δ, so that they are equivalent says little; a smaller δ would say more."
    if verdict is Verdict.UNDECIDED:
        spread, alpha = pairs.spread.at(np.array([index])), float(found.together.alpha[place])
        more = further_seeds(estimate, delta, spread, seeds, found.procedure, alpha)
        if more is None and spread.subjects[0] > 0:
            note = "No number of seeds would decide this: more test subjects are needed."
        elif more is None or more > MOST_SEEDS:
            more, note = None, f"More than {MOST_SEEDS:,} further seeds would be needed to decide this."
    together = _bounds(estimate, half, furthest)
    return Difference(
        *names,
        estimate,
        together.low,
        together.high,
        _bounds(estimate, seed_half, furthest),
        by_subjects,
        float(found.together.p[place]),
        verdict,
        more,
        note,
    )


def _why_not(pairs: Pairs, index: int, seeds: int) -> str:
    """Why a pair is not judged."""
    if seeds < 2:
        return ONE_SEED
    if pairs.same[index]:
        return SAME_RUN
    return CONSTANT if pairs.constant[index] else UNMOVED


def _bounds(estimate: float, half: float, furthest: float) -> Bounds:
    return Bounds(max(-furthest, estimate - half), min(furthest, estimate + half))


def _over_subjects(estimate: float, furthest: float, pairs: Pairs, index: int) -> Bounds | None:
    """For other subjects with these trainings, this difference alone; None where no subject moves it or one of both."""
    variance = float(pairs.given_trainings[index])
    if variance == 0 or pairs.same[index] or pairs.unmoved[index]:
        return None
    half = float(t_above(ALPHA, pairs.spread.subjects_degrees)) * variance**0.5
    return _bounds(estimate, half, furthest)
