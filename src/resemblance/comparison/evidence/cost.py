"""What each contestant cost, over its seeds."""

from collections.abc import Sequence
from dataclasses import dataclass

from resemblance.comparison.study import Contestant


@dataclass(frozen=True)
class CostColumn:
    """One way to count cost.

    Attributes:
        key: in ``metrics.json``.
        label: with its unit.
        short: for a table's head.
    """

    key: str
    label: str
    short: str


COSTS = (
    CostColumn("train/images_per_second", "training speed, images/s", "images/s"),
    CostColumn("train/seconds", "time of training, s", "seconds"),
    CostColumn("train/peak_memory_mb", "peak memory of training, MB", "peak memory, MB"),
    CostColumn("train/parameters", "parameters of the network with its similarity", "parameters"),
    CostColumn("train/loss_parameters", "parameters of the loss", "of the loss"),
    CostColumn("train/images", "training images seen", "images seen"),
)


def cost_values(contestant: Contestant, key: str) -> list[float]:
    """Of the seeds that have it."""
    return [run.scalars[key].value for run in contestant.runs if key in run.scalars]


def costs_of(contestants: Sequence[Contestant]) -> list[CostColumn]:
    """Those that some run has."""
    return [column for column in COSTS if any(cost_values(one, column.key) for one in contestants)]
