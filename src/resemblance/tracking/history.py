"""``history.csv``: one row an epoch, readable at any moment, also after a run was killed."""

import csv
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pytorch_lightning.loggers.logger import Logger

from resemblance.atomic import write_csv
from resemblance.tracking.epochs import EpochRows, of_a_step

Cell = float | int | str


class HistoryLogger(Logger):
    """A Lightning logger that keeps one row for each epoch.

    Columns are ``epoch`` (how many have been finished, so the first row is 1), ``step`` (optimiser steps taken) and
    then the metrics in order of first appearance; a metric that comes later gets an empty cell in earlier rows. The
    file is replaced as a whole each time that something is added. Where a file exists, rows of the epochs before the
    first that is logged are kept: a resumed training goes on with the table, a new one starts its own.

    Args:
        path: of the file.
    """

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path
        self._merge = EpochRows()
        self._rows: dict[int, dict[str, Cell]] | None = None

    @property
    def name(self) -> str:
        """Of the kind of logger."""
        return "history"

    @property
    def version(self) -> str:
        """There is one table a run."""
        return ""

    def log_metrics(self, metrics: Mapping[str, float], step: int | None = None) -> None:
        """Add to the row of the epoch that the metrics belong to, and write the table; steps have no place in it."""
        if of_a_step(metrics):
            return
        row = self._merge.complete(metrics)
        if row is None:
            return
        epoch = int(row["epoch"])
        if self._rows is None:
            self._rows = {number: old for number, old in self._read().items() if number < epoch}
        self._rows.setdefault(epoch, {"epoch": epoch, "step": 0}).update(row)
        if step is not None:
            # Lightning numbers steps from 0, and the row says how many were taken.
            self._rows[epoch].update(epoch=epoch, step=step + 1)
        self._write(self._rows)

    def log_hyperparams(self, params: Any, *args: Any, **kwargs: Any) -> None:
        """Nothing: the run directory holds the configuration."""

    def _read(self) -> dict[int, dict[str, Cell]]:
        if not self._path.is_file():
            return {}
        with self._path.open(encoding="utf-8", newline="") as table:
            rows = [{key: cell for key, cell in row.items() if cell} for row in csv.DictReader(table)]
        return {int(row["epoch"]): dict(row) for row in rows if "epoch" in row}

    def _write(self, rows: Mapping[int, Mapping[str, Cell]]) -> None:
        columns = list(dict.fromkeys(name for number in sorted(rows) for name in rows[number]))
        write_csv(self._path, columns, ([rows[number].get(name) for name in columns] for number in sorted(rows)))
