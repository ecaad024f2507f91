"""A comparison on the console: no figure is ever cut, what does not fit is wrapped, and conclusions come last."""

import re
import textwrap
from collections.abc import Iterable, Sequence
from pathlib import Path

from rich.console import Console
from rich.text import Text

from resemblance.comparison import digits, telling
from resemblance.comparison.evidence.cost import COSTS, cost_values
from resemblance.comparison.findings import Findings, Verdict
from resemblance.comparison.shown import shown_pairs
from resemblance.comparison.study import Study, TestSet
from resemblance.comparison.tuning import budget
from resemblance.tracking.figure_table import FigureTable, Row
from resemblance.wording import counted

_STANDINGS = ("", "mean", "95 % over seeds", "95 % over subjects", "", "")
_DIFFERENCES = ("", "estimate", "95 % simultaneous", "p", "verdict", "+seeds")
_COSTS = ("", "images/s", "seconds", "MB", "parameters", "images seen")
_COST_KEYS = ("train/images_per_second", "train/seconds", "train/peak_memory_mb", "train/parameters", "train/images")
_UNBROKEN = "\N{NO-BREAK SPACE}"
_MOST_ALIKE = 3
"""Warnings that differ in their paths alone and are all printed; of more, the first."""
_LEAST = 40
"""Characters of a line, on a console that says it has fewer."""


def print_study(console: Console, study: Study) -> None:
    """Print everything that a comparison says.

    Args:
        console: of 80 columns or more; colours only where it has them.
        study: to tell.
    """
    _wrap(console, study.title, style="bold")
    if study.refused:
        told = counted(len(study.refused), "run directory", "run directories")
        _wrap(console, f"{told} not compared: why is said below", style="yellow")
    for test_set in study.test_sets:
        _print_set(console, test_set)
    _tuning(console, study)
    for note in study.notes:
        _wrap(console, note, style="dim")
    if study.refused:
        _say(console, Text("\nnot compared", style="bold"))
        for reason in study.refused.values():
            _wrap(console, f"  {reason}", hang="    ", style="yellow")
    _conclude(console, study)


def print_files(console: Console, written: Sequence[Path], old: Sequence[Path]) -> None:
    """Print where a comparison lies.

    Args:
        console: as above.
        written: its files.
        old: files beside them that are none of its own.
    """
    for files, told, style in (
        (written, "wrote:", "bold"),
        (old, "left there by an earlier comparison, and not of this one:", "yellow"),
    ):
        if files:
            _say(console, Text(f"\n{told}", style=style))
            for path in files:
                _say(console, Text(f"  {path}"))


def _print_set(console: Console, test_set: TestSet) -> None:
    _say(console, Text(""))
    _wrap(console, telling.who(test_set), hang="  ", style="bold cyan")
    alike: dict[str, list[str]] = {}
    for warning in test_set.warnings:
        alike.setdefault(re.sub("'[^']*'", "", warning), []).append(warning)
    for warnings in alike.values():
        for warning in warnings if len(warnings) <= _MOST_ALIKE else warnings[:1]:
            _wrap(console, f"warning: {warning}", hang="  ", style="yellow")
        if len(warnings) > _MOST_ALIKE:
            more = f"{counted(len(warnings) - 1, 'warning')} more of this kind; formats=[markdown] writes them all"
            _wrap(console, more, hang="  ", style="yellow")
    for findings in test_set.findings:
        _print_findings(console, findings, test_set)
    _costs(console, test_set)


def _print_findings(console: Console, findings: Findings, test_set: TestSet) -> None:
    _say(console, Text(""))
    _wrap(console, telling.heading(findings), hang="  ", style="bold")
    _wrap(console, telling.operating_point(findings, test_set), hang="  ", style="dim")
    standings = [
        Row(
            one.contestant,
            (digits.figure(one.mean), digits.bounds(one.over_seeds), digits.bounds(one.over_subjects), "", ""),
        )
        for one in findings.standings
    ]
    _table(console, standings, _STANDINGS)
    notes: list[str] = []
    rows = []
    for one in shown_pairs(findings):
        label = f"{one.first} {digits.MINUS}{_UNBROKEN}{one.second}"
        if one.note:
            if one.note not in notes:
                notes.append(one.note)
            label += f" [{notes.index(one.note) + 1}]"
        more = ""
        if one.verdict is Verdict.UNDECIDED:
            more = digits.NOTHING if one.more_seeds is None else f"+{one.more_seeds:,}"
        cells = (digits.estimate(one), digits.difference_bounds(one), digits.p_value(one), one.verdict, more)
        rows.append(Row(label, cells))
    if rows:
        _table(console, rows, _DIFFERENCES)
    numbered = [f"[{number}] {note}" for number, note in enumerate(notes, start=1)]
    for sentence in (*numbered, *telling.small_print(findings)):
        _wrap(console, sentence, hang="    ", style="dim")


def _costs(console: Console, test_set: TestSet) -> None:
    names = {column.key: column.label for column in COSTS}
    if not any(cost_values(one, key) for one in test_set.contestants for key in _COST_KEYS):
        return
    rows = []
    for one in test_set.contestants:
        first, second, third, fourth, fifth = (digits.amount(cost_values(one, key)) for key in _COST_KEYS)
        rows.append(Row(one.name, (first, second, third, fourth, fifth)))
    _say(console, Text("\ncost of a training, mean over the seeds", style="bold"))
    _table(console, rows, _COSTS)
    _wrap(console, "; ".join(names[key] for key in _COST_KEYS), hang="    ", style="dim")
    _wrap(console, telling.trained_on(test_set), hang="    ", style="dim")


def _tuning(console: Console, study: Study) -> None:
    if not study.tuning:
        return
    _say(console, Text("\ntuning on validation identities", style="bold"))
    for name, spent in study.tuning.items():
        took = "" if spent.get("seconds") is None else f" in {digits.amount([spent['seconds']])} s"
        best = digits.settings(spent["best"])
        _wrap(console, f"  {name}: {budget(spent)}{took}, by {spent['metric']}: {best}", hang="    ")


def _conclude(console: Console, study: Study) -> None:
    _say(console, Text("\nconclusions", style="bold"))
    for test_set in study.test_sets:
        for findings in test_set.findings:
            _wrap(console, f"{findings.label} {telling.operating_point(findings, test_set)}", hang="  ", style="dim")
            for sentence in telling.conclusions(findings):
                _wrap(console, sentence, hang="  ")
    for ranks in study.ranks:
        _wrap(console, telling.ranking(ranks), hang="  ")


def _table(console: Console, rows: Sequence[Row], header: Sequence[str]) -> None:
    table = FigureTable(rows, header, max(_LEAST, console.width))
    _say(console, Text(table.header, style="dim"))
    for line in _lines(table, rows):
        _say(console, line)


def _lines(table: FigureTable, rows: Iterable[Row]) -> list[Text]:
    lines = [line for row in rows for line in table.lines(row)]
    for line in lines:
        line.plain = line.plain.replace(_UNBROKEN, " ")
    return lines


def _wrap(console: Console, text: str, *, hang: str = "", style: str = "") -> None:
    wrapper = textwrap.TextWrapper(max(_LEAST, console.width), subsequent_indent=hang, break_on_hyphens=False)
    wrapper.break_long_words = False  # half a path is none that can be copied
    for line in wrapper.wrap(text):
        _say(console, Text(line, style=style))


def _say(console: Console, text: Text) -> None:
    console.print(text, soft_wrap=True, highlight=False)  # rich itself must not fold or cut a line
