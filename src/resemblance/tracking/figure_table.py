"""Rows of figures as lines that fit the console: what is wide is wrapped, and no figure is ever cut."""

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

from rich.text import Text

WIDEST_LABEL, NARROWEST_LABEL = 44, 20
GAP = "  "
STYLES = {"better": "green", "worse": "red"}


@dataclass(frozen=True)
class Row:
    """One figure as text: a label and a cell for each further column."""

    label: str
    cells: tuple[str, str, str, str, str]


class FigureTable:
    """Column widths that fit all rows; columns that nobody fills are left out, and labels take what room is left.

    Args:
        rows: all that will be printed.
        header: one more than a row has cells, the first above the labels.
        width: of the console, in characters.

    Attributes:
        header: the line above the rows.
    """

    def __init__(self, rows: Sequence[Row], header: Sequence[str], width: int) -> None:
        self._used = [i for i in range(5) if (i < 2 and header[i + 1]) or any(row.cells[i] for row in rows)]
        self._widths = [max(len(header[i + 1]), *(len(row.cells[i]) for row in rows), 0) for i in self._used]
        room = width - len(GAP) - sum(len(GAP) + column for column in self._widths)
        self._room = min(max(room, NARROWEST_LABEL), WIDEST_LABEL)
        self._label = max((len(line) for row in rows for line in self._label_lines(row)), default=0)
        self.header = self._line("", header[1:])

    def lines(self, row: Row) -> list[Text]:
        """The figures stand beside the last line of a label that takes several."""
        *above, last = self._label_lines(row)
        line = Text(self._line(last, row.cells))
        verdict = row.cells[3]
        if verdict in STYLES:
            line.highlight_words([verdict], STYLES[verdict])
        return [*(Text(f"{GAP}{text}") for text in above), line]

    def _label_lines(self, row: Row) -> list[str]:
        return textwrap.wrap(row.label, self._room) or [""]

    def _line(self, label: str, cells: Sequence[str]) -> str:
        columns = [cells[i].rjust(width) for i, width in zip(self._used, self._widths, strict=True)]
        return GAP + GAP.join([label.ljust(self._label), *columns]).rstrip()
