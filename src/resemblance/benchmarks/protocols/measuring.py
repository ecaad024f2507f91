"""Measure the contestants of a case in turns, A B C A B C …, each time in a fresh process."""

import math
import statistics
import time
from dataclasses import dataclass, field

from resemblance.benchmarks.children import ChildFailure, in_fresh_process
from resemblance.benchmarks.protocols.cases import Case
from resemblance.benchmarks.protocols.contestants import CONTESTANTS, trial
from resemblance.benchmarks.protocols.trials import COUNTED, Answer, Trial
from resemblance.benchmarks.timing import spread

_FEWEST_FOR_SPREAD = 3
OUT_OF_TIME = "the time of the whole benchmark was used up"
"""How a failure begins that says nothing of the contestant."""


@dataclass(frozen=True)
class Limits:
    """What a contestant may use.

    Attributes:
        budget: seconds of timed calls; who has used them up drops out of the rounds.
        seconds: for one process with all that it does.
        bytes: beyond what a process begins with; infinity on a GPU, which has its own limit.
        deadline: of the whole benchmark, on :func:`time.monotonic`'s clock.
        rounds: in each of which everybody has a process.
    """

    budget: float
    seconds: float
    bytes: float
    deadline: float
    rounds: int = 3

    def left(self) -> float:
        """Seconds that a process may take now."""
        return min(self.seconds, self.deadline - time.monotonic())


@dataclass
class Measurement:
    """What a contestant cost in a case, in fresh processes.

    Attributes:
        case: what was done.
        contestant: who did it.
        seconds: of each call.
        peaks: bytes, of each process.
        answer: what it found.
        failure: why figures are missing, or are of fewer rounds.
    """

    case: Case
    contestant: str
    seconds: list[float] = field(default_factory=list)
    peaks: list[int] = field(default_factory=list)
    answer: Answer = field(default_factory=Answer)
    failure: str = ""

    @property
    def median(self) -> float | None:
        """Seconds of a call."""
        return statistics.median(self.seconds) if self.seconds else None

    @property
    def spread(self) -> float | None:
        """Distance of the quartiles as a share of the median; None for too few calls to have quartiles."""
        return spread(self.seconds) if len(self.seconds) >= _FEWEST_FOR_SPREAD else None

    @property
    def peak(self) -> int | None:
        """Bytes, the median over processes."""
        return round(statistics.median(self.peaks)) if self.peaks else None

    def add(self, found: Trial) -> None:
        """One more process."""
        self.seconds += found.seconds
        self.peaks.append(found.peak)
        self.answer = found.answer


def measure(case: Case, device: str, limits: Limits) -> list[Measurement]:
    """Measure all contestants; whoever can't run says why, and the others run on.

    Args:
        case: what to do.
        device: of ours; the other tools run on the CPU.
        limits: what a contestant may use.
    """
    measured = [Measurement(case, name) for name in CONTESTANTS[case.series]]
    for _ in range(limits.rounds):
        for one in measured:
            if one.failure or sum(one.seconds) >= limits.budget:
                continue
            if (left := limits.left()) <= 0:
                one.failure = "" if one.seconds else f"{OUT_OF_TIME} before its turn"
                continue
            try:
                one.add(
                    in_fresh_process(
                        left, limits.bytes, trial, one.contestant, case, device, limits.budget / limits.rounds
                    )
                )
            except ChildFailure as failure:
                cut_short = left < limits.seconds and limits.left() <= 0
                one.failure = f"{OUT_OF_TIME} in its turn" if cut_short else str(failure)
    return measured


def difference(answer: Answer, ours: Answer) -> float | None:
    """The greatest difference of a figure, or the share of neighbours that ours has not found; None for nothing.

    Infinity where one of the two lacks a figure of the other, or has one that is no number: such figures are not alike.
    What is counted (:data:`COUNTED`) may be told by one of them only.
    """
    if answer.neighbours is not None and ours.neighbours is not None:
        pairs = zip(answer.neighbours.tolist(), ours.neighbours.tolist(), strict=True)
        missed = sum(len(set(theirs) - set(found)) for theirs, found in pairs)
        return missed / answer.neighbours.size
    if not answer.figures or not ours.figures:
        return None
    if (answer.figures.keys() ^ ours.figures.keys()) - COUNTED.keys():
        return math.inf
    apart = [abs(value - ours.figures[name]) for name, value in answer.figures.items() if name in ours.figures]
    return max(apart, default=None) if all(map(math.isfinite, apart)) else math.inf
