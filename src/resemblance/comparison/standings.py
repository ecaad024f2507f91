"""The leaderboard of one figure: each contestant's mean, with both kinds of uncertainty."""

import math

import numpy as np

from resemblance.comparison.findings import Bounds, Standing
from resemblance.comparison.measured import Measured
from resemblance.comparison.student import ALPHA, t_above
from resemblance.comparison.subjects import interval_of_mean


def standings(measured: Measured, moves: np.ndarray | None, degrees: float) -> list[Standing]:
    """All contestants, best first; equal means stay in the order in which they came.

    Args:
        measured: the figure.
        moves: float64 [k, n, B], how far each draw of subjects moves each figure.
        degrees: of freedom of the variance over subjects.
    """
    means = measured.values.mean(1)
    return [
        Standing(
            measured.contestants[i],
            float(means[i]),
            tuple(map(float, measured.values[i])),
            over_seeds(measured.values[i], measured.is_rate),
            None if moves is None else interval_of_mean(measured.values[i], moves[i], degrees),
            moves is not None and not np.isnan(moves[i]).any(),
        )
        for i in best_first(measured)
    ]


def best_first(measured: Measured) -> np.ndarray:
    """Contestants by their means, int64 [k]."""
    means = measured.values.mean(1)
    return np.argsort(-means if measured.higher_is_better else means, kind="stable")


def over_seeds(values: np.ndarray, is_rate: bool) -> Bounds | None:
    """Mean ± t · s / √n over the seeds, n − 1 degrees of freedom; a rate's ends within 0 … 1.

    Args:
        values: float64 [n].
        is_rate: whether the figure can't leave 0 … 1.

    Returns:
        None for fewer than two seeds, or where all have one value: that is not certainty.
    """
    if len(values) < 2 or np.ptp(values) == 0:
        return None
    half = float(t_above(ALPHA, len(values) - 1)) * float(values.std(ddof=1)) / math.sqrt(len(values))
    mean = float(values.mean())
    low, high = mean - half, mean + half
    return Bounds(max(0.0, low), min(1.0, high)) if is_rate else Bounds(low, high)
