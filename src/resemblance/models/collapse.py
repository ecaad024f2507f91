"""Notices when a training has collapsed: every image has the same embedding, and the loss stands still."""

import warnings
from collections.abc import Mapping

from resemblance.errors import ResemblanceWarning
from resemblance.results import Result, Scalar

THRESHOLD = 0.01
"""A spread of directions, or a deviation of similarities, below which embeddings count as one point."""


class CollapseWatch:
    """Follows the statistics of a training and warns once.

    An untrained network often begins near one point, and leaves it within some steps; a collapsed one stays. A step
    counts as collapsed if its ``embedding_spread`` or its ``similarity_deviation`` is below :data:`THRESHOLD`: either
    all embeddings point one way, or all comparisons look alike to the loss.

    Args:
        loss: what the user calls the loss, for the message.
        by_direction: whether directions alone are compared. Otherwise the spread says nothing, for embeddings that lie
            far from the origin point one way, however far they lie from each other.
        patience: so many steps in a row are a collapse.
    """

    def __init__(self, loss: str, by_direction: bool = True, patience: int = 50) -> None:
        self._loss = loss
        self._signs = ("embedding_spread", "similarity_deviation") if by_direction else ("similarity_deviation",)
        self._patience = patience
        self._in_a_row = 0
        self.first_step: int | None = None
        """The step at which the collapse began, if there was one."""
        self.lasting = False
        """Whether the newest step was collapsed."""

    def result(self) -> Result:
        """For metrics.json: whether there was a collapse, when, and whether it lasted."""
        if self.first_step is None:
            return Result({"collapsed": Scalar(0.0, "embedding collapsed")})
        after = "it lasted to the end" if self.lasting else "the embedding has left it since"
        note = f"began at step {self.first_step}; {after}"
        return Result({"collapsed": Scalar(1.0, "embedding collapsed", {"first_step": self.first_step}, note=note)})

    def see(self, step: int, statistics: Mapping[str, float]) -> None:
        """Follow one more step.

        Warns:
            ResemblanceWarning: once, when the patience is at its end.
        """
        self.lasting = min(statistics[name] for name in self._signs) < THRESHOLD
        self._in_a_row = self._in_a_row + 1 if self.lasting else 0
        if self._in_a_row == self._patience and self.first_step is None:
            self.first_step = step - self._patience + 1
            warnings.warn(
                f"The embedding has collapsed: since step {self.first_step} every image looks alike to "
                f"loss={self._loss}. Lower optimizer.lr, warm up for longer (scheduler.warmup_share) or take neck=bn; "
                f"of the triplet losses, loss=triplet_robust, semi-hard mining and a soft margin collapse least.",
                ResemblanceWarning,
                stacklevel=2,
            )
