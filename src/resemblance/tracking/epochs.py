"""Which epoch a logged metric belongs to; Lightning does not always say."""

from collections.abc import Mapping

STEP = "step/"
"""Before the name of what belongs to one optimiser step and to no epoch."""


def of_a_step(metrics: Mapping[str, float]) -> bool:
    """Whether these metrics were logged for a step."""
    return any(name.startswith(STEP) for name in metrics)


class EpochRows:
    """Gives every row of metrics its ``epoch``, counted as epochs finished, from 1.

    Lightning adds ``epoch`` (from 0) to what a module logs, but callbacks such as its learning-rate monitor log without
    it, at the beginning of an epoch: those metrics wait for the next row that says where it belongs.
    """

    def __init__(self) -> None:
        self._waiting: dict[str, float] = {}

    def complete(self, metrics: Mapping[str, float]) -> dict[str, float] | None:
        """The row to write, or None where the metrics wait for the next one."""
        if "epoch" not in metrics:
            self._waiting.update(metrics)
            return None
        row = {**self._waiting, **metrics, "epoch": int(metrics["epoch"]) + 1}
        self._waiting.clear()
        return row
