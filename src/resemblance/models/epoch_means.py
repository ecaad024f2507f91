"""Means of what the steps of an epoch report, over all processes."""

from collections.abc import Mapping

import torch
import torch.distributed as dist
from torch import Tensor

from resemblance.distributed import world_size


class EpochMeans:
    """Adds up statistics step by step, on their device and without waiting for it.

    A value that is NaN says that its step had nothing to report, such as the similarity of genuine pairs in a batch
    without any; it leaves the mean alone.
    """

    def __init__(self) -> None:
        self._sums: dict[str, Tensor] = {}

    def add(self, statistics: Mapping[str, Tensor]) -> None:
        """Count a step's scalars."""
        for name, value in statistics.items():
            known = ~value.isnan()
            step = torch.stack((torch.where(known, value, 0).float(), known.float()))
            self._sums[name] = self._sums[name] + step if name in self._sums else step

    def take(self) -> dict[str, float]:
        """The means since the last call, without those that no step had a value for; every process must call it."""
        names = list(self._sums)
        if not names:
            return {}
        sums = torch.stack([self._sums[name] for name in names])
        self._sums = {}
        if world_size() > 1:
            dist.all_reduce(sums)
        return {name: total / count for name, (total, count) in zip(names, sums.tolist(), strict=True) if count}
