"""From figures and what the subjects do to them to scalars with intervals and replicates."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from torch import Tensor

from resemblance.metrics.replicates import replicates
from resemblance.metrics.uncertainty import Influence, Interval, interval
from resemblance.protocols.thin import noted
from resemblance.results import Result, Scalar

WIDEST = 0.9
"""Of an interval that still says something."""
SAYS_NOTHING = "the interval says next to nothing: too few errors or subjects"


@dataclass(frozen=True)
class Estimate:
    """A figure before its interval is known.

    Attributes:
        value: a rate, 0 … 1.
        label: what a person calls it.
        counts: what it rests on.
        influence: of the subjects; None where no interval is asked for.
        interval: where the protocol itself says how it is made, such as over folds; else it comes from ``influence``.
        note: a reservation.
    """

    value: float
    label: str
    counts: Mapping[str, int] = field(default_factory=dict)
    influence: Influence | None = None
    interval: Interval | None = None
    note: str | None = None


def measured(estimates: Mapping[str, Estimate], identities: Tensor) -> Result:
    """The scalars, with their 95 % intervals, and what the differences between two runs need.

    That is replicates, and the degrees of freedom of their variance, which an interval over folds or episodes hides.

    Args:
        estimates: by key, such as ``verification/auc``.
        identities: int64 [N], labels of the whole test set; they key the draws of the replicates.
    """
    scalars = {}
    for key, estimate in estimates.items():
        found = estimate.interval
        if found is None and estimate.influence is not None:
            found = interval(estimate.value, estimate.influence)
        low, high, method = (None, None, None) if found is None else (found.low, found.high, found.method)
        note = noted(estimate.note, None if found is None or found.high - found.low <= WIDEST else SAYS_NOTHING)
        degrees = None if estimate.influence is None else estimate.influence.degrees_of_freedom
        scalars[key] = Scalar(estimate.value, estimate.label, estimate.counts, low, high, method, note, degrees)
    moved = {key: estimate for key, estimate in estimates.items() if estimate.influence is not None}
    if not moved:
        return Result(scalars)
    drawn = replicates(
        [estimate.value for estimate in moved.values()],
        [estimate.influence for estimate in moved.values() if estimate.influence is not None],
        identities,
    )
    return Result(scalars, replicates=dict(zip(moved, drawn, strict=True)))
