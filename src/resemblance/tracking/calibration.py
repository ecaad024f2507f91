"""Whether a threshold keeps its promise, in words."""

from typing import Any

from resemblance.results import RULE_OF_30, Table
from resemblance.tracking.percent import percent, tick_percent


def calibration_sentence(table: Table) -> str:
    """How far off the strictest threshold is that the test can judge, in a sentence.

    Args:
        table: ``verification/calibration``.
    """
    rows = calibration_rows(table)
    judged = [row for row in rows if row["impostor_errors"] >= RULE_OF_30] or rows
    row = judged[-1]
    target, far = row["target_far"], row["test_far"]
    chosen = f"The threshold chosen on validation identities for FAR {tick_percent(target)}"
    if far == 0:
        return f"{chosen} accepts no impostor comparison of the test."
    return f"{chosen} gives {percent(far)} on the test identities: {factor(target, far)}."


def calibration_rows(table: Table) -> list[dict[str, Any]]:
    """The rows of ``verification/calibration`` by column."""
    return [dict(zip(table.columns, row, strict=True)) for row in table.rows]


def factor(target: float, far: float) -> str:
    """By what an achieved FAR above 0 is off."""
    ratio = far / target
    return "as chosen" if 0.95 <= ratio <= 1.05 else f"{ratio:.2g} × the target"
