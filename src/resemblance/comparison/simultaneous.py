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

    The pair with the j-th smallest p-value of m is judged at 5 % / (m − j + 1), as long as all before it were told
    apart; from the first that is not, all are judged at that pair's level. Each interval is taken at the level at
    which its pair was judged, so interval and verdict agree. The probability of any false *better* is 5 % at most. The
    price of Holm's narrower steps: each interval covers, and all of them together do where few pairs differ, but where
    most pairs are told apart, the joint coverage is below 95 % (docs/statistics.md has figures).
    """

    def intervals(self, estimates: np.ndarray, variances: np.ndarray, degrees: np.ndarray) -> Intervals:
        """See :class:`Simultaneous`."""
        single = t_tail(np.abs(estimates) / np.sqrt(variances), degrees)
        order = np.argsort(single, kind="stable")
        left = np.arange(len(single), 0, -1)
        adjusted = np.minimum(1.0, np.maximum.accumulate(single[order] * left))
        # The step of the first pair that is not told apart; there is none where all are.
        last = int(np.argmax(adjusted >= ALPHA)) if (adjusted >= ALPHA).any() else len(single) - 1
        p, alpha = np.empty_like(single), np.empty_like(single)
        p[order] = adjusted
        alpha[order] = ALPHA / left[np.minimum(np.arange(len(single)), last)]
        return Intervals(t_above(alpha, degrees) * np.sqrt(variances), p, alpha)

    def narrower(self, distance: float, variances: np.ndarray, degrees: np.ndarray, alpha: float) -> np.ndarray:
        """See :class:`Simultaneous`."""
        return t_tail(distance / np.sqrt(variances), degrees) < alpha
