"""Looks as matplotlib draws them."""

from textwrap import fill
from typing import Any

from resemblance.comparison.evidence.looks import Look
from resemblance.comparison.findings import Bounds

DASHES: dict[str, Any] = {
    "solid": "-",
    "dash": (0, (5, 2.5)),
    "dot": (0, (1.2, 1.8)),
    "dashdot": (0, (5, 2, 1.2, 2)),
    "longdash": (0, (9, 2.5)),
    "longdashdot": (0, (8, 2, 1.2, 2)),
}
SYMBOLS = {
    "circle": "o",
    "square": "s",
    "diamond": "D",
    "triangle-up": "^",
    "cross": "P",
    "triangle-down": "v",
    "star": "*",
    "hexagon": "h",
    "pentagon": "p",
    "x": "X",
    "bowtie": "<",
    "hourglass": ">",
}
ROW = 0.42
"""Inches of a contestant's row."""


def symbol(look: Look) -> str:
    """Of a contestant's points."""
    return SYMBOLS[look.symbol]


def dash(look: Look) -> Any:
    """Of a contestant's lines."""
    return DASHES[look.dash]


def label(name: str) -> str:
    """A name beside an axis, in lines where it is long."""
    return one_line(fill(name, 26))


def one_line(name: str) -> str:
    """A name as it is; matplotlib would take dollars for formulas."""
    return name.replace("$", r"\$")


def reach(mean: float, ends: Bounds | None) -> list[list[float]] | None:
    """An interval as ``errorbar`` takes it."""
    return None if ends is None else [[max(mean - ends.low, 0)], [max(ends.high - mean, 0)]]
