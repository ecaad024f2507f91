"""What a W&B run shows beside numbers: the ROC as a curve, tables, and the figures as images."""

import csv
import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import wandb

from resemblance.results import Curve, Result, Table
from resemblance.tracking.common_fars import on_common_fars
from resemblance.tracking.keys import BASELINE, TEST, part
from resemblance.tracking.paths import RunPaths

LONGEST_TABLE = 10_000
"""Rows that W&B keeps of a table."""
ROCS = {"verification/roc": "test/roc", "pairs/roc": "test/pairs/roc"}
"""Curve of a result → key of its chart."""
ROC_COLUMNS = ("FAR", "log10 FAR", "TAR")
"""The same in every run: W&B lays the charts of several runs over one another by key and columns."""


def media(results: Result, directory: RunPaths) -> dict[str, Callable[[], Any]]:
    """Charts, tables and images by key, each made when it is called for: it may need a disk that is full.

    Args:
        results: of all sets, with their prefixes.
        directory: of the run.
    """
    trained, baseline = part(results, TEST), part(results, BASELINE)
    items: dict[str, Callable[[], Any]] = {}
    for key, chart in ROCS.items():
        if curve := trained.curves.get(key):
            title = f"{key.partition('/')[0].capitalize()}: ROC on the test identities"
            items[chart] = _made(_roc_chart, curve, title)
    if "identification/cmc" in trained.tables:
        items["test/identification/table"] = _made(_identification, trained, baseline)
    for key, table in trained.tables.items():
        if key == "verification/calibration" or (key.startswith("breakdown/") and not key.endswith("/refused")):
            items[f"test/{key}"] = _made(as_table, table.columns, table.rows)
    if directory.hardest_pairs.is_file():
        items["test/verification/hardest_pairs"] = _made(_hardest_pairs, directory)
    for path in sorted(directory.figures.glob("*.png")):
        items[f"figures/{path.stem}"] = _made(_image, path)
    return items


def as_table(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> Any:
    """A W&B table, with as many rows as W&B keeps."""
    return wandb.Table(columns=[*map(str, columns)], data=[list(row) for row in rows[:LONGEST_TABLE]])


def roc_rows(curve: Curve) -> list[list[float]]:
    """FAR, log10 FAR and TAR on the grid that all runs share; W&B's line chart has no logarithmic axis of its own."""
    return [[far, math.log10(far), tar] for far, tar in on_common_fars(curve)]


def _made(make: Callable[..., Any], *of: Any) -> Callable[[], Any]:
    return lambda: make(*of)


def _roc_chart(curve: Curve, title: str) -> Any:
    table = as_table(ROC_COLUMNS, roc_rows(curve))
    return wandb.plot.line(table, "log10 FAR", "TAR", title=title)


def _image(path: Path) -> Any:
    return wandb.Image(str(path))


def _hardest_pairs(directory: RunPaths) -> Any:
    """By name, as the run directory lists them: rows of the test set say nothing to a reader."""
    with directory.hardest_pairs.open(encoding="utf-8", newline="") as file:
        columns, *rows = csv.reader(file)
    return as_table(columns, [[*row[:-1], float(row[-1])] for row in rows])


def _identification(trained: Result, baseline: Result) -> Any:
    """Rank against the share of probes found within it, untrained and trained."""
    table: Table = trained.tables["identification/cmc"]
    before = baseline.tables.get("identification/cmc")
    untrained = {row[0]: row[1] for row in before.rows} if before else {}
    return as_table(("rank", "untrained", "trained"), [[rank, untrained.get(rank), rate] for rank, rate in table.rows])
