"""Student's t, without the half second that importing scipy.stats takes."""

import numpy as np
from scipy.special import ndtr, ndtri, stdtr, stdtrit

ALPHA = 0.05
"""All intervals are of 95 %."""


def t_above(alpha: np.ndarray | float, degrees: np.ndarray | float) -> np.ndarray:
    """The value that |t| exceeds with probability ``alpha``.

    >>> round(float(t_above(0.05, 4)), 3), round(float(t_above(0.05, np.inf)), 3)
    (2.776, 1.96)
    """
    half = np.asarray(alpha) / 2
    return np.asarray(np.where(np.isinf(degrees), -ndtri(half), -stdtrit(np.minimum(degrees, 1e300), half)))


def t_tail(value: np.ndarray | float, degrees: np.ndarray | float) -> np.ndarray:
    """P(|t| > value); 1 and more below 0, where no interval is as narrow.

    >>> round(float(t_tail(2.776, 4)), 3)
    0.05
    """
    value = np.asarray(value)
    return np.asarray(2 * np.where(np.isinf(degrees), ndtr(-value), stdtr(np.minimum(degrees, 1e300), -value)))
