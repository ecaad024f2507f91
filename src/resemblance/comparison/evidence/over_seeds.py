"""Curves of several seeds as one line with a band: their mean, and the lowest and the highest of them.

The band is the range that was seen. It needs no assumption, so it is as true with two seeds as with twenty; the
intervals that verdicts rest on stand in the tables.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from resemblance.comparison.study import TestSet

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


def over_fewer_seeds(test_set: TestSet, bands: Mapping[str, Band]) -> str:
    """Whose curves rest on fewer seeds than their figures, in a sentence; nothing where none do.

    Args:
        test_set: of the contestants.
        bands: by contestant.
    """
    fewer = [
        f"{one.name} ({bands[one.name].seeds} of {len(one.runs)})"
        for one in test_set.contestants
        if one.name in bands and bands[one.name].seeds < len(one.runs)
    ]
    return f"Over fewer seeds, as the other runs have no such curve: {', '.join(fewer)}." if fewer else ""
