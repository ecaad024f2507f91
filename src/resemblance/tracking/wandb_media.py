"""What a W&B run shows beside numbers: the ROC as a curve, tables, and the figures as images."""

import csv
import math
from typing import Any

import wandb

from resemblance.results import Curve, Result, Table
from resemblance.tracking.keys import BASELINE, TEST, part
from resemblance.tracking.paths import RunPaths

LONGEST_CURVE = 500
"""W&B cuts charts at 10,000 rows, and one with several runs is already slow long before."""
LONGEST_TABLE = 10_000
"""Rows that W&B keeps of a table."""
ROCS = {"verification/roc": "test/roc", "pairs/roc": "test/pairs/roc"}
"""Curve of a result → key of its chart."""


def media(results: Result, directory: RunPaths) -> dict[str, Any]:
    """Charts, tables and images by key.

    Args:
        results: of all sets, with their prefixes.
        directory: of the run.
    """
    trained, baseline = part(results, TEST), part(results, BASELINE)
    items: dict[str, Any] = {}
    for key, chart in ROCS.items():
        if curve := trained.curves.get(key):
            items[chart] = _roc_chart(curve, f"{key.partition('/')[0].capitalize()}: ROC on the test identities")
    if ranks := _identification(trained, baseline):
        items["test/identification/table"] = ranks
    for key, table in trained.tables.items():
        if key == "verification/calibration" or (key.startswith("breakdown/") and not key.endswith("/refused")):
            items[f"test/{key}"] = _table(table)
    if directory.hardest_pairs.is_file():
        items["test/verification/hardest_pairs"] = _hardest_pairs(directory)
    for path in sorted(directory.figures.glob("*.png")):
        items[f"figures/{path.stem}"] = wandb.Image(str(path))
    return items


def _roc_chart(curve: Curve, title: str) -> Any:
    """TAR against log10 FAR: W&B's line chart has no logarithmic axis of its own."""
    points = [(far, tar) for far, tar in zip(curve.x, curve.y, strict=True) if far > 0]
    rows = [[far, math.log10(far), tar] for far, tar in log_spaced(points, LONGEST_CURVE)]
    table = wandb.Table(columns=["FAR", "log10 FAR", "TAR"], data=rows)
    return wandb.plot.line(table, "log10 FAR", "TAR", title=title)


def _table(table: Table) -> Any:
    columns: list[str | int] = [*table.columns]
    return wandb.Table(columns=columns, data=[list(row) for row in table.rows[:LONGEST_TABLE]])


def _hardest_pairs(directory: RunPaths) -> Any:
    """By name, as the run directory lists them: rows of the test set say nothing to a reader."""
    with directory.hardest_pairs.open(encoding="utf-8", newline="") as file:
        columns, *rows = csv.reader(file)
    scored = [[*row[:-1], float(row[-1])] for row in rows[:LONGEST_TABLE]]
    return wandb.Table(columns=[*map(str, columns)], data=scored)


def log_spaced(points: list[tuple[float, float]], most: int) -> list[tuple[float, float]]:
    """At most so many of the points, about evenly spaced in log x, first and last among them.

    Args:
        points: ``(x, y)`` with x > 0, ascending in x.
        most: at least 2.
    """
    if len(points) <= most:
        return points
    low, high = math.log(points[0][0]), math.log(points[-1][0])
    kept, grid = [points[0]], 1
    for point in points[1:-1]:
        if math.log(point[0]) >= low + (high - low) * grid / (most - 1) and len(kept) < most - 1:
            kept.append(point)
            while grid < most - 1 and math.log(point[0]) >= low + (high - low) * grid / (most - 1):
                grid += 1
    return [*kept, points[-1]]


def _identification(trained: Result, baseline: Result) -> Any:
    """Rank against the share of probes found within it, untrained and trained."""
    table = trained.tables.get("identification/cmc")
    if table is None:
        return None
    before = baseline.tables.get("identification/cmc")
    untrained = {row[0]: row[1] for row in before.rows} if before else {}
    rows = [[rank, untrained.get(rank), rate] for rank, rate in table.rows]
    return wandb.Table(columns=["rank", "untrained", "trained"], data=rows)
