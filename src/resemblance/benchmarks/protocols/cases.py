"""What is measured: a protocol at one size."""

from dataclasses import dataclass
from typing import Literal, get_args

Series = Literal["all-pairs", "search", "view-2", "retrieval", "one-shot", "growth"]
SERIES: tuple[Series, ...] = get_args(Series)
"""The longest comes last: if the time does not suffice, the others are measured."""

EMBEDDING_SIZE = 128
LFW_IMAGES = 13_233
FARS = (1e-1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6)
NEIGHBOURS = 20
"""Enrolled embeddings that a search is asked for."""
WAYS = 20
"""Classes of an episode."""


@dataclass(frozen=True)
class Case:
    """A protocol at one size.

    Attributes:
        series: the protocol.
        size: embeddings, of a search those enrolled, of View 2 pairs, of one-shot episodes.
        probes: of a search.
    """

    series: Series
    size: int
    probes: int | None = None

    @property
    def tiny(self) -> "Case":
        """The same, too small to cost anything and large enough to load what it runs."""
        return Case(self.series, 20 if self.series == "one-shot" else 200, self.probes and 20)

    @property
    def comparisons(self) -> int | None:
        """Scores that the figures rest on; None where that is not what the cost grows with."""
        if self.series in ("all-pairs", "growth"):
            return self.size * (self.size - 1) // 2
        return self.size * self.probes if self.probes else None

    def __str__(self) -> str:
        size = f"{self.size:,}"
        return {
            "all-pairs": f"all pairs of {size} embeddings",
            "growth": f"all pairs of {size} embeddings",
            "search": f"{self.probes or 0:,} probes among {size} enrolled",
            "view-2": f"LFW View 2, {size} pairs",
            "retrieval": f"retrieval among {size} embeddings",
            "one-shot": f"{size} episodes of {WAYS}-way one-shot",
        }[self.series]


def cases(*, quick: bool, series: tuple[Series, ...] = SERIES) -> list[Case]:
    """The cases of a run, by series and size.

    Args:
        quick: sizes that need no time, to see that all parts work.
        series: the protocols to measure.
    """
    full = {
        "all-pairs": [Case("all-pairs", LFW_IMAGES)],
        "search": [Case("search", 1_000_000, 1_000)],
        "view-2": [Case("view-2", 6_000)],
        "retrieval": [Case("retrieval", LFW_IMAGES)],
        "one-shot": [Case("one-shot", 1_000)],
        "growth": [Case("growth", size) for size in (25_000, 50_000, 100_000)],
    }
    toy = {
        "all-pairs": [Case("all-pairs", 400)],
        "search": [Case("search", 3_000, 50)],
        "view-2": [Case("view-2", 400)],
        "retrieval": [Case("retrieval", 400)],
        "one-shot": [Case("one-shot", 40)],
        "growth": [Case("growth", size) for size in (300, 600)],
    }
    return [case for one in series for case in (toy if quick else full)[one]]
