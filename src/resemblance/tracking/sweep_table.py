"""The table of a multirun: a row for each job, the figures that losses are usually compared by."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console
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


def sweep_table(rows: Sequence[SweepRow]) -> Table:
    """Loss, backbone and seed against the headline figures; the best of each column is bold.

    Where no job has one of the three, as evaluations of files have none, its column is left out. A column ``changes``
    tells jobs apart that differ by a setting, and ``data`` stands where there are several sets. A job that failed
    before it had a configuration is called by its directory.
    """
    several_sets = len({row.choices.get("data") for row in rows if row.choices}) > 1
    named = [row for row in rows if row.choices]  # a job that failed before it had a configuration says nothing
    labels = [label for label in ("loss", "backbone") if any(label in row.choices for row in named)]
    labels = labels or (["job"] if len(named) < len(rows) else [])  # where else would a job without a name stand
    labels += ["data"] if several_sets else []
    labels += ["seed"] if any(row.seed is not None for row in named) else []
    shown = [(title, key) for title, key in HEADLINES if any(key in row.scalars for row in rows)]
    best = {key: _best(rows, key) for _, key in shown}
    changes = [_changes(row) for row in rows]
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold dim")
    for label in labels:
        table.add_column(label, overflow="fold", justify="right" if label == "seed" else "left")
    for title, _ in shown:
        table.add_column(title, justify="right", no_wrap=True)
    if any(changes):
        longest = max(len(line) for change in changes for line in change.splitlines() or [""])
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


def print_sweep(console: Console, rows: Sequence[SweepRow], written: Path) -> None:
    """Print the table of a multirun, why jobs failed, and where the file with all figures lies."""
    console.print(f"\n[bold]{counted(len(rows), 'job')}[/], test identities")
    console.print(sweep_table(rows))
    for row in rows:
        if row.status != FINISHED:
            asked = f" ({row.name})" if row.name and not row.group else ""
            told = f"{row.directory}{asked}: {row.status}" + (f": {row.reason}" if row.reason else "")
            console.print(told, style="red", markup=False, highlight=False, soft_wrap=True)
    console.print(f"wrote: {written}", markup=False, highlight=False, soft_wrap=True)


def _changes(row: SweepRow) -> str:
    """What the group's name says beyond data, backbone and loss; of a job that has none, all that was asked of it.

    A line for each setting, so that none is broken within a word.
    """
    return re.sub(r"-(?=[A-Za-z_][\w.]*=)", "\n", _asked(row))


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
