"""How W&B is given the rows of a training: each metric with its axis and its direction."""

from collections.abc import Mapping
from typing import Any

from resemblance.tracking.epochs import STEP
from resemblance.tracking.names import has_a_better, improves_downwards

STEPS = "trainer/global_step"
"""Axis of what belongs to a step, as Lightning calls it."""


def summary_of(key: str) -> str:
    """What W&B's summary keeps of a metric that is logged each epoch: its best so far if it is a figure, else its last.

    >>> summary_of("val/verification/auc"), summary_of("val/verification/eer"), summary_of("train/loss")
    ('max', 'min', 'last')
    """
    if key.startswith("train/") or not has_a_better(key):
        return "last"
    return "min" if improves_downwards(key) else "max"


class WandbRows:
    """Writes rows to a W&B run, with epochs, counted from 1 as finished, as the axis of every chart but those of steps.

    While a training goes on, the summary of a validation metric is its best value so far; at the end
    :meth:`resemblance.tracking.wandb_run.WandbTracker.log_final` puts the value of the selected checkpoint in its
    place.

    Args:
        run: of W&B.
    """

    def __init__(self, run: Any) -> None:
        self._run = run
        self._defined = {"epoch"}

    def __call__(self, row: Mapping[str, float], step: int | None) -> None:
        """Log it, after metrics that are new have been defined."""
        for key in {STEP if key.startswith(STEP) else key for key in row} - self._defined:
            if key == STEP:
                self._run.define_metric(f"{STEP}*", step_metric=STEPS)
            else:
                self._run.define_metric(key, step_metric="epoch", summary=summary_of(key))
            self._defined.add(key)
        self._run.log({**row, **({} if step is None else {STEPS: step})})
