"""The studentized range: how far apart the largest and the smallest of k equal means lie by chance (Tukey 1953).

scipy.stats.studentized_range gives the same numbers (a test holds them side by side) in 80 ms a quantile, and a
comparison needs one for every pair of every figure; the tables kept here give all pairs of a figure in a few ms.
"""

from functools import cache

import numpy as np
from scipy.interpolate import CubicSpline
from scipy.special import ndtr
from scipy.stats import chi2, norm, t

_WIDEST = 14.0
"""In standard deviations of a mean; the range of a hundred normal values exceeds it with probability 1e-19."""
_ROUNDING = 1e-13
_STEPS = 32
"""Of a bisection whose ends lie within a factor of 4 for three means or 20 for a hundred."""


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
    ends = [np.log(end / nu) / 2 for end in (chi2.ppf(_ROUNDING, nu), chi2.isf(_ROUNDING, nu))]
    log_s = ends[0] + (ends[1] - ends[0]) * np.linspace(0, 1, 257)
    weight = np.exp(nu * (log_s - np.expm1(2 * log_s) / 2))
    weight /= weight.sum(-1, keepdims=True)
    found[~known] = (weight * _range_tail(k, q[~known][:, None] * np.exp(log_s))).sum(-1)
    return found


def critical(k: int, degrees: np.ndarray | float, alpha: float = 0.05) -> np.ndarray:
    """The q that a range exceeds with probability ``alpha``.

    Found by bisection between that of two means and Bonferroni's bound over all pairs.

    Args:
        k: means, two or more.
        degrees: ν, any shape; infinity is allowed.
        alpha: 0 … 1.

    >>> float(critical(7, 24).round(6))
    4.541314
    """
    nu, back = np.unique(np.asarray(degrees, dtype=np.float64), return_inverse=True)
    low, high = np.sqrt(2) * t.isf(alpha / 2, nu), np.sqrt(2) * t.isf(alpha / (k * (k - 1)), nu)
    for _ in range(_STEPS):
        middle = (low + high) / 2
        beyond = tail(middle, k, nu) < alpha
        low, high = np.where(beyond, low, middle), np.where(beyond, middle, high)
    return ((low + high) / 2)[back].reshape(np.shape(degrees))


def _range_tail(k: int, width: np.ndarray) -> np.ndarray:
    """P(range > width) of k standard normal values."""
    return np.clip(np.where(width < _WIDEST, _table(k)(np.minimum(width, _WIDEST)), 0.0), 0.0, 1.0)


@cache
def _table(k: int) -> CubicSpline:
    """1 − k ∫ φ(z) [Φ(z) − Φ(z − w)]^(k − 1) dz, z being the largest of the k."""
    node, weight = np.polynomial.legendre.leggauss(256)
    z, weight = 10 * node, 10 * weight * k * norm.pdf(10 * node)
    width = np.linspace(0, _WIDEST, 1401)
    # As the part of the largest's own density that is lost, so that small tails keep their digits.
    whole, within = ndtr(z) ** (k - 1), (ndtr(z) - ndtr(z - width[:, None])) ** (k - 1)
    return CubicSpline(width, (weight * (whole - within)).sum(-1))
