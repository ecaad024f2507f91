"""Times of several ways to do one thing, taken in turns so that whatever else the machine does hits all alike."""

import gc
import statistics
from collections.abc import Callable, Mapping, Sequence

FEWEST, MOST = 3, 300
_MANY = 20
_STABLE = 0.005  # standard error of the median, roughly, as a share of it


def interleaved(
    calls: Mapping[str, Callable[[], float]], budget: float, taken: Mapping[str, Sequence[float]]
) -> dict[str, list[float]]:
    """Seconds of each call, A B C A B C …, with the garbage collector at rest.

    A call leaves the rounds once it has been timed at least :data:`FEWEST` times and is stable, has used up its
    budget, or has been timed :data:`MOST` times.

    Args:
        calls: run once and return how many seconds that took.
        budget: seconds for each call.
        taken: seconds that were measured before and count, by name.
    """
    seconds = {name: list(taken.get(name, ())) for name in calls}
    collected = gc.isenabled()
    gc.disable()
    try:
        while unfinished := [name for name in calls if not _enough(seconds[name], budget)]:
            for name in unfinished:
                seconds[name].append(calls[name]())
    finally:
        if collected:
            gc.enable()
    return seconds


def spread(seconds: Sequence[float]) -> float:
    """Distance of the quartiles as a share of the median."""
    low, middle, high = statistics.quantiles(seconds, n=4, method="inclusive")
    return (high - low) / middle


def _enough(seconds: Sequence[float], budget: float) -> bool:
    if len(seconds) < FEWEST:
        return False
    stable = len(seconds) >= _MANY and spread(seconds) / len(seconds) ** 0.5 < _STABLE
    return stable or len(seconds) >= MOST or sum(seconds) >= budget
