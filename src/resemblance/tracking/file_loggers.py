"""``logger=tensorboard`` and ``logger=csv``: Lightning's own loggers, with the keys of every other place."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any, Literal

from pytorch_lightning.loggers import CSVLogger, Logger, TensorBoardLogger
from pytorch_lightning.utilities import rank_zero_only

from resemblance.results import Result
from resemblance.tracking.epochs import EpochRows, of_a_step
from resemblance.tracking.paths import RunPaths
from resemblance.tracking.tolerance import Tolerated

Kind = Literal["tensorboard", "csv"]
HEADLINE = "hp_metric"
"""TensorBoard's own name of the figure that stands beside a run's settings."""


class EpochCSVLogger(CSVLogger):
    """Lightning's CSV logger: ``metrics.csv`` with a row an epoch (counted from 1 as finished), and a row a step."""

    def __init__(self, folder: str, tolerated: Tolerated) -> None:
        super().__init__(folder, name="", version="", flush_logs_every_n_steps=1)
        self._merge = EpochRows()
        self._tolerated = tolerated

    @rank_zero_only
    def log_metrics(self, metrics: Mapping[str, float], step: int | None = None) -> None:  # type: ignore[override]
        """Log a row."""
        row = dict(metrics) if of_a_step(metrics) else self._merge.complete(metrics)
        if row is not None:
            found = row
            self._tolerated(lambda: super(EpochCSVLogger, self).log_metrics(dict(found), step))

    def log_figures(self, results: Result, directory: RunPaths, config: Mapping[str, Any]) -> None:
        """One row with every figure."""
        super().log_metrics({key: scalar.value for key, scalar in results.scalars.items()}, None)
        self.save()


class EpochTensorBoardLogger(TensorBoardLogger):
    """Lightning's TensorBoard logger with epochs, counted from 1 as finished, as the axis of what is not a step's."""

    def __init__(self, folder: str, tolerated: Tolerated) -> None:
        super().__init__(folder, name="", version="", default_hp_metric=False)
        self._merge = EpochRows()
        self._tolerated = tolerated
        self._epochs = 0

    @rank_zero_only
    def log_metrics(self, metrics: Mapping[str, float], step: int | None = None) -> None:
        """Log a row."""
        if of_a_step(metrics):
            found = {key: value for key, value in metrics.items() if key != "epoch"}
        elif (row := self._merge.complete(metrics)) is not None:
            step = self._epochs = int(row["epoch"])
            found = {key: value for key, value in row.items() if key != "epoch"}
        else:
            return
        self._tolerated(lambda: super(EpochTensorBoardLogger, self).log_metrics(found, step))

    def log_figures(self, results: Result, directory: RunPaths, config: Mapping[str, Any]) -> None:
        """Every figure as a point, the pictures as images, and the settings with the figure that selected."""
        super().log_metrics({key: scalar.value for key, scalar in results.scalars.items()}, self._epochs)
        selected = results.scalars.get((config.get("selection") or {}).get("metric", ""))
        if selected is not None:
            self.log_hyperparams(dict(config), {HEADLINE: selected.value})
        for path in sorted(directory.figures.glob("*.png")):
            self.experiment.add_image(f"figures/{path.stem}", _pixels(path), self._epochs, dataformats="HWC")


class FileTracker:
    """Lightning's loggers for files; :func:`file_tracker` makes them and closes them.

    Attributes:
        lightning: loggers for a Lightning trainer.
    """

    def __init__(
        self, logger: EpochCSVLogger | EpochTensorBoardLogger, config: Mapping[str, Any], tolerated: Tolerated
    ) -> None:
        self._logger = logger
        self._config = config
        self._tolerated = tolerated
        self.lightning: list[Logger] = [logger]

    @rank_zero_only
    def log_final(self, results: Result, directory: RunPaths, config: Mapping[str, Any] | None = None) -> None:
        """Log every figure of the run under its key, and to TensorBoard the pictures."""
        self._tolerated(lambda: self._logger.log_figures(results, directory, config or self._config))

    def log_table(self, key: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        """Nothing: neither has tables, and the directory has them as CSV files."""


@contextmanager
def file_tracker(directory: RunPaths, config: Mapping[str, Any], kind: Kind) -> Iterator[FileTracker]:
    """Loggers that write to ``tensorboard/`` or ``csv/`` of the run directory.

    Args:
        directory: of the run.
        config: plain containers.
        kind: which of the two.
    """
    folder = directory.path / kind
    tolerated = Tolerated(
        f"'{folder}' has stopped taking what is logged", "the run goes on, and its directory holds everything else."
    )
    made = EpochCSVLogger if kind == "csv" else EpochTensorBoardLogger
    logger = made(str(folder), tolerated)
    try:
        yield FileTracker(logger, config, tolerated)
    finally:
        with suppress(Exception):
            logger.finalize("finished")


def _pixels(path: Any) -> Any:
    import numpy as np
    from PIL import Image

    with Image.open(path) as image:
        return np.asarray(image.convert("RGB"))
