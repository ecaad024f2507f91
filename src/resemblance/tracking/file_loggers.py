"""``logger=tensorboard`` and ``logger=csv``: Lightning's own loggers, with the keys of every other place."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import numpy as np
from PIL import Image
from pytorch_lightning.loggers import CSVLogger, Logger, TensorBoardLogger

from resemblance.results import Result
from resemblance.tracking.epoch_logger import EpochLogger
from resemblance.tracking.paths import RunPaths
from resemblance.tracking.tolerance import Tolerated

Kind = Literal["tensorboard", "csv"]
HEADLINE = "hp_metric"
"""TensorBoard's own name of the figure that stands beside a run's settings."""


class CsvPlace:
    """``metrics.csv`` of Lightning's CSV logger: a row for each epoch, counted from 1 as finished, and for each step.

    Args:
        folder: of the file.
    """

    def __init__(self, folder: Path) -> None:
        self._logger = CSVLogger(str(folder), name="", version="", flush_logs_every_n_steps=1)

    def write(self, row: Mapping[str, float], step: int | None) -> None:
        """Write a row."""
        self._logger.log_metrics(dict(row), step)
        self._logger.save()

    def write_figures(self, results: Result, directory: RunPaths, config: Mapping[str, Any]) -> None:
        """Write one row with every figure."""
        self.write({key: scalar.value for key, scalar in results.scalars.items()}, None)

    def close(self) -> None:
        """Nothing is left to do."""


class TensorBoardPlace:
    """Event files of Lightning's TensorBoard logger, with epochs as the axis of what is not a step's.

    Args:
        folder: of the files.
    """

    def __init__(self, folder: Path) -> None:
        self._logger = TensorBoardLogger(str(folder), name="", version="", default_hp_metric=False)
        self._epochs = 0

    def write(self, row: Mapping[str, float], step: int | None) -> None:
        """Write a row."""
        if "epoch" in row:
            step = self._epochs = int(row["epoch"])
        self._logger.log_metrics({key: value for key, value in row.items() if key != "epoch"}, step)

    def write_figures(self, results: Result, directory: RunPaths, config: Mapping[str, Any]) -> None:
        """Write every figure as a point, the pictures, and the settings with the figure that chose the checkpoint."""
        self._logger.log_metrics({key: scalar.value for key, scalar in results.scalars.items()}, self._epochs)
        selected = results.scalars.get((config.get("selection") or {}).get("metric", ""))
        if selected is not None:
            self._logger.log_hyperparams(dict(config), {HEADLINE: selected.value})
        for path in sorted(directory.figures.glob("*.png")):
            with Image.open(path) as image:
                pixels = np.asarray(image.convert("RGB"))
            self._logger.experiment.add_image(f"figures/{path.stem}", pixels, self._epochs, dataformats="HWC")

    def close(self) -> None:
        """Write what is waiting."""
        self._logger.experiment.close()


class FileTracker:
    """Shows a run by files of its directory; :func:`file_tracker` makes it and closes the files.

    Attributes:
        lightning: loggers for a Lightning trainer.
    """

    def __init__(self, place: CsvPlace | TensorBoardPlace, config: Mapping[str, Any], tolerated: Tolerated) -> None:
        self._place = place
        self._config = config
        self._tolerated = tolerated
        self.lightning: list[Logger] = [EpochLogger(type(place).__name__, place.write, tolerated)]

    def log_final(self, results: Result, directory: RunPaths, config: Mapping[str, Any] | None = None) -> None:
        """Log every figure of the run under its key, and to TensorBoard the pictures."""
        if not self._tolerated.failed:
            self._tolerated(lambda: self._place.write_figures(results, directory, config or self._config))

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
    folder = directory.log(kind)
    tolerated = Tolerated(
        f"'{folder}' has stopped taking what is logged", "the run goes on, and its directory holds everything else."
    )
    place = CsvPlace(folder) if kind == "csv" else TensorBoardPlace(folder)
    try:
        yield FileTracker(place, config, tolerated)
    finally:
        if not tolerated.failed:
            tolerated(place.close)
