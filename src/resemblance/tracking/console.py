"""What a run tells on the console: its figures, what they rest on, and where they lie."""

import os
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from rich.console import Console
from rich.text import Text

from resemblance.results import Result, Scalar
from resemblance.tracking.breakdown import breakdown_lines
from resemblance.tracking.calibration import calibration_sentence
from resemblance.tracking.figure_table import FigureTable, Row
from resemblance.tracking.names import has_a_better, improves_downwards
from resemblance.tracking.paths import RunPaths

HEADER = ("", "untrained", "trained", "95 % interval", "", "errors")
ALONE = ("", "", "figure", "95 % interval", "", "errors")
"""The same where no untrained network stands beside it."""
MOST_REFUSALS, FIRST_REFUSALS = 5, 3
"""Refused figures of one protocol that are all told, and how many are where there are more."""
ERRORS = (
    "false accepts of EER, TAR, FAR and TPIR; else the probes, queries, comparisons, episodes or images that went wrong"
)
FTA = "acquisition/fta"


def summary(console: Console, baseline: Result, trained: Result, directory: RunPaths) -> None:
    """Print every figure of the test set, beside that of the untrained network if there is one, and the run's files.

    No figure is ever cut: what does not fit is wrapped, and paths stay whole.

    Args:
        console: of 80 columns or more; colours only where it has them.
        baseline: the untrained network on the test set, keys as the protocols gave them; empty where there is none.
        trained: what was measured, on the same.
        directory: whose files are listed.
    """
    notes: list[str] = []
    groups = _told_once([_group(name, keys, baseline, trained, notes) for name, keys in _groups(trained).items()])
    compared = bool(baseline.scalars)
    table = FigureTable([row for group in groups for row in group.rows], HEADER if compared else ALONE, console.width)
    title = "test identities, before and after training" if compared else "test identities"
    _say(console, Text(f"\n{title}", style="bold"))
    _say(console, Text(table.header, style="dim"))
    for group in groups:
        _wrap(console, group.title, hang="  ", style="bold cyan")
        for row in group.rows:
            for line in table.lines(row):
                _say(console, line)
        for sentence in _refusals(group):
            _wrap(console, f"  {sentence}", hang="    ", style="yellow")
    for broken_down, lines in breakdown_lines(trained, console.width).items():
        _wrap(console, broken_down, hang="  ", style="bold cyan")
        for written in lines:
            _say(console, Text(written))
    if calibration := trained.tables.get("verification/calibration"):
        auc = trained.scalars.get("verification/auc")
        impostor = None if auc is None else auc.counts.get("impostor")
        _wrap(console, calibration_sentence(calibration, impostor), hang="  ", style="none")
    if any(row.cells[-1] for group in groups for row in group.rows):
        _wrap(console, f"errors: {ERRORS}", hang="    ", style="dim")
    for number, note in enumerate(notes, start=1):
        _wrap(console, f"[{number}] {note}", hang="    ", style="dim")
    shown = [trained.scalars[key] for keys in _groups(trained).values() for key in keys]
    methods = dict.fromkeys(scalar.method for scalar in shown if scalar.method)
    if methods:
        _wrap(console, f"intervals: {'; '.join(map(str, methods))}", hang="    ", style="dim")
    wrote(console, directory)


def validation_summary(console: Console, validation: Result, metric: str, directory: RunPaths) -> None:
    """Print the figure by which a checkpoint was chosen, where the test identities were not looked at.

    Args:
        console: of 80 columns or more.
        validation: what was found on the validation identities.
        metric: ``selection.metric``.
        directory: where the rest lies.
    """
    found = validation.scalars[metric.partition("/")[2]]
    text = f"validation identities: {found.label} {figure_text(found.value)}; test identities were not looked at"
    console.print(text, highlight=False)
    console.print(f"wrote: {directory.metrics}", markup=False, highlight=False, soft_wrap=True)


def wrote(console: Console, directory: RunPaths) -> None:
    """Print the path of every file that a run has left, one a line, so that it can be copied."""
    _say(console, Text("\nwrote:", style="bold"))
    for path in directory.written():
        _say(console, Text(f"  {_from_here(path)}"))


def described(facts: Mapping[str, int | float | str]) -> str:
    """What a data set says of itself, in a line."""
    return " · ".join(f"{name.replace('_', ' ')} {value}" for name, value in facts.items())


def figure_text(value: float) -> str:
    """Four decimals, as for a rate; large numbers get fewer."""
    return f"{value:.4f}" if abs(value) < 1000 else f"{value:,.1f}"


@dataclass(frozen=True)
class Group:
    """The figures of one protocol, and those that it refused, each with its reason."""

    title: str
    rows: tuple[Row, ...]
    refused: tuple[tuple[str, str], ...]


def _group(name: str, keys: Sequence[str], baseline: Result, trained: Result, notes: list[str]) -> Group:
    scalars = [trained.scalars[key] for key in keys]
    of = _shared_ending([scalar.label for scalar in scalars])
    counts = _shared_counts(scalars)
    spoken = name.removesuffix("_cosine").replace("_", " ")
    spoken += of or (" (cosine)" if name.endswith("_cosine") else "")
    title = f"{spoken}: {counts}" if counts else spoken
    rows = [
        _row(key, baseline.scalars.get(key), trained.scalars[key], of, notes, compared=bool(baseline.scalars))
        for key in keys
    ]
    table = trained.tables.get(f"{name}/refused")
    of_list = of.removesuffix(" (cosine)")
    refused = [(str(figure).removesuffix(of_list), str(reason)) for figure, reason in table.rows] if table else []
    return Group(title, tuple(rows), tuple(refused))


def _refusals(group: Group) -> list[str]:
    """A sentence for each figure that was refused; for the first ones and their number, where there are many."""
    shown = group.refused if len(group.refused) <= MOST_REFUSALS else group.refused[:FIRST_REFUSALS]
    sentences = [f"{figure} is not reported: {reason}" for figure, reason in shown]
    if left := len(group.refused) - len(shown):
        sentences.append(f"{left:,} more are not reported; {RunPaths('').results.name} names each with the reason.")
    return sentences


def _told_once(groups: Sequence[Group]) -> list[Group]:
    """Without what the cosine's group refuses as the one before it has done, and without groups that are then empty."""
    kept: list[Group] = []
    for group in groups:
        told = set(kept[-1].refused) if kept and group.title.partition(":")[0].endswith("cosine)") else set()
        refused = tuple(refusal for refusal in group.refused if refusal not in told)
        if group.rows or refused:
            kept.append(replace(group, refused=refused))
    return kept


def _shared_ending(labels: Sequence[str]) -> str:
    """`` (pairsDevTest)`` where every label of a group ends with it: it then stands once, above them.

    >>> _shared_ending(["AUC (LFW View 2) (cosine)", "EER (LFW View 2) (cosine)"])
    ' (LFW View 2) (cosine)'
    """
    ending = ""
    while labels and (rest := labels[0].removesuffix(ending)).endswith(")") and " (" in rest:
        longer = rest[rest.rindex(" (") :] + ending
        if not all(label.endswith(longer) for label in labels):
            break
        ending = longer
    return ending


def _row(key: str, before: Scalar | None, after: Scalar, of: str, notes: list[str], *, compared: bool) -> Row:
    """The row of a figure; what must be known about it joins the notes, each of which is there once."""
    label = after.label.removesuffix(of)
    if after.note:
        if after.note not in notes:
            notes.append(after.note)
        label += f" [{notes.index(after.note) + 1}]"
    errors = [count for name, count in after.counts.items() if _of_errors(name)]
    return Row(
        label,
        (
            "" if not compared else "-" if before is None else figure_text(before.value),
            figure_text(after.value),
            "" if after.low is None or after.high is None else f"{figure_text(after.low)}–{figure_text(after.high)}",
            "" if before is None else _verdict(key, before.value, after),
            f"{errors[0]:,}" if errors else "",
        ),
    )


def _verdict(key: str, before: float, after: Scalar) -> str:
    """Whether training has changed the figure for the better; nothing where other people might show the old one."""
    if not has_a_better(key):
        return ""
    if figure_text(before) == figure_text(after.value):
        return "same"
    if after.low is not None and after.high is not None and after.low <= before <= after.high:
        return ""
    return "better" if (after.value < before) == improves_downwards(key) else "worse"


def _groups(result: Result) -> dict[str, list[str]]:
    """Protocols and the keys of their figures; one all of whose figures were refused is there too."""
    refused = (key for key in result.tables if key.endswith("/refused"))
    groups: dict[str, list[str]] = {key.partition("/")[0]: [] for key in (*result.scalars, *refused)}
    for key in result.scalars:
        groups[key.partition("/")[0]].append(key)
    if (fta := result.scalars.get(FTA)) is not None and fta.value == 0:
        del groups[FTA.partition("/")[0]]  # every image gave an embedding, which needs no line
    return groups


def _shared_counts(scalars: Sequence[Scalar]) -> str:
    """``100 subjects, 6,600 genuine, 712,800 impostor``: what all figures of a group rest on."""
    if not scalars:
        return ""
    first, *others = (scalar.counts for scalar in scalars)
    return ", ".join(
        _counted(count, name.replace("_", " "))
        for name, count in first.items()
        if count and not _of_errors(name) and all(other.get(name) == count for other in others)
    )


def _of_errors(name: str) -> bool:
    """Whether a count is of errors, which belong to a figure, and not of what a group of figures rests on."""
    return name.endswith("errors") or name in ("false_positives", "misses")


def _counted(count: int, things: str) -> str:
    """A number of things, of which there may be one.

    >>> _counted(1000, "episodes"), _counted(1, "shots"), _counted(1, "queries"), _counted(1, "misses")
    ('1,000 episodes', '1 shot', '1 query', '1 miss')
    """
    if count == 1:
        for plural, singular in (("ies", "y"), ("sses", "ss"), ("s", "")):
            if things.endswith(plural):
                things = things.removesuffix(plural) + singular
                break
    return f"{count:,} {things}"


def _from_here(path: Path) -> str:
    """Relative where that is shorter to read and to type."""
    here, there = Path.cwd(), Path(os.path.abspath(path))
    return str(there.relative_to(here)) if there.is_relative_to(here) else str(there)


def _wrap(console: Console, text: str, *, hang: str, style: str) -> None:
    for line in textwrap.wrap(text, max(40, console.width), subsequent_indent=hang):
        _say(console, Text(line, style=style))


def _say(console: Console, text: Text) -> None:
    console.print(text, soft_wrap=True, highlight=False)  # rich itself must not fold or cut a line
