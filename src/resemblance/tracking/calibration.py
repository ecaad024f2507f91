"""Whether a threshold keeps its promise, in words."""

from typing import Any

from resemblance.results import RULE_OF_30, Table
from resemblance.tracking.percent import percent, tick_percent


def calibration_sentence(table: Table, impostor: int | None = None) -> str:
    """What each threshold that validation identities chose gives on the test, in a sentence.

    A rate of fewer than 30 false accepts says how many there are.

    Args:
        table: ``verification/calibration``.
        impostor: number of impostor comparisons of the test, where it is known.
    """
    rows = calibration_rows(table)
    targets = [tick_percent(row["target_far"]) for row in rows]
    found = [percent(row["test_far"]) + _few(row["impostor_errors"], impostor) for row in rows]
    factors = [f"{_times(row['test_far'] / row['target_far'])} ×" for row in rows]
    chosen, give = ("Thresholds", "give") if len(rows) > 1 else ("The threshold", "gives")
    return (
        f"{chosen} chosen on validation identities for FAR {', '.join(targets)} {give} {', '.join(found)} on the test "
        f"identities: {', '.join(factors)} the target."
    )


def _few(errors: int, impostor: int | None) -> str:
    if errors >= RULE_OF_30:
        return ""
    return f" ({errors or 'none'}" + (" false accepts)" if impostor is None else f" of {impostor:,})")


def _times(ratio: float) -> str:
    return f"{ratio:.1f}" if 0.95 <= ratio < 100 else f"{ratio:.2g}"


def calibration_rows(table: Table) -> list[dict[str, Any]]:
    """The rows of ``verification/calibration`` by column."""
    return [dict(zip(table.columns, row, strict=True)) for row in table.rows]


def factor(target: float, far: float) -> str:
    """By what an achieved FAR above 0 is off."""
    ratio = far / target
    return "as chosen" if 0.95 <= ratio <= 1.05 else f"{ratio:.2g} × the target"
