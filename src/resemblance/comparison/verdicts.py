"""What an interval says, and how many more seeds would make it say something."""

import numpy as np

from resemblance.comparison.findings import Verdict
from resemblance.comparison.simultaneous import Simultaneous
from resemblance.comparison.spread import Spread

MOST_SEEDS = 1000
"""Further seeds beyond which nobody plans."""


def judge(estimate: float, half: float, delta: float) -> Verdict:
    """The verdict of the interval estimate ± half.

    ``better`` where it excludes 0. An interval can exclude 0 and lie within ±δ: the first *is* better, by less than
    counts. Then ``better`` stands, for *equivalent* would deny a difference that was shown, and the difference carries
    a note that it lies within ±δ.

    >>> judge(0.02, 0.01, 0.005), judge(0.001, 0.003, 0.005), judge(0.02, 0.03, 0.005)
    (<Verdict.BETTER: 'better'>, <Verdict.EQUIVALENT: 'equivalent'>, <Verdict.UNDECIDED: 'undecided'>)
    """
    if half < abs(estimate):
        return Verdict.BETTER
    return Verdict.EQUIVALENT if within(estimate, half, delta) else Verdict.UNDECIDED


def within(estimate: float, half: float, delta: float) -> bool:
    """Whether the interval lies inside ±δ."""
    return abs(estimate) + half < delta


def further_seeds(
    estimate: float, delta: float, spread: Spread, seeds: int, procedure: Simultaneous, alpha: float
) -> int | None:
    """The smallest number of further seeds with which the interval would decide, if what was seen is the truth.

    Means, variances and the pair's level stay, the degrees of freedom grow.

    Args:
        estimate: of the difference.
        delta: δ.
        spread: of this one difference with ``seeds`` seeds.
        seeds: two or more.
        procedure: that judges.
        alpha: the level at which it judges this pair.

    Returns:
        None where no number of seeds would: the subjects alone make the interval too wide. Where more than
        :data:`MOST_SEEDS` would be needed, some number above it.
    """

    def decides(further: np.ndarray) -> np.ndarray:
        then = spread.with_seeds(seeds, seeds + further)
        decided = np.zeros(len(further), dtype=np.bool_)
        for distance in (abs(estimate), delta - abs(estimate)):
            if distance > 0:
                together = procedure.narrower(distance, then.variances, then.degrees, alpha)
                decided |= together & procedure.narrower(distance, then.seeds, then.seeds_degrees, alpha)
        return decided

    tried = np.array([*(2 ** np.arange(11)), 2**30])
    decided = decides(tried)
    if not decided[-1]:
        return None
    place = int(np.argmax(decided))
    if place == len(tried) - 1:
        return int(tried[-1])
    low, high = int(tried[place]) // 2, int(tried[place])
    while high - low > 1:
        between = np.unique(np.linspace(low, high, 10).round().astype(np.int64))[1:]
        place = int(np.argmax(decides(between)))
        low, high = int(between[place - 1]) if place else low, int(between[place])
    return high
