"""Means of what the steps of an epoch report, over all processes."""

import math
from collections.abc import Mapping

import torch
import torch.distributed as dist

from resemblance.distributed import world_size


class EpochMeans:
    """Adds up statistics step by step.

    A value that is NaN says that its step had nothing to report, such as the similarity of genuine pairs in a batch
    without any; it leaves the mean alone.
    """

    def __init__(self) -> None:
        self._sums: dict[str, tuple[float, int]] = {}

    def add(self, statistics: Mapping[str, float]) -> None:
        """Count a step's numbers."""
        for name, value in statistics.items():
            total, count = self._sums.get(name, (0.0, 0))
            self._sums[name] = (total, count) if math.isnan(value) else (total + value, count + 1)

    def take(self, device: torch.device) -> dict[str, float]:
        """The means since the last call, without those that no step had a value for.

        Args:
            device: where processes exchange their sums; every process must make the call.
        """
        sums, self._sums = self._sums, {}
        if world_size() > 1 and sums:
            exchanged = torch.tensor(list(sums.values()), device=device)
            dist.all_reduce(exchanged)
            sums = dict(zip(sums, ((total, int(count)) for total, count in exchanged.tolist()), strict=True))
        return {name: total / count for name, (total, count) in sums.items() if count}
