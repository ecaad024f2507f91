"""The studentized range: how far apart the largest and the smallest of k equal means lie by chance (Tukey 1953).

scipy.stats.studentized_range gives the same numbers (a test holds them side by side) in 80 ms a quantile, and a
comparison needs one for every pair of every figure; the tables kept here give all pairs of a figure in a few ms.
"""

import math
from collections.abc import Callable
from functools import cache

import numpy as np
from scipy.interpolate import CubicSpline
from scipy.special import gammainccinv, gammaincinv, ndtr

from resemblance.comparison.student import t_above

_WIDEST = 14.0
"""In standard deviations of a mean; the range of a hundred normal values exceeds it with probability 1e-19."""
_ROUNDING = 1e-13
_STEPS = 20
"""Of false position on the scale of log P, which is nearly straight; ten are enough."""


def tail(q: np.ndarray | float, k: int, degrees: np.ndarray | float) -> np.ndarray:
    """P(Q > q) for the range Q of k independent standard normal means, divided by s with s² ~ χ²_ν / ν.

    ∫ P(range > q·s) f_ν(s) ds, on the scale of log s, where the density is smooth and the trapezoidal rule accurate.

    Args:
        q: any shape; below 0 is 0.
        k: two or more.
        degrees: ν, of the shape of ``q`` or one for all; infinity is allowed.

    >>> float(tail(4.541313693475088, 7, 24).round(6))
    0.05

    Raises:
        ValueError: for fewer than two means.
    """
    if k < 2:
        raise ValueError(f"A range needs two means or more, not {k}.")
    q, degrees = np.broadcast_arrays(np.maximum(0.0, q), np.asarray(degrees, dtype=np.float64))
    found = np.empty(q.shape)
    known = np.isinf(degrees)
    found[known] = _range_tail(k, q[known])
    nu = degrees[~known][:, None]
    chi2 = gammaincinv(nu / 2, _ROUNDING), gammainccinv(nu / 2, _ROUNDING)
    ends = [np.log(2 * end / nu) / 2 for end in chi2]
    log_s = ends[0] + (ends[1] - ends[0]) * np.linspace(0, 1, 257)
    weight = np.exp(nu * (log_s - np.expm1(2 * log_s) / 2))
    weight /= weight.sum(-1, keepdims=True)
    found[~known] = (weight * _range_tail(k, q[~known][:, None] * np.exp(log_s))).sum(-1)
    return found


def critical(k: int, degrees: np.ndarray | float, alpha: float = 0.05) -> np.ndarray:
    """The q that a range exceeds with probability ``alpha``.

    Found between Bonferroni's bound for one pair, which is exact for two means, and that for all pairs.

    Args:
        k: means, two or more.
        degrees: ν, any shape; infinity is allowed.
        alpha: 0 … 1.

    >>> float(critical(7, 24).round(6))
    4.541314
    """
    nu, back = np.unique(np.asarray(degrees, dtype=np.float64), return_inverse=True)
    low, high = (math.sqrt(2) * t_above(alpha / pairs, nu) for pairs in (1, k * (k - 1) // 2))
    if k > 2:
        low = _crossing(lambda q: np.log(tail(q, k, nu) / alpha), low, high)
    return low[back].reshape(np.shape(degrees))


def _crossing(height: Callable[[np.ndarray], np.ndarray], low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """Where falling functions are 0 between two points, by false position after Dowell and Jarratt (1971)."""
    above, below = height(low), height(high)
    kept = np.zeros_like(low)
    for _ in range(_STEPS):
        middle = (low * below - high * above) / (below - above)
        now = height(middle)
        is_above = now > 0
        # An end that stays twice weighs half, or it would stay for ever.
        above = np.where(is_above, now, np.where(kept == -1, above / 2, above))
        below = np.where(is_above, np.where(kept == 1, below / 2, below), now)
        low, high = np.where(is_above, middle, low), np.where(is_above, high, middle)
        kept = np.where(is_above, 1, -1)
        if np.abs(now).max() < 1e-12:
            break
    return middle


def _range_tail(k: int, width: np.ndarray) -> np.ndarray:
    """P(range > width) of k standard normal values."""
    return np.clip(np.where(width < _WIDEST, _table(k)(np.minimum(width, _WIDEST)), 0.0), 0.0, 1.0)


@cache
def _table(k: int) -> CubicSpline:
    """1 − k ∫ φ(z) [Φ(z) − Φ(z − w)]^(k − 1) dz, z being the largest of the k."""
    node, weight = np.polynomial.legendre.leggauss(256)
    z, weight = 10 * node, 10 * weight * k * np.exp(-50 * node**2) / math.sqrt(2 * math.pi)
    width = np.linspace(0, _WIDEST, 1401)
    # As the part of the largest's own density that is lost, so that small tails keep their digits.
    whole, within = ndtr(z) ** (k - 1), (ndtr(z) - ndtr(z - width[:, None])) ** (k - 1)
    return CubicSpline(width, (weight * (whole - within)).sum(-1))
