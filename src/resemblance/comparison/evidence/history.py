"""``history.csv`` over seeds: a figure or a statistic of the training against the number of images seen."""

import csv
import math
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from resemblance.comparison.evidence.over_seeds import Band, band
from resemblance.comparison.runs import Run
from resemblance.comparison.study import Contestant

Column = Sequence[float | None]
History = Mapping[str, Column]


def read_history(path: Path) -> dict[str, list[float | None]]:
    """Columns by name, None where a cell is empty or no finite number; nothing where there is no such file."""
    try:
        with path.open(encoding="utf-8", newline="") as table:
            rows = list(csv.DictReader(table))
    except (OSError, UnicodeDecodeError, csv.Error):
        return {}
    columns = [name for name in (rows[0] if rows else {}) if name]
    return {name: [_number(row.get(name)) for row in rows] for name in columns}


def images_of_a_step(run: Run, history: History) -> float | None:
    """How many images one optimiser step takes, on all devices together; None where nothing tells.

    ``train/images`` over the steps tells it; without that, the batch of the configuration on as many devices as it
    names.
    """
    steps = [step for step in history.get("step", ()) if step]
    seen = run.scalars.get("train/images")
    if seen is not None and steps:
        return seen.value / steps[-1]
    batch, trainer = run.config.get("batch"), run.config.get("trainer")
    devices = trainer.get("devices", 1) if isinstance(trainer, Mapping) else 1
    try:
        return float(batch["identities"]) * float(batch["images_per_identity"]) * float(devices)  # type: ignore[index]
    except (TypeError, KeyError, ValueError):
        return None


def columns_of(contestants: Sequence[Contestant], histories: Mapping[str, History], start: str) -> list[str]:
    """Columns whose name begins with ``start`` and that hold a number in some run, in the order of first appearance."""
    found: dict[str, None] = {}
    for one in contestants:
        for run in one.runs:
            for name, cells in histories.get(str(run.path), {}).items():
                if name.startswith(start) and any(cell is not None for cell in cells):
                    found[name] = None
    return list(found)


def column_bands(contestants: Sequence[Contestant], histories: Mapping[str, History], column: str) -> dict[str, Band]:
    """A column against images seen by contestant, where all of its seeds that have the column have a number.

    Args:
        contestants: of a test set.
        histories: of each run, by its directory.
        column: such as ``val/verification/auc``.
    """
    bands = {}
    for one in contestants:
        series = [found for run in one.runs if (found := _series(run, histories.get(str(run.path), {}), column))]
        shared = sorted(set.intersection(*map(set, series))) if series else []
        if shared:
            bands[one.name] = band(
                np.array(shared, float), [np.array([own[images] for images in shared]) for own in series]
            )
    return bands


def _series(run: Run, history: History, column: str) -> dict[float, float]:
    """Values by images seen, rounded so that seeds meet."""
    a_step = images_of_a_step(run, history)
    if a_step is None:
        return {}
    cells = zip(history.get("step", ()), history.get(column, ()), strict=False)
    return {round(step * a_step): value for step, value in cells if step is not None and value is not None}


def _number(cell: str | None) -> float | None:
    try:
        number = float(cell or "nan")
    except ValueError:
        return None
    return number if math.isfinite(number) else None
