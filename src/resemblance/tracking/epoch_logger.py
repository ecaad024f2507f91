"""What a Lightning trainer is given: it passes rows of epochs and steps to a place that may fail."""

from collections.abc import Callable, Mapping
from typing import Any

from pytorch_lightning.loggers.logger import Logger

from resemblance.tracking.epochs import EpochRows, of_a_step
from resemblance.tracking.tolerance import Tolerated

Write = Callable[[Mapping[str, float], int | None], None]
"""A row of metrics and the optimiser's step; with ``epoch`` (counted from 1 as finished) unless it is a step's."""


class EpochLogger(Logger):
    """A Lightning logger for one place. Nothing else of the place is known to Lightning, so nothing else can fail.

    Once something could not be written, nothing more is.

    Args:
        name: of the kind of place.
        write: a row to it.
        tolerated: what calls it.
    """

    def __init__(self, name: str, write: Write, tolerated: Tolerated) -> None:
        super().__init__()
        self._name = name
        self._write = write
        self._tolerated = tolerated
        self._merge = EpochRows()

    @property
    def name(self) -> str:
        """Of the kind of place."""
        return self._name

    @property
    def version(self) -> str:
        """There is one of it a run."""
        return ""

    def log_metrics(self, metrics: Mapping[str, float], step: int | None = None) -> None:
        """Write a row of the history with its epoch, or what belongs to a step without one."""
        if of_a_step(metrics):
            row = {name: value for name, value in metrics.items() if name != "epoch"}
        elif (complete := self._merge.complete(metrics)) is not None:
            row = complete
        else:
            return
        if not self._tolerated.failed:
            self._tolerated(lambda: self._write(row, step))

    def log_hyperparams(self, params: Any, *args: Any, **kwargs: Any) -> None:
        """Nothing: the place has the configuration already."""
