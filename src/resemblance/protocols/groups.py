"""The groups of images that a column of metadata makes."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

Cell = str | float | None
NO_VALUE = "no value"
MOST_NUMBERS = 6
"""Different numbers that are still groups of their own; more are put into quantile groups."""
QUANTILES = 4


@dataclass(frozen=True)
class Group:
    """Images that have something in common.

    Attributes:
        name: the value, the range of the numbers as ``-17.4 to -0.2``, or ``no value``.
        rows: int64 [n], of the set, ascending.
    """

    name: str
    rows: Tensor


def groups_of(values: Sequence[Cell]) -> list[Group]:
    """Every image in one group, the groups in the order of their values and those without a value last.

    Texts are groups as they are, and so are numbers where there are at most six different ones. More numbers make four
    groups of about as many images, equal numbers in one group.

    Args:
        values: N cells of the column; None, an empty text and NaN are no value.

    >>> [(group.name, group.rows.tolist()) for group in groups_of(["b", None, "a", "b"])]
    [('a', [2]), ('b', [0, 3]), ('no value', [1])]
    >>> [group.name for group in groups_of([float(age) for age in range(20, 60)])]
    ['20 to 29', '30 to 39', '40 to 49', '50 to 59']
    """
    absent = torch.tensor([_is_absent(value) for value in values], dtype=torch.bool)
    present = (~absent).nonzero().flatten()
    chosen = [values[row] for row in present.tolist()]
    numbers = [value for value in chosen if isinstance(value, (int, float)) and not isinstance(value, bool)]
    if chosen and len(numbers) == len(chosen) and len(set(numbers)) > MOST_NUMBERS:
        groups = _quantile_groups(present, torch.tensor(numbers, dtype=torch.float64))
    else:
        members: dict[str, list[int]] = {}
        for value, row in sorted(zip(chosen, present.tolist(), strict=True), key=_by_value):
            members.setdefault(_text(value), []).append(row)
        groups = [Group(name, torch.tensor(sorted(rows))) for name, rows in members.items()]
    return groups + ([Group(_unused(NO_VALUE, groups), absent.nonzero().flatten())] if absent.any() else [])


def _is_absent(value: Cell) -> bool:
    return value is None or value == "" or (isinstance(value, float) and math.isnan(value))


def _by_value(item: tuple[Cell, int]) -> tuple[bool, float, str, int]:
    """Numbers by size, then texts by letter."""
    value, row = item
    is_text = isinstance(value, str)
    return is_text, 0.0 if is_text else float(value), str(value), row  # type: ignore[arg-type]  # absent ones are gone


def _text(value: Cell) -> str:
    return repr(value).removesuffix(".0") if isinstance(value, float) else str(value)


def _unused(name: str, groups: Sequence[Group]) -> str:
    """A column may hold the words "no value" themselves."""
    return f"{name} given" if any(group.name == name for group in groups) else name


def _quantile_groups(rows: Tensor, numbers: Tensor) -> list[Group]:
    edges = np.quantile(numbers.numpy(), np.arange(1, QUANTILES) / QUANTILES, method="inverted_cdf")
    places = torch.bucketize(numbers, torch.from_numpy(np.unique(edges)))  # an edge belongs to the group below it
    members = [(rows[places == place], numbers[places == place]) for place in places.unique().tolist()]
    ranges = [(float(values.min()), float(values.max())) for _, values in members]
    digits = next((d for d in range(3, 17) if _told_apart(ranges, d)), 17)
    return [Group(_range(ends, digits), chosen) for ends, (chosen, _) in zip(ranges, members, strict=True)]


def _range(ends: tuple[float, float], digits: int) -> str:
    low, high = (f"{end:.{digits}g}" for end in ends)
    return low if low == high else f"{low} to {high}"


def _told_apart(ranges: Sequence[tuple[float, float]], digits: int) -> bool:
    names = [_range(ends, digits) for ends in ranges]
    return len(set(names)) == len(names)
