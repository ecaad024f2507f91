"""What a comparison of one figure finds: standings, differences with their verdicts, and how wide the intervals are."""

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """What can be said of two contestants at one operating point."""

    BETTER = "better"
    EQUIVALENT = "equivalent"
    UNDECIDED = "undecided"


@dataclass(frozen=True)
class Bounds:
    """Ends of a 95 % interval."""

    low: float
    high: float


@dataclass(frozen=True)
class Standing:
    """A contestant's place in the leaderboard of one figure.

    Attributes:
        contestant: its name.
        mean: over the seeds.
        values: one for each seed, in the order of the seeds.
        over_seeds: interval of the mean for other seeds on these test subjects; None with fewer than two seeds.
        over_subjects: interval of the mean for other test subjects with these trainings; None without replicates, and
            where those of a run do not move.
        has_replicates: whether every run has them.
    """

    contestant: str
    mean: float
    values: tuple[float, ...]
    over_seeds: Bounds | None
    over_subjects: Bounds | None
    has_replicates: bool = True


@dataclass(frozen=True)
class Difference:
    """One contestant against another: the first one's figure minus the second's.

    Attributes:
        first, second: the contestants; the first one has the better mean.
        estimate: mean difference, paired by seed; its sign is that of the figures, so below 0 for a better EER.
        low, high: the simultaneous 95 % interval for other seeds and other subjects, from which the verdict comes; None
            where nothing can be known, such as with one seed.
        over_seeds: the simultaneous interval for other seeds only, on these test subjects.
        over_subjects: the (single) interval for other test subjects only, with these trainings.
        p: of the simultaneous procedure; None where none may be given, such as for the same runs twice.
        verdict: ``better`` means that the first is better.
        more_seeds: how many more seeds would decide if what was seen is the truth; None where decided, or where no
            number of seeds would (then :attr:`note` says so).
        note: one sentence where something is to be said.
    """

    first: str
    second: str
    estimate: float
    low: float | None
    high: float | None
    over_seeds: Bounds | None
    over_subjects: Bounds | None
    p: float | None
    verdict: Verdict
    more_seeds: int | None = None
    note: str | None = None


@dataclass(frozen=True)
class Findings:
    """All that is found about one figure.

    Attributes:
        key, label: of the figure, with its operating point.
        delta: differences within ±δ count as none.
        higher_is_better: which way it improves.
        seeds: that all contestants share.
        procedure: the one that gave intervals and verdicts, in one sentence with its degrees of freedom.
        resolution: half the width of its typical simultaneous interval, a measure of what this design could have shown;
            None with one seed.
        resolution_note: the same in one sentence, with what limits it: seeds or subjects.
        standings: best first.
        differences: all k(k − 1)/2, in the order of the standings.
        notes: sentences that belong to the figure.
    """

    key: str
    label: str
    delta: float
    higher_is_better: bool
    seeds: tuple[int, ...]
    procedure: str
    resolution: float | None
    resolution_note: str
    standings: tuple[Standing, ...]
    differences: tuple[Difference, ...]
    notes: tuple[str, ...] = ()
