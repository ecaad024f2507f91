"""Curves of several seeds as one line with a band: their mean, and the lowest and the highest of them.

The band is the range that was seen. It needs no assumption, so it is as true with two seeds as with twenty; the
intervals that verdicts rest on stand in the tables.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class Band:
    """One contestant's curve.

    Attributes:
        x: float64 [P], rising.
        mean, low, high: float64 [P], over the seeds.
        seeds: how many.
    """

    x: Numbers
    mean: Numbers
    low: Numbers
    high: Numbers
    seeds: int


def band(x: Numbers, curves: Sequence[Numbers]) -> Band:
    """Over curves on one grid.

    Args:
        x: float64 [P].
        curves: one for each seed, float64 [P].

    Raises:
        ValueError: without a curve.
    """
    if not curves:
        raise ValueError("There is no curve.")
    stacked = np.stack(curves)
    return Band(x, stacked.mean(axis=0), stacked.min(axis=0), stacked.max(axis=0), len(curves))
