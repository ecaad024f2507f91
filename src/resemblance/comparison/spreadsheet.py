"""Cells that a spreadsheet must not take for formulas: names of runs and contestants may begin as one does."""

from collections.abc import Iterable

_BEGIN_A_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def as_text(cell: object) -> object:
    """A cell as it may stand in a CSV file: text that would be a formula has an apostrophe before it.

    Numbers stay as they are, several with blanks between too.

    >>> as_text("=1+1"), as_text("cosface"), as_text("-0.1 0.2"), as_text(-0.1)
    ("'=1+1", 'cosface', '-0.1 0.2', -0.1)
    """
    if isinstance(cell, str) and cell.startswith(_BEGIN_A_FORMULA) and not _are_numbers(cell):
        return f"'{cell}"
    return cell


def rows_as_text(rows: Iterable[Iterable[object]]) -> list[list[object]]:
    """All cells of a table."""
    return [[as_text(cell) for cell in row] for row in rows]


def _are_numbers(text: str) -> bool:
    try:
        return bool([float(part) for part in text.split(" ")])
    except ValueError:
        return False
