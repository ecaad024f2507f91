"""The measurements as a table: on the console, as CSV and as Markdown."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from resemblance.atomic import write_csv, write_text
from resemblance.benchmarks.contestants import OURS
from resemblance.benchmarks.measuring import Measurement
from resemblance.benchmarks.memory import NOISE
from resemblance.benchmarks.reporting import (
    MB,
    Section,
    Verdict,
    markdown_table,
    markdown_verdicts,
    short,
    three_digits,
    times,
)

METHOD = (
    "Time: forward and backward pass, median; spread is the distance of the quartiles over the median; the contestants "
    "of a size take turns in one process. Memory: peak of one pass in a fresh process over its baseline, class weights "
    "included. × ours: the contestant's cost over ours. differs: value or gradient from ours, whichever more, relative."
)
_COLUMNS = ("B", "K", "C", "contestant", "ms", "spread", "× ours", "MB", "× ours", "differs")
_LEFT = "contestant"


class _Notes:
    """Reasons for missing figures, numbered in the order in which they are met."""

    def __init__(self) -> None:
        self.sentences: list[str] = []

    def mark(self, measurement: Measurement) -> str:
        """``[1]`` for a measurement that failed."""
        if not measurement.failure:
            return ""
        self.sentences.append(f"{measurement.case}, {measurement.contestant}: {measurement.failure}")
        return f"[{len(self.sentences)}]"


def print_tables(console: Console, measurements: Sequence[Measurement]) -> None:
    """A table a series, with notes where a contestant could not run."""
    for series, header, rows, notes in _sections(measurements):
        table = Table(title=series, title_justify="left", title_style="bold cyan", box=None, pad_edge=False)
        for column in header:
            table.add_column(column, justify="left" if column == _LEFT else "right", no_wrap=True)
        for row in rows:
            table.add_row(*map(Text, row), style="bold" if OURS in row else None)
        console.print()
        console.print(table)
        for note in notes:
            console.print(Text(note, style="yellow"))
    console.print()
    console.print(Text(METHOD, style="dim"))


def write_table(path: Path, measurements: Sequence[Measurement]) -> None:
    """Every figure as CSV, in seconds and bytes."""
    write_csv(
        path,
        ("series", "B", "K", "C", "contestant", "median_seconds", "spread", "timings", "peak_bytes")
        + ("relative_difference", "failure"),
        (
            (one.case.series, one.case.images, one.case.images_per_identity, one.case.classes, one.contestant)
            + (short(one.median), short(one.spread), len(one.seconds), one.peak, short(one.difference))
            + (one.failure or None,)
            for one in measurements
        ),
    )


def write_markdown(path: Path, measurements: Sequence[Measurement], judged: Sequence[Verdict], machine: str) -> None:
    """The printed tables and verdicts for a README."""
    lines = [machine, "", METHOD, ""]
    for series, header, rows, notes in _sections(measurements):
        lines += [f"## {series}", "", *markdown_table(header, rows, _LEFT)]
        lines += ["", *(f"- {note}" for note in notes), *[""] * bool(notes)]
    lines += markdown_verdicts(judged)
    write_text(path, "\n".join(lines).rstrip("\n") + "\n")


def _sections(measurements: Sequence[Measurement]) -> Iterator[Section]:
    """A section a series; K or C is left out where it means nothing."""
    for series, group in groupby(measurements, key=lambda one: one.case.series):
        members, notes = list(group), _Notes()
        shown = [column != ("K" if series == "cosface" else "C") for column in _COLUMNS]
        rows = []
        for _, competing in groupby(members, key=lambda one: one.case):
            together = list(competing)
            rows += [_row(one, together[0], notes) for one in together]
        header, *rows = ([cell for cell, show in zip(row, shown, strict=True) if show] for row in [_COLUMNS, *rows])
        numbered = [f"[{number}] {sentence}" for number, sentence in enumerate(notes.sentences, start=1)]
        yield Section(series, header, rows, numbered)


def _row(one: Measurement, ours: Measurement, notes: _Notes) -> list[str]:
    first = one is ours
    case = one.case
    mark = notes.mark(one)
    return [
        f"{case.images:,}" if first else "",
        f"{case.images_per_identity}" if first else "",
        f"{case.classes:,}" if first and case.classes else "",
        one.contestant,
        mark if one.median is None else three_digits(one.median * 1e3),
        "" if one.spread is None else f"{one.spread:.0%}",
        times(one.median, ours.median),
        mark if one.peak is None else _megabytes(one.peak),
        times(one.peak, ours.peak) if ours.peak and ours.peak >= NOISE else "",
        "" if one.difference is None else f"{one.difference:.0e}",
    ]


def _megabytes(peak: int) -> str:
    return "< 1" if peak < NOISE else three_digits(peak / MB)
