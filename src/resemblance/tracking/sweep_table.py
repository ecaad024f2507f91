"""The table of a multirun: a row for each job, the figures that losses are usually compared by."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console
from rich.measure import Measurement
from rich.table import Table

from resemblance.results import Scalar
from resemblance.tracking.console import figure_text
from resemblance.tracking.names import improves_downwards
from resemblance.wording import counted

HEADLINES = (
    ("AUC", "test/verification/auc"),
    ("EER", "test/verification/eer"),
    ("TAR\n@1e-2", "test/verification/tar_at_far_1e_2"),
    ("TAR\n@1e-3", "test/verification/tar_at_far_1e_3"),
    ("rank-1", "test/identification/rank_1"),
)
FINISHED = "finished"
SHORT = {"unfinished": "no end", "interrupted": "Ctrl-C"}
"""Of a status, so that it takes no more room than a figure."""

WIDEST_CHANGE = 32
"""Of a setting that is kept on one line, other columns being broken before it."""
_BEFORE_A_SETTING = re.compile(r"-(?=[A-Za-z_][\w.]*=)")
"""Within a group's name; a minus sign of a value stands before a number."""
_ENDLESS = 10_000
WIDEST_LOSS = 22
"""Of a loss's name that is kept on one line."""


@dataclass(frozen=True)
class SweepRow:
    """One job of a multirun.

    Attributes:
        directory: its run directory.
        choices: the option taken of each config group.
        seed: of the job, or None where it is not known.
        group, name: what the run is called, empty where it is not known.
        status: ``finished``, ``failed``, ``interrupted`` or ``unfinished``.
        scalars: its figures by key, empty unless finished.
        reason: why it failed, in one sentence.
    """

    directory: Path
    choices: Mapping[str, str] = field(default_factory=dict)
    seed: int | None = None
    group: str = ""
    name: str = ""
    status: str = FINISHED
    scalars: Mapping[str, Scalar] = field(default_factory=dict)
    reason: str = ""


def sweep_table(rows: Sequence[SweepRow], changes: Sequence[str] | None = None) -> Table:
    """Loss and seed against the headline figures; the best of each column is bold.

    Where no job has one of the two, as evaluations of files have none, its column is left out. ``backbone`` and
    ``data`` stand where there are several, and ``changes`` tells jobs apart that differ by a setting. A job that failed
    before it had a configuration is called by its directory.

    Args:
        rows: the jobs.
        changes: what stands for each in that column; by default what tells it apart.
    """
    named = [row for row in rows if row.choices]  # a job that failed before it had a configuration says nothing
    labels = ["loss"] if any("loss" in row.choices for row in named) else []
    labels = labels or (["job"] if len(named) < len(rows) else [])  # where else would a job without a name stand
    labels += [label for label in ("backbone", "data") if len({row.choices.get(label) for row in named}) > 1]
    labels += ["seed"] if any(row.seed is not None for row in named) else []
    shown = [(title, key) for title, key in HEADLINES if any(key in row.scalars for row in rows)]
    best = {key: _best(rows, key) for _, key in shown}
    changes = _changes(rows) if changes is None else changes
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold dim")
    longest_loss = max((len(row.choices.get("loss", "")) for row in rows), default=0)
    for label in labels:
        table.add_column(
            label,
            overflow="fold",
            justify="right" if label == "seed" else "left",
            min_width=min(longest_loss, WIDEST_LOSS) if label == "loss" else None,
        )
    for title, _ in shown:
        table.add_column(title, justify="right", no_wrap=True)
    if any(changes):
        longest = max(len(word) for change in changes for word in change.split() or [""])
        table.add_column("changes", overflow="fold", min_width=min(longest, WIDEST_CHANGE))
    for row, change in zip(rows, changes, strict=True):
        about = {**row.choices, "seed": "?" if row.seed is None else str(row.seed), "job": row.directory.name}
        if not row.choices:  # it failed before it had a configuration
            about["loss"] = row.directory.name
        figures = [_cell(row, key, best[key]) for _, key in shown]
        if row.status != FINISHED and figures:
            figures[0] = SHORT.get(row.status, row.status)
        cells = [*(about.get(label, "") for label in labels), *figures, *([change] if any(changes) else [])]
        table.add_row(*cells, style=None if row.status == FINISHED else "red")
    return table


def print_sweep(console: Console, rows: Sequence[SweepRow], written: Path | None, others: str | None = None) -> None:
    """Print the table of a multirun, why jobs failed, and where the file with all figures lies.

    Args:
        console: where.
        rows: the jobs that were asked for.
        written: that file, if it could be written.
        others: a sentence about runs that were not asked for.
    """
    console.print(f"\n[bold]{counted(len(rows), 'job')}[/], test identities")
    _print_table(console, rows)
    for row in rows:
        if row.status != FINISHED:
            asked = f" ({row.name})" if row.name and not row.group else ""
            told = f"{row.directory}{asked}: {row.status}" + (f": {row.reason}" if row.reason else "")
            console.print(told, style="red", markup=False, highlight=False, soft_wrap=True)
    if others:
        console.print(others, style="dim", markup=False, highlight=False, soft_wrap=True)
    if written is not None:
        console.print(f"wrote: {written}", markup=False, highlight=False, soft_wrap=True)


def _print_table(console: Console, rows: Sequence[SweepRow]) -> None:
    """The table; where it is too wide for the console, letters stand for the changes and are explained below it."""
    table = sweep_table(rows)
    if Measurement.get(console, console.options.update(width=_ENDLESS), table).minimum <= console.width:
        console.print(table)
        return
    changes = _changes(rows)
    letters = {change: _letter(number) for number, change in enumerate(dict.fromkeys(filter(None, changes)))}
    console.print(sweep_table(rows, [letters.get(change, "") for change in changes]))
    for change, letter in letters.items():
        console.print(f"{letter}: {change}", style="dim", markup=False, highlight=False, soft_wrap=True)


def _letter(number: int) -> str:
    """``a``, ``b``, …, ``z``, ``aa``, ``ab`` and so on."""
    before, last = divmod(number, 26)
    return (_letter(before - 1) if before else "") + chr(ord("a") + last)


def _changes(rows: Sequence[SweepRow]) -> list[str]:
    """What the groups' names say beyond data, backbone and loss, but for what all of them say: ``margin=0.3 lr=0.001``.

    Of a job that has no group, all that was asked of it. Settings are called by their last word where that tells which.
    """
    split = [[part for part in re.split(_BEFORE_A_SETTING, _asked(row)) if part] for row in rows]
    common = set.intersection(*map(set, split)) if len(rows) > 1 else set()
    keys = {part.partition("=")[0] for parts in split for part in parts if "=" in part}
    last = Counter(key.rpartition(".")[2] for key in keys)

    def short(part: str) -> str:
        key, equals, value = part.partition("=")
        word = key.rpartition(".")[2]
        return f"{word}={value}" if equals and last[word] == 1 else part

    return [
        " ".join(map(short, (part for part in parts if part not in common))) if row.group else _asked(row)
        for row, parts in zip(rows, split, strict=True)
    ]


def _asked(row: SweepRow) -> str:
    if not row.group:
        return row.name
    known = "-".join(row.choices[group] for group in ("data", "backbone", "loss") if group in row.choices)
    return row.group.removeprefix(known).lstrip("-")


def _best(rows: Sequence[SweepRow], key: str) -> float | None:
    values = [row.scalars[key].value for row in rows if key in row.scalars]
    if len(values) < 2:
        return None
    return min(values) if improves_downwards(key) else max(values)


def _cell(row: SweepRow, key: str, best: float | None) -> str:
    scalar = row.scalars.get(key)
    if scalar is None:
        return "-"
    text = figure_text(scalar.value)
    return f"[bold]{text}[/]" if best is not None and scalar.value == best else text
