"""A progress bar for walks over all pairs: on a terminal, and only where they take more than a few seconds."""

import time
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

PATIENCE = 3.0
"""Seconds in which nobody needs a bar."""

T = TypeVar("T")


def watched(
    steps: Iterable[tuple[T, int]],
    total: int,
    told: str | None,
    console: Console | None = None,
    now: Callable[[], float] = time.monotonic,
) -> Iterator[T]:
    """The steps one by one, under a bar that says how much of the work is done and how long the rest will take.

    Args:
        steps: each with its share of the work.
        total: work of all steps.
        told: what is being done; None for no bar, as for the epochs of a training, which has a bar of its own.
        console: where to draw; the error stream, where it does not mix with results.
        now: the clock, for tests.
    """
    console = console or Console(stderr=True)
    if told is None or not console.is_interactive:
        for step, _ in steps:
            yield step
        return
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f}%"))
    bar = Progress(*columns, TimeRemainingColumn(), console=console, transient=True)
    task = bar.add_task(told, total=total)
    began, shown = now(), False
    try:
        for step, work in steps:
            yield step
            bar.advance(task, work)
            if not shown and now() - began > PATIENCE:
                bar.start()
                shown = True
    finally:
        if shown:
            bar.stop()
