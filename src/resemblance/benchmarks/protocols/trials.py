"""One contestant's trial in a process of its own: what it takes, and what it finds."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
import torch
from numpy.typing import NDArray

from resemblance.benchmarks.memory import held_bytes, peak_bytes
from resemblance.benchmarks.protocols.cases import Case

_MOST = 20  # timings of one process


COUNTED = {"genuine": "genuine comparisons", "queries": "queries"}
"""Figures that are no rates: what a rate is a share of."""


@dataclass(frozen=True)
class Answer:
    """What a contestant found, by which it is seen that all compute one thing.

    Attributes:
        figures: by name; rates 0 … 1, but for those of :data:`COUNTED`.
        neighbours: int64 [P, k], the enrolled ones that a search found; a tensor would not outlive its process.
        remark: what belongs beside the cost, such as the bound of an error.
        source: what the input was.
    """

    figures: Mapping[str, float] = field(default_factory=dict)
    neighbours: NDArray[np.int64] | None = None
    remark: str = ""
    source: str = ""


Prepare = Callable[[Case, str], Callable[[], Answer]]
"""Makes the input of a case on a device, and gives what is to be measured."""


@dataclass(frozen=True)
class Trial:
    """What one process found out about a contestant."""

    seconds: list[float]
    peak: int
    answer: Answer


def run(prepare: Prepare, case: Case, device: str, budget: float) -> Trial:
    """Measure time and memory of one way to do a case; it is called again until ``budget`` seconds are used up.

    Memory is the peak of the first call over what the process held before it: every library, the input and a warm-up on
    a tiny case. The gallery of a search is no input: whoever searches has to hold it, in whatever form.
    """
    prepare(case.tiny, device)()  # loads the libraries and starts their threads
    baseline = held_bytes(device)
    call = prepare(case, device)
    if case.series != "search":
        baseline = held_bytes(device)
    seconds: list[float] = []
    answers: list[Answer] = []

    def timed() -> None:
        started = time.perf_counter()
        answers.append(call())
        if device == "cuda":
            torch.cuda.synchronize()
        seconds.append(time.perf_counter() - started)

    peak = max(0, peak_bytes(device, timed) - baseline)
    if device == "cuda":  # what is compiled or chosen at the first call of a size is no part of the second
        seconds.clear()
        timed()
    while sum(seconds) < budget and len(seconds) < _MOST:
        timed()
    return Trial(seconds, peak, answers[0])
