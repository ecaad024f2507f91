"""Simultaneous intervals of all differences, and the p-values that belong to them.

Both procedures are one each: a pair's interval excludes 0 exactly where its p-value is below 5 %.
"""

import math
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from resemblance.comparison.student import ALPHA, t_above, t_tail
from resemblance.comparison.studentized_range import critical, tail


@dataclass(frozen=True)
class Intervals:
    """Of m differences.

    Attributes:
        half: widths, float64 [m].
        p: adjusted for all pairs, float64 [m].
        alpha: the level at which each pair was judged, float64 [m]; for Tukey's procedure that of the family.
    """

    half: np.ndarray
    p: np.ndarray
    alpha: np.ndarray

    def or_wider(self, other: "Intervals") -> "Intervals":
        """Of each pair the wider interval and the larger p-value, which again say the same."""
        wider = other.half > self.half
        alpha = np.where(wider, other.alpha, self.alpha)
        return Intervals(np.maximum(self.half, other.half), np.maximum(self.p, other.p), alpha)


class Simultaneous(Protocol):
    """A procedure."""

    def intervals(self, estimates: np.ndarray, variances: np.ndarray, degrees: np.ndarray) -> Intervals:
        """Intervals of m differences with their variances and degrees of freedom, float64 [m] each."""
        ...

    def narrower(self, distance: float, variances: np.ndarray, degrees: np.ndarray, alpha: float) -> np.ndarray:
        """Whether half the width is below a distance, for variances of any shape and the level of a pair."""
        ...


@dataclass(frozen=True)
class Tukey:
    """q(k, ν) / √2 · standard error: all differences of k means at once (Tukey 1953, Kramer 1956).

    With a standard error and degrees of freedom for each pair, as Games and Howell (1976) use it. With two means it is
    Student's t.

    Attributes:
        k: means.
    """

    k: int

    def intervals(self, estimates: np.ndarray, variances: np.ndarray, degrees: np.ndarray) -> Intervals:
        """See :class:`Simultaneous`."""
        p = tail(math.sqrt(2) * np.abs(estimates) / np.sqrt(variances), self.k, degrees)
        half = critical(self.k, degrees, ALPHA) / math.sqrt(2) * np.sqrt(variances)
        return Intervals(half, p, np.full(len(estimates), ALPHA))

    def narrower(self, distance: float, variances: np.ndarray, degrees: np.ndarray, alpha: float) -> np.ndarray:
        """See :class:`Simultaneous`."""
        return tail(math.sqrt(2) * distance / np.sqrt(variances), self.k, degrees) < alpha


@dataclass(frozen=True)
class Holm:
    """t for each pair at the level of its step (Holm 1979).

    The pair with the j-th smallest of m p-values is told apart at 5 % / (m − j + 1), as long as all before it were. The
    probability of any false *better* is 5 % at most, whatever the variances are.

    Holm's steps come without intervals. Here each pair has Bonferroni's, at 5 % / m, and where a later step told it
    apart although that interval holds 0, the one at the level of that step. So interval and verdict agree, and the
    intervals hold all true differences at once in 96 of 100 simulated studies, be they small or large; with the level
    of its step for every pair they did so in 90 where all losses differed.
    """

    def intervals(self, estimates: np.ndarray, variances: np.ndarray, degrees: np.ndarray) -> Intervals:
        """See :class:`Simultaneous`."""
        m = len(estimates)
        single = t_tail(np.abs(estimates) / np.sqrt(variances), degrees)
        order = np.argsort(single, kind="stable")
        left = np.arange(m, 0, -1)
        p, step = np.empty(m), np.empty(m)
        p[order] = np.minimum(1.0, np.maximum.accumulate(single[order] * left))
        step[order] = ALPHA / left
        alpha = np.where((p < ALPHA) & (single * m >= ALPHA), step, ALPHA / m)
        return Intervals(t_above(alpha, degrees) * np.sqrt(variances), p, alpha)

    def narrower(self, distance: float, variances: np.ndarray, degrees: np.ndarray, alpha: float) -> np.ndarray:
        """See :class:`Simultaneous`."""
        return t_tail(distance / np.sqrt(variances), degrees) < alpha
