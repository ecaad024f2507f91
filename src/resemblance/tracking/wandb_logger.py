"""Lightning's W&B logger, with epochs as its axis and with calls that may fail."""

from collections.abc import Mapping
from typing import Any

from pytorch_lightning.loggers import WandbLogger
from pytorch_lightning.utilities import rank_zero_only

from resemblance.tracking.epochs import STEP, EpochRows, of_a_step
from resemblance.tracking.names import has_a_better, improves_downwards
from resemblance.tracking.tolerance import Tolerated


def summary_of(key: str) -> str:
    """What W&B's summary keeps of a metric that is logged each epoch: its best so far if it is a figure, else its last.

    >>> summary_of("val/verification/auc"), summary_of("val/verification/eer"), summary_of("train/loss")
    ('max', 'min', 'last')
    """
    if key.startswith("train/") or not has_a_better(key):
        return "last"
    return "min" if improves_downwards(key) else "max"


class EpochWandbLogger(WandbLogger):
    """Lightning's W&B logger with epochs, counted from 1 as finished, as the axis of every chart but those of steps.

    While a training goes on, the summary of a validation metric is its best value so far; at the end
    :meth:`resemblance.tracking.wandb_run.WandbTracker.log_final` puts the value of the selected checkpoint in its
    place.

    Args:
        experiment: the W&B run.
        project, save_dir: of it.
        tolerated: what calls it.
    """

    def __init__(self, experiment: Any, project: str, save_dir: str, tolerated: Tolerated) -> None:
        super().__init__(experiment=experiment, project=project, save_dir=save_dir)
        self._merge = EpochRows()
        self._defined: set[str] = set()
        self._tolerated = tolerated

    @rank_zero_only
    def log_metrics(self, metrics: Mapping[str, float], step: int | None = None) -> None:
        """Log a row of the history with its epoch, or what belongs to a step with its number."""
        if of_a_step(metrics):
            row = {name: value for name, value in metrics.items() if name != "epoch"}
        elif (complete := self._merge.complete(metrics)) is not None:
            row = complete
        else:
            return
        self._tolerated(lambda: self._log(row, step))

    def _log(self, row: Mapping[str, float], step: int | None) -> None:
        for key in {STEP if key.startswith(STEP) else key for key in row} - self._defined - {"epoch"}:
            if key == STEP:
                self.experiment.define_metric(f"{STEP}*", step_metric="trainer/global_step")
            else:
                self.experiment.define_metric(key, step_metric="epoch", summary=summary_of(key))
            self._defined.add(key)
        super().log_metrics(row, step)

    @rank_zero_only
    def finalize(self, status: str) -> None:
        """Nothing: the run goes on until its figures are logged."""
