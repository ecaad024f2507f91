"""Trainings as a randomised block design: every contestant once with every seed.

y_ij = contestant_i + seed_j + e_ij. The seed's own effect (the same initial weights, the same batches) cancels in a
difference, and what is left, e, says how far a difference would move with other seeds. Without replication e holds
the interaction of contestant and seed, which is what it must hold: the claim is about other seeds.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np

NOT_ALIKE = 0.2
"""Share of studies with equal variances that :attr:`Blocked.alike` sends to separate variances.

Far above the usual 5 %: with 7 losses and 5 seeds, a check at 5 % misses in 36 of 100 studies that the standard
deviation of one loss is 4 times the others', and 11 of 100 such studies of equal losses call one of them better; at
20 % it misses 14, and 7 or 8 do. The price is wider intervals in a fifth of the studies that did not need them.
"""
_DRAWS = 4999
_ROUNDING = 1e-12


@dataclass(frozen=True)
class Blocked:
    """What the seeds say about differences.

    Attributes:
        mean_square: residual mean square, the variance of e; None where nothing varies but contestants and seeds.
        degrees: of freedom of it, (k − 1)(n − 1) over the k contestants that vary each in its own way.
        pair_variances: float64 [K, K], the variance over seeds of each paired difference; exactly 0 where the
            difference is the same with every seed.
        largest: the largest of these over the mean one, 2 · mean square.
        alike: how often equal variances would give a ratio as large, from draws of normal values; None where there are
            fewer than three contestants, whose variances Tukey's procedure does not pool.
    """

    mean_square: float | None
    degrees: int
    pair_variances: np.ndarray
    largest: float | None = None
    alike: float | None = None

    @property
    def pooled(self) -> bool:
        """Whether one variance over seeds stands for all pairs."""
        return self.alike is None or self.alike > NOT_ALIKE


def blocked(values: np.ndarray) -> Blocked:
    """Analysis of variance of contestants in blocks of seeds.

    A contestant that differs from another one by the same amount with every seed (the same run twice, for one) tells
    nothing new about the variance and would make it too small; it is left out of the mean square.

    Args:
        values: float64 [K, n].

    >>> found = blocked(np.array([[0.90, 0.92, 0.91], [0.80, 0.84, 0.82]]))
    >>> round(found.mean_square, 6), found.degrees
    (5e-05, 2)
    """
    seeds = values.shape[1]
    centred = values - values.mean(1, keepdims=True)
    scale = _ROUNDING * max(1.0, float(np.abs(values).max()))
    own = [i for i in range(len(values)) if not any(parallel(centred[i], centred[j], scale) for j in range(i))]
    variances = np.zeros((len(values), len(values)))
    if seeds < 2:
        return Blocked(None, 0, variances)
    for i, row in enumerate(centred):
        moved = np.array([not parallel(row, other, scale) for other in centred])
        variances[i] = np.where(moved, np.square(row - centred).sum(1) / (seeds - 1), 0.0)
    if len(own) < 2:
        return Blocked(None, 0, variances)
    square = float(_mean_squares(centred[own][None])[0])
    degrees = (len(own) - 1) * (seeds - 1)
    if len(own) < 3:
        return Blocked(square, degrees, variances)
    largest = float(_largest_ratios(centred[own][None])[0])
    drawn = _ratios_by_chance(len(own), seeds)
    # Rounding must not make a ratio larger than itself; with two seeds of two contestants many are equal.
    alike = (1 + int((drawn >= largest * (1 - 1e-9)).sum())) / (1 + len(drawn))
    return Blocked(square, degrees, variances, largest, alike)


def parallel(one: np.ndarray, other: np.ndarray, scale: float) -> bool:
    """Whether two centred rows are the same up to rounding."""
    return bool(np.abs(one - other).max() <= scale)


def _mean_squares(centred: np.ndarray) -> np.ndarray:
    """Residual mean squares of rows that are centred already, [..., k, n] → [...]."""
    residual = centred - centred.mean(-2, keepdims=True)
    k, n = centred.shape[-2:]
    return np.square(residual).sum((-2, -1)) / ((k - 1) * (n - 1))


def _largest_ratios(centred: np.ndarray) -> np.ndarray:
    """The largest variance of a paired difference over the mean one, [..., k, n] → [...]."""
    products = centred @ centred.swapaxes(-1, -2)
    squares = np.diagonal(products, axis1=-2, axis2=-1)
    pairs = squares[..., :, None] + squares[..., None, :] - 2 * products
    return pairs.max((-2, -1)) / (centred.shape[-1] - 1) / (2 * _mean_squares(centred))


@cache
def _ratios_by_chance(k: int, n: int) -> np.ndarray:
    """Such ratios of k contestants and n seeds where all variances are equal; the same draws at every call."""
    generator = np.random.default_rng(k * 10_007 + n)
    at_once = max(1, 2_000_000 // (k * (k + n)))
    found = []
    for start in range(0, _DRAWS, at_once):
        drawn = generator.standard_normal((min(at_once, _DRAWS - start), k, n))
        found.append(_largest_ratios(drawn - drawn.mean(-1, keepdims=True)))
    return np.concatenate(found)
