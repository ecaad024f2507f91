"""The measurements as a table: on the console, as CSV and as Markdown."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from resemblance.atomic import write_csv, write_text
from resemblance.benchmarks.memory import NOISE
from resemblance.benchmarks.protocols.cases import Series
from resemblance.benchmarks.protocols.contestants import OURS, REFERENCES
from resemblance.benchmarks.protocols.measuring import Measurement, difference
from resemblance.benchmarks.reporting import (
    MB,
    Section,
    Verdict,
    in_seconds,
    markdown_table,
    markdown_verdicts,
    short,
    three_digits,
    times,
)

METHOD = (
    "s: median over the calls of up to three fresh processes, in which the contestants take turns; spread is the "
    "distance of the quartiles over the median. MB: peak of a call over what its process held before, of a search with "
    "the gallery. × ours: the contestant's cost over ours that does the same. M/s: million comparisons a second. "
    "differs: the greatest difference of a figure from ours, of a search the share of neighbours that ours has not "
    "found."
)
TITLES: dict[Series, str] = {
    "all-pairs": "all pairs: AUC, EER, TAR@FAR 1e-1 to 1e-6",
    "search": "1:N search, rank 20",
    "view-2": "LFW View 2: AUC, EER, TAR@FAR, ten-fold accuracy",
    "retrieval": "retrieval: R@1, R-precision, MAP@R",
    "one-shot": "one-shot episodes",
    "growth": "all pairs, more and more",
}
_COLUMNS = ("size", "contestant", "s", "spread", "× ours", "MB", "× ours", "M/s", "differs")
_LEFT = "contestant"


def print_tables(console: Console, measurements: Sequence[Measurement]) -> None:
    """A table a series, with what belongs beside its figures."""
    for title, header, rows, notes in _sections(measurements):
        table = Table(title=title, title_justify="left", title_style="bold cyan", box=None, pad_edge=False)
        for column in header:
            table.add_column(column, justify="left" if column == _LEFT else "right", no_wrap=True)
        for row in rows:
            table.add_row(*map(Text, row), style="bold" if OURS in row else None)
        console.print()
        console.print(table)
        for note in notes:
            console.print(Text(note, style="yellow" if note.startswith("[") else "dim"))
    console.print()
    console.print(Text(METHOD, style="dim"))


def write_table(path: Path, measurements: Sequence[Measurement]) -> None:
    """Every figure as CSV, in seconds and bytes."""
    write_csv(
        path,
        ("series", "size", "probes", "comparisons", "contestant", "median_seconds", "spread", "timings")
        + ("peak_bytes", "processes", "difference", "remark", "input", "failure"),
        (
            (one.case.series, one.case.size, one.case.probes, one.case.comparisons, one.contestant)
            + (short(one.median), short(one.spread), len(one.seconds), one.peak, len(one.peaks))
            + (short(apart), one.answer.remark or None, one.answer.source or None, one.failure or None)
            for one, _, apart in _with_reference(measurements)
        ),
    )


def write_markdown(path: Path, measurements: Sequence[Measurement], judged: Sequence[Verdict], machine: str) -> None:
    """The printed tables and verdicts for a README."""
    lines = [machine, "", METHOD, ""]
    for title, header, rows, notes in _sections(measurements):
        lines += [f"## {title[0].upper()}{title[1:]}", "", *markdown_table(header, rows, _LEFT), ""]
        lines += [*(f"- {note}" for note in notes), *[""] * bool(notes)]
    lines += markdown_verdicts(judged)
    write_text(path, "\n".join(lines).rstrip("\n") + "\n")


def _sections(measurements: Sequence[Measurement]) -> Iterator[Section]:
    """A section a series; the comparisons' rate is left out where there are none to count."""
    for series, group in groupby(measurements, key=lambda one: one.case.series):
        members = list(group)
        shown = [column != "M/s" or members[0].case.comparisons is not None for column in _COLUMNS]
        rows: list[list[str]] = []
        failures: list[str] = []
        remarks: list[str] = []
        before: Measurement | None = None
        for one, ours, apart in _with_reference(members):
            first = before is None or before.case != one.case
            before = one
            if one.failure:
                failures.append(f"[{len(failures) + 1}] {one.case}, {one.contestant}: {one.failure}")
            if first and one.answer.remark:
                remarks.append(f"{one.case}: {one.answer.remark}")
            size = f"{one.case.size:,}" if first else ""
            rows.append([size, *_cells(one, ours, apart, f"[{len(failures)}]" if one.failure else "")])
        sources = dict.fromkeys(one.answer.source for one in members if one.answer.source)
        header, *rows = ([cell for cell, show in zip(row, shown, strict=True) if show] for row in [_COLUMNS, *rows])
        notes = failures + remarks + [f"input: {source}" for source in sources]
        yield Section(TITLES[series], header, rows, notes)


def _with_reference(measurements: Sequence[Measurement]) -> Iterator[tuple[Measurement, Measurement, float | None]]:
    """Each with ours that does the same thing in the same case, or the first of it, and how far it is from that."""
    known = {(one.case, one.contestant): one for one in reversed(measurements)}
    firsts = {one.case: one for one in reversed(measurements)}
    for one in measurements:
        ours = known.get((one.case, REFERENCES.get(one.contestant, OURS)), firsts[one.case])
        yield one, ours, None if ours is one else difference(one.answer, ours.answer)


def _cells(one: Measurement, ours: Measurement, apart: float | None, mark: str) -> list[str]:
    comparisons = one.case.comparisons
    return [
        one.contestant,
        mark if one.median is None else f"{in_seconds(one.median)}{mark and f' {mark}'}",
        "" if one.spread is None else f"{one.spread:.0%}",
        times(one.median, ours.median),
        mark if one.peak is None else "< 1" if one.peak < NOISE else three_digits(one.peak / MB),
        times(one.peak, ours.peak) if ours.peak and ours.peak >= NOISE else "",
        "" if one.median is None or comparisons is None else three_digits(comparisons / one.median / 1e6),
        "" if apart is None else "0" if apart == 0 else f"{apart:.0e}",
    ]
