"""A progress bar for walks over all pairs: on a terminal, and only where they take more than a few seconds."""

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TypeVar

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from rich.status import Status

PATIENCE = 3.0
"""Seconds in which nobody needs a bar."""

T = TypeVar("T")


_standing: ContextVar[Status | None] = ContextVar("standing", default=None)


@contextmanager
def waiting(console: Console, told: str) -> Iterator[None]:
    """A sign that something is done, which makes room for the bars of walks: two on one terminal overwrite each other.

    Args:
        console: where to draw.
        told: what is being done.
    """
    with console.status(told) as status:
        before = _standing.set(status)
        try:
            yield
        finally:
            _standing.reset(before)


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
    began, shown, standing = now(), False, _standing.get()
    try:
        for step, work in steps:
            yield step
            bar.advance(task, work)
            if not shown and now() - began > PATIENCE:
                if standing is not None:
                    standing.stop()
                bar.start()
                shown = True
    finally:
        if shown:
            bar.stop()
            if standing is not None and standing is _standing.get():  # not where an error has ended what it stood for
                standing.start()
