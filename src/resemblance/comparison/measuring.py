"""From run directories to what the statistics take: one figure of all contestants over the seeds that they share."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.special import logit, stdtr

from resemblance.comparison.measured import Measured
from resemblance.comparison.study import Contestant
from resemblance.comparison.subjects import unmoved
from resemblance.results import CLUSTER_ROBUST, Scalar
from resemblance.tracking.names import improves_downwards

_LEVEL = 0.95
_FEWEST = 3.0
"""Degrees of freedom of a run that does not tell its own; metrics/uncertainty.py has no fewer for as many subjects."""


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
        replicates: of each run directory, by key; they count where all runs have equally many. With one seed, of which
            nothing is judged, a run without any takes them from no other.
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
    """Degrees of freedom of the variance over subjects: the median over the runs whose figure subjects move.

    A run has kept its own. One of before they were kept tells them by its interval, if that is the cluster-robust one,
    logit(θ) ± t s: s is the spread of the replicates' logits, so the width tells t, and t its degrees of freedom. An
    interval over folds or episodes tells nothing of subjects, and such a run counts with the fewest there are.

    Args:
        scalars: R figures with their intervals.
        replicates: float64 [R, B].

    Returns:
        One less than there are subjects where no figure is moved.
    """
    values = np.array([scalar.value for scalar in scalars])
    moving = ~unmoved(values, replicates)
    if not moving.any():
        return float(np.median([_most(scalar) for scalar in scalars]))
    runs = zip(scalars, replicates, moving, strict=True)
    return float(np.median([_degrees(scalar, drawn) for scalar, drawn, moves in runs if moves]))


def _most(scalar: Scalar) -> float:
    return max(1.0, scalar.counts.get("subjects", 2) - 1.0)


def _degrees(scalar: Scalar, drawn: NDArray[np.float64]) -> float:
    if scalar.degrees is not None:
        return scalar.degrees
    low, high, most = scalar.low, scalar.high, _most(scalar)
    tells = scalar.method == CLUSTER_ROBUST and bool(((drawn > 0) & (drawn < 1)).all())
    if not tells or low is None or high is None or not 0 < low < high < 1:
        return min(_FEWEST, most)
    t = float(logit(high) - logit(low)) / 2 / float(logit(drawn).std(ddof=1))
    return _degrees_of(t, most)


def _degrees_of(t: float, most: float) -> float:
    """The ν for which t is the 97.5 % point of Student's distribution, between 1 and ``most``, by bisection."""
    low, high = 1.0, most
    if stdtr(high, t) <= (1 + _LEVEL) / 2:
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
    """Float64 [k, n, B], or None where a run has none or another number of them; of a single seed, NaN for that run."""
    all_of = [[replicates.get(run.path, {}).get(key) for run in contestant.runs] for contestant in contestants]
    numbers = {len(drawn) for of in all_of for drawn in of if drawn is not None}
    some_lack = any(drawn is None for of in all_of for drawn in of)
    if len(numbers) != 1 or (some_lack and len(all_of[0]) > 1):
        return None
    nothing = np.full(numbers.pop(), np.nan)
    return np.array([[nothing if drawn is None else drawn for drawn in of] for of in all_of], dtype=np.float64)
