"""All pairs of contestants: their differences, with the variances over seeds and over subjects."""

from dataclasses import dataclass

import numpy as np

from resemblance.comparison.blocked import Blocked, blocked
from resemblance.comparison.spread import Spread
from resemblance.comparison.subjects import over_subjects, unmoved


@dataclass(frozen=True)
class Pairs:
    """The m = K(K − 1)/2 pairs of K contestants.

    Attributes:
        first, second: contestants of each pair, int64 [m], the first before the second.
        estimates: mean of the first minus mean of the second, float64 [m].
        same: bool [m], whether they are the same run twice: every figure and every replicate is equal.
        constant: bool [m], whether the difference is the same with every seed; so it is with one seed.
        unmoved: bool [m], whether a run of one of the two has a figure that no test subject moves, such as a rate of
            exactly 0 or 1: that is no certainty, and what other subjects would do to the difference is not known.
        tested: bool [m], pairs that a procedure judges: none of the three, and of runs that are there twice only one.
        source: for each pair the one whose interval is its own too, int64 [m].
        spread: of all m differences; that of :attr:`constant` ones has no variance over seeds.
        given_trainings: variances over subjects with these trainings, float64 [m]; 0 without replicates.
        distinct: contestants without those that are there twice.
        blocked: the analysis of the distinct ones.
    """

    first: np.ndarray
    second: np.ndarray
    estimates: np.ndarray
    same: np.ndarray
    constant: np.ndarray
    unmoved: np.ndarray
    tested: np.ndarray
    source: np.ndarray
    spread: Spread
    given_trainings: np.ndarray
    distinct: int
    blocked: Blocked


def all_pairs(values: np.ndarray, moves: np.ndarray | None, subject_degrees: float) -> Pairs:
    """The pairs of contestants.

    Args:
        values: float64 [K, n].
        moves: float64 [K, n, B], how far each draw of subjects moves each figure; None without replicates.
        subject_degrees: of freedom of a variance over subjects.
    """
    contestants, seeds = values.shape
    twin = _twins(values, moves)
    own = np.unique(twin)
    # Where each contestant's stand-in is among the distinct ones.
    position = np.searchsorted(own, twin)
    analysis = blocked(values[own])
    first, second = np.triu_indices(contestants, 1)
    i, j = position[first], position[second]
    constant = analysis.pair_variances[i, j] == 0
    alone = (twin[first] == first) & (twin[second] == second)
    where = np.zeros((contestants, contestants), dtype=np.int64)
    where[first, second] = where[second, first] = np.arange(len(first))
    if analysis.pooled:
        variance = np.where(constant, 0.0, 2 * (analysis.mean_square or 0.0) / seeds)
        degrees = np.full(len(first), float(analysis.degrees))
    else:
        variance, degrees = analysis.pair_variances[i, j] / seeds, np.full(len(first), seeds - 1.0)
    by_subjects, given_trainings = np.zeros(len(first)), np.zeros(len(first))
    unknown = np.zeros(len(first), dtype=np.bool_)
    if moves is not None:
        still = np.any(unmoved(values, moves), axis=1)
        unknown = still[first] | still[second]
        found = over_subjects(moves)
        by_subjects, given_trainings = found.besides_seeds[first, second], found.given_trainings[first, second]
    return Pairs(
        first,
        second,
        values.mean(1)[first] - values.mean(1)[second],
        i == j,
        constant,
        unknown,
        alone & ~constant & ~unknown,
        where[twin[first], twin[second]],
        Spread(variance, degrees, by_subjects, subject_degrees),
        given_trainings,
        len(own),
        analysis,
    )


def _twins(values: np.ndarray, moves: np.ndarray | None) -> np.ndarray:
    """For each contestant the first one that has the same figures, int64 [K]; itself where there is none before."""
    twin = np.arange(len(values))
    for i in range(len(values)):
        for j in range(i):
            alike = np.array_equal(values[i], values[j])
            if alike and (moves is None or np.allclose(moves[i], moves[j], rtol=0, atol=1e-12)):
                twin[i] = j
                break
    return twin
