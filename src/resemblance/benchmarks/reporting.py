"""What the benchmarks share in telling what they found: requirements, figures with as many digits as they bear."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from rich.console import Console
from rich.text import Text

GB, MB = 1e9, 1e6
_MARKS = {True: ("met", "green"), False: ("MISSED", "bold red"), None: ("not measured", "yellow")}


@dataclass(frozen=True)
class Verdict:
    """A requirement in words with the figure, and whether it is met; None where nothing was measured for it."""

    words: str
    met: bool | None


class Section(NamedTuple):
    """A table of what was measured, with the notes that its rows refer to."""

    title: str
    header: list[str]
    rows: list[list[str]]
    notes: list[str]


def print_verdicts(console: Console, judged: Sequence[Verdict]) -> None:
    """One line a requirement."""
    if not judged:
        return
    console.print(Text("\nrequirements", style="bold cyan"))
    for verdict in judged:
        word, style = _MARKS[verdict.met]
        console.print(Text.assemble((f"{word:<13}", style), verdict.words))


def markdown_verdicts(judged: Sequence[Verdict]) -> list[str]:
    """The same as lines of Markdown; none if there are no requirements."""
    if not judged:
        return []
    return ["## Requirements", "", *(f"- **{_MARKS[verdict.met][0]}**: {verdict.words}" for verdict in judged)]


def markdown_table(header: Sequence[str], rows: Sequence[Sequence[str]], left: str) -> list[str]:
    """Lines of a Markdown table; the column called ``left`` holds words, the others figures."""
    align = ["---" if column == left else "---:" for column in header]
    return [f"| {' | '.join(cells)} |" for cells in (header, align, *rows)]


def short(number: float | None) -> str | None:
    """The digits that are more than noise, and some to spare."""
    return None if number is None else f"{number:.5g}"


def three_digits(number: float) -> str:
    """Three digits are as many as a timing can bear."""
    return f"{number:,.{2 if number < 10 else 1 if number < 100 else 0}f}"


def in_seconds(number: float) -> str:
    """The same for a figure that may lie far below one."""
    return three_digits(number) if number >= 0.1 else f"{number:.2g}"


def times(cost: float | None, ours: float | None) -> str:
    """A cost as a multiple of ours."""
    return "" if cost is None or not ours else f"{cost / ours:.2f}"
