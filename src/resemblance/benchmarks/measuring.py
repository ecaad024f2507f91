"""Measure every contestant of a case: memory in a fresh process each, times in one process in turns."""

import math
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import torch
from torch import Tensor

from resemblance.benchmarks.cases import Case, make_input
from resemblance.benchmarks.children import ChildFailure, describe, in_fresh_process
from resemblance.benchmarks.contestants import OURS, Contestant, build, contestants
from resemblance.benchmarks.memory import held_bytes, peak_bytes
from resemblance.benchmarks.timing import interleaved, spread

_CUDA_WARM_UPS = 3  # a compiled loss compiles on its first calls
_LONG = 3.0  # seconds; what takes longer gains nothing from a warm-up, so that its first call counts


@dataclass(frozen=True)
class Limits:
    """What a contestant may use."""

    budget: float
    """Seconds of timed calls, unless the fewest calls take longer."""
    seconds: float
    """For one forward and backward pass with all that leads to it."""
    bytes: float = math.inf
    """Beyond what a process begins with; infinity on a GPU, which has its own limit."""


@dataclass(frozen=True)
class Timed:
    """What one process finds out about a contestant among the others."""

    seconds: list[float] = field(default_factory=list)
    difference: float | None = None
    failure: str = ""


@dataclass(frozen=True)
class Measurement:
    """What a contestant cost in a case."""

    case: Case
    contestant: str
    peak: int | None = None
    """Bytes."""
    seconds: Sequence[float] = ()
    """Of each timed forward and backward pass."""
    difference: float | None = None
    """From ours in value or gradient, whichever is greater, relative to ours."""
    failure: str = ""
    """Why figures are missing."""

    @property
    def median(self) -> float | None:
        """Seconds of a forward and backward pass."""
        return statistics.median(self.seconds) if self.seconds else None

    @property
    def spread(self) -> float | None:
        """Distance of the quartiles as a share of the median."""
        return spread(self.seconds) if self.seconds else None


def measure(case: Case, device: str, limits: Limits) -> list[Measurement]:
    """Measure all contestants; whoever can't run says why, and the others run on."""
    measured = {name: _with_memory(Measurement(case, name), device, limits) for name in contestants(case)}
    able = [name for name, measurement in measured.items() if not measurement.failure]
    try:
        timed = in_fresh_process(20 * limits.seconds, limits.bytes, measure_time, able, case, device, limits)
    except ChildFailure as failure:
        timed = {name: Timed(failure=str(failure)) for name in able}
    for name, found in timed.items():
        measured[name] = replace(
            measured[name], seconds=found.seconds, difference=found.difference, failure=found.failure
        )
    return list(measured.values())


def _with_memory(measurement: Measurement, device: str, limits: Limits) -> Measurement:
    try:
        peak = in_fresh_process(
            limits.seconds, limits.bytes, measure_memory, measurement.contestant, measurement.case, device
        )
    except ChildFailure as failure:
        return replace(measurement, failure=str(failure))
    return replace(measurement, peak=peak)


def measure_memory(name: str, case: Case, device: str) -> int:
    """Peak of one forward and backward pass over the input, in bytes; class weights count, for the loss holds them."""
    embeddings, identities = make_input(case, device)
    # Loads the libraries that the operation needs and starts their threads.
    build(name, case.tiny, device).forward_backward(*make_input(case.tiny, device))
    baseline = held_bytes(device)
    contestant = build(name, case, device)
    _warm_up(contestant, embeddings, identities)
    return peak_bytes(device, lambda: contestant.forward_backward(embeddings, identities)) - baseline


def measure_time(names: Sequence[str], case: Case, device: str, limits: Limits) -> dict[str, Timed]:
    """Times of the contestants in turns, and how far each is from ours."""
    embeddings, identities = make_input(case, device)
    found: dict[str, Timed] = {}
    calls: dict[str, Callable[[], float]] = {}
    taken: dict[str, list[float]] = {}
    ours: list[Tensor] | None = None
    for name in names:
        try:
            call = _Call(build(name, case, device), embeddings, identities)
            _warm_up(call.contestant, embeddings, identities)
            first, result = call.first()
        except (RuntimeError, MemoryError) as error:
            found[name] = Timed(failure=describe(error, limits.bytes))
            continue
        if name == OURS:
            ours = result
        found[name] = Timed(difference=None if ours is None or name == OURS else difference(result, ours))
        calls[name], taken[name] = call, [first] if first > _LONG else []
    for name, seconds in interleaved(calls, limits.budget, taken).items():
        found[name] = replace(found[name], seconds=seconds)
    return found


def difference(result: Sequence[Tensor], reference: Sequence[Tensor]) -> float:
    """The greatest relative difference among tensors, in the 2-norm of each."""
    return max(
        (torch.linalg.vector_norm(one - other) / torch.linalg.vector_norm(other)).item()
        for one, other in zip(result, reference, strict=True)
    )


class _Call:
    """A forward and backward pass that times itself and leaves no gradient behind."""

    def __init__(self, contestant: Contestant, embeddings: Tensor, identities: Tensor) -> None:
        self.contestant, self.embeddings, self.identities = contestant, embeddings, identities

    def __call__(self) -> float:
        seconds, _ = self._timed()
        self.contestant.clear(self.embeddings)
        return seconds

    def first(self) -> tuple[float, list[Tensor]]:
        """Seconds, and what is compared: the value and all gradients.

        They lie in the CPU's memory: a GPU may not hold those of millions of class weights beside the next contestant.
        """
        seconds, value = self._timed()
        result = [tensor.cpu() for tensor in (value, *self.contestant.gradients(self.embeddings))]
        self.contestant.clear(self.embeddings)
        return seconds, result

    def _timed(self) -> tuple[float, Tensor]:
        _synchronize(self.embeddings)
        started = time.perf_counter()
        value = self.contestant.forward_backward(self.embeddings, self.identities)
        _synchronize(self.embeddings)
        return time.perf_counter() - started, value


def _warm_up(contestant: Contestant, embeddings: Tensor, identities: Tensor) -> None:
    """Compile what is compiled on a GPU; on a CPU nothing is."""
    if embeddings.is_cuda:
        for _ in range(_CUDA_WARM_UPS):
            contestant.forward_backward(embeddings, identities)
            contestant.clear(embeddings)


def _synchronize(tensor: Tensor) -> None:
    if tensor.is_cuda:
        torch.cuda.synchronize()
