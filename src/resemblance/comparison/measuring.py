"""From run directories to what the statistics take: one figure of all contestants over the seeds that they share."""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.special import logit, stdtr

from resemblance.comparison.measured import Measured
from resemblance.comparison.study import Contestant
from resemblance.results import Scalar
from resemblance.tracking.names import improves_downwards

_LEVEL = 0.95


def measured(
    key: str,
    contestants: Sequence[Contestant],
    seeds: Sequence[int],
    replicates: Mapping[Path, Mapping[str, NDArray[np.float64]]] | None = None,
) -> Measured:
    """One figure of all contestants.

    Args:
        key: of the figure; every run has it.
        contestants: each with a run for every seed.
        seeds: of the runs, in their order.
        replicates: of each run directory, by key; they count where all runs have equally many.
    """
    scalars = [[run.scalars[key] for run in contestant.runs] for contestant in contestants]
    values = np.array([[scalar.value for scalar in of] for of in scalars], dtype=np.float64)
    drawn = _stacked(key, contestants, replicates or {})
    degrees = None
    if drawn is not None:
        degrees = subject_degrees([scalar for of in scalars for scalar in of], drawn.reshape(-1, drawn.shape[-1]))
    return Measured(
        key,
        scalars[0][0].label,
        tuple(contestant.name for contestant in contestants),
        tuple(seeds),
        values,
        drawn,
        degrees,
        not improves_downwards(key),
    )


def subject_degrees(scalars: Sequence[Scalar], replicates: NDArray[np.float64]) -> float:
    """Degrees of freedom of the variance over subjects: the median over the runs of what their intervals tell.

    An interval is logit(θ) ± t s; s is the spread of the replicates' logits, so the width tells t and t its degrees of
    freedom, up to one less than there are subjects. A run whose figure no subject moves has that number.

    Args:
        scalars: R figures with their intervals.
        replicates: float64 [R, B].
    """
    found = []
    for scalar, drawn in zip(scalars, replicates, strict=True):
        most = max(1.0, scalar.counts.get("subjects", 2) - 1.0)
        found.append(_degrees(scalar, drawn, most))
    return float(np.median(found))


def _degrees(scalar: Scalar, drawn: NDArray[np.float64], most: float) -> float:
    low, high = scalar.low, scalar.high
    if low is None or high is None or not 0 < low < high < 1 or not ((drawn > 0) & (drawn < 1)).all():
        return most
    spread = float(logit(drawn).std(ddof=1))
    if spread == 0:
        return most
    t = float(logit(high) - logit(low)) / 2 / spread
    return _degrees_of(t, most)


def _degrees_of(t: float, most: float) -> float:
    """The ν for which t is the 97.5 % point of Student's distribution, between 1 and ``most``, by bisection."""
    low, high = 1.0, most
    if not math.isfinite(t) or t <= 0 or stdtr(high, t) <= (1 + _LEVEL) / 2:
        return most
    for _ in range(40):
        middle = (low + high) / 2
        if stdtr(middle, t) < (1 + _LEVEL) / 2:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _stacked(
    key: str, contestants: Sequence[Contestant], replicates: Mapping[Path, Mapping[str, NDArray[np.float64]]]
) -> NDArray[np.float64] | None:
    """Float64 [k, n, B], or None where a run has none or another number of them."""
    all_of = [[replicates.get(run.path, {}).get(key) for run in contestant.runs] for contestant in contestants]
    flat = [drawn for of in all_of for drawn in of]
    if any(drawn is None for drawn in flat) or len({len(drawn) for drawn in flat if drawn is not None}) != 1:
        return None
    return np.array(all_of, dtype=np.float64)
