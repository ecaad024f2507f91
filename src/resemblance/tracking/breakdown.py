"""The breakdowns of a result: a file for each column of metadata, and a compact table for the console."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from resemblance.atomic import write_csv
from resemblance.results import Result, Table
from resemblance.tracking.paths import RunPaths
from resemblance.tracking.percent import tick_percent

KEY, REFUSED = "breakdown/", "breakdown/refused"
NO_VALUE = "no value"
"""The group of images that have none."""
MOST_PRINTED = 12
"""Groups of a column on the console."""
LONGEST_NAME, SHORTEST_NAME = 24, 12
GAP = "  "
Row = Mapping[str, Any]


def breakdown_columns(result: Result) -> dict[str, Table]:
    """The tables of a breakdown by column."""
    return {
        key.removeprefix(KEY): table for key, table in result.tables.items() if key.startswith(KEY) and key != REFUSED
    }


def rows_of(table: Table) -> list[Row]:
    """The groups, each by column."""
    return [dict(zip(table.columns, row, strict=True)) for row in table.rows]


def largest(rows: Sequence[Row], most: int) -> list[Row]:
    """The groups with the most impostor comparisons, in the order of the table."""
    least = sorted((row["impostor"] for row in rows), reverse=True)[:most][-1]
    return [row for row in rows if row["impostor"] >= least][:most]


def left_out(result: Result, column: str) -> list[str]:
    """``no value (12 images of 3 identities)``: each group of a column that has too few comparisons for figures."""
    table = result.tables.get(REFUSED)
    rows = [(str(figure), str(reason)) for figure, reason in table.rows] if table else []
    return [
        f"{figure.removeprefix(f'{column}: ')} ({reason.removeprefix('its ').partition(' make')[0]})"
        for figure, reason in rows
        if figure.startswith(f"{column}: ")
    ]


def rates_of(table: Table) -> list[str]:
    """The rates of the common thresholds, as they stand in keys: ``1e_2``."""
    start = "fmr_at_far_"
    names = [name for name in table.columns if name.startswith(start) and not name.endswith(("_low", "_high"))]
    return [name.removeprefix(start) for name in names]


def rate_of_key(text: str) -> float:
    """``1e_3`` → 0.001, ``2_5e_2`` → 0.025: the rate in a key whose characters W&B can sort by."""
    mantissa, _, exponent = text.partition("e")
    return float(f"{mantissa.replace('_', '.')}e{exponent.replace('_', '-')}")


def write_breakdowns(directory: RunPaths, result: Result) -> None:
    """Write ``breakdown_COLUMN.csv`` for each column: all groups with all their figures.

    Raises:
        OutputError: if a file can't be written.
    """
    tables = breakdown_columns(result)
    for name, table in zip(file_names(list(tables)), tables.values(), strict=True):
        write_csv(directory.breakdown(name), table.columns, table.rows)


def breakdown_lines(result: Result, width: int) -> dict[str, list[str]]:
    """Title → lines of a table, for each column: the largest groups with what they rest on and their figures.

    Args:
        result: of the test set.
        width: of the console.
    """
    tables = breakdown_columns(result)
    names = file_names(list(tables))
    return {
        _title(column, table): _lines(table, RunPaths("").breakdown(name).name, width)
        for name, (column, table) in zip(names, tables.items(), strict=True)
    }


def _title(column: str, table: Table) -> str:
    rates = rates_of(table)
    at = f"; FNMR at the threshold of the whole set's FAR {tick_percent(rate_of_key(rates[0]))}" if rates else ""
    return f"breakdown by {column}{at}"


def _lines(table: Table, file: str, width: int) -> list[str]:
    rates = rates_of(table)
    shown = largest(rows_of(table), MOST_PRINTED)
    figure = f"tar_at_far_{rates[0]}" if rates else "eer"
    lines: list[tuple[str, ...]] = [
        ("", "subjects", "genuine", "impostor", "AUC", "FNMR" if rates else "EER", "95 % interval")
    ]
    for row in shown:
        value, *ends = (row.get(f"{figure}{end}") for end in ("", "_low", "_high"))
        if rates:  # TAR, whose interval's ends change places
            value, *ends = (None if rate is None else 1 - rate for rate in (value, *reversed(ends)))
        interval = "" if None in ends else "–".join(f"{end:.4f}" for end in ends)
        counts = (f"{row[name]:,}" for name in ("subjects", "genuine", "impostor"))
        lines.append((str(row["group"]), *counts, f"{row['auc']:.4f}", f"{value:.4f}", interval))
    widths = [max(map(len, cells)) for cells in zip(*lines, strict=True)]
    room = width - len(GAP) - sum(len(GAP) + cell for cell in widths[1:])
    widths[0] = min(widths[0], max(SHORTEST_NAME, min(room, LONGEST_NAME)))
    written = [
        GAP + GAP.join([cut(name, widths[0]).ljust(widths[0]), *map(str.rjust, cells, widths[1:])]).rstrip()
        for name, *cells in lines
    ]
    left = len(table.rows) - len(shown)
    return [*written, *([f"{GAP}… and {left:,} more, {file} has all"] if left else [])]


def cut(name: str, longest: int = LONGEST_NAME) -> str:
    """A group's name, its end left out where it is too long."""
    return name if len(name) <= longest else f"{name[: longest - 1]}…"


def file_names(columns: Sequence[str]) -> list[str]:
    """The columns' names in characters and lengths that every file system takes, each once: ``a_b``, ``a_b_2``.

    Letter case tells no files apart, since it does not on every system.
    """
    names: list[str] = []
    taken: set[str] = set()
    for column in columns:
        name = stem = re.sub(r"[^\w.-]+", "_", column)[:60]
        number = 1
        while name.casefold() in taken:
            number += 1
            name = f"{stem}_{number}"
        taken.add(name.casefold())
        names.append(name)
    return names
