"""What several runs say of a figure, as one: its label, and each note once with the range of its numbers."""

import re
from collections.abc import Sequence

from resemblance.results import Scalar
from resemblance.wording import counted

_NUMBER = re.compile(r"\d+(?:,\d{3})*(?:\.\d+)?(?:e[-+]?\d+)?")


def label_of(scalars: Sequence[Scalar]) -> str:
    """What a figure is called, without the parenthesis in which the runs differ.

    Such as what each network was allowed to know: one run's must not be claimed for all.

    >>> labels = ["10-fold accuracy (View 2)", "10-fold accuracy (View 2, labelled outside data)"]
    >>> label_of([Scalar(0.9, label) for label in labels]), label_of([Scalar(0.9, labels[0])] * 2)
    ('10-fold accuracy', '10-fold accuracy (View 2)')
    """
    first = scalars[0].label
    return first if all(scalar.label == first for scalar in scalars) else first.partition(" (")[0]


def reservations(scalars: Sequence[Scalar]) -> list[str]:
    """The notes of one figure of several runs, such as that it is thinly supported, with how many of them have each.

    >>> notes = ["standard error 0.0041 over 10 folds", "standard error 0.0052 over 10 folds; few errors", None]
    >>> reservations([Scalar(0.9, "accuracy", note=note) for note in notes])
    ['standard error 0.0041 to 0.0052 over 10 folds (2 of 3 runs)', 'few errors (1 of 3 runs)']
    """
    alike: dict[tuple[str, ...], list[str]] = {}
    for scalar in scalars:
        for note in filter(None, (scalar.note or "").split("; ")):
            alike.setdefault(tuple(_NUMBER.split(note)), []).append(note)
    runs = counted(len(scalars), "run")
    return [f"{_ranged(words, notes)} ({len(notes)} of {runs})" for words, notes in alike.items()]


def _ranged(words: Sequence[str], notes: Sequence[str]) -> str:
    """One note for several of the same words."""
    first, *rest = words
    numbers = zip(*map(_NUMBER.findall, notes), strict=True)
    return first + "".join(f"{_range(found)}{text}" for found, text in zip(numbers, rest, strict=True))


def _range(numbers: Sequence[str]) -> str:
    low, *_, high = sorted([numbers[0], *numbers], key=lambda text: float(text.replace(",", "")))
    return low if low == high else f"{low} to {high}"
