"""The bar of a long walk: only on a terminal, only after a while, and gone at the end."""

import io

import pytest
from rich.console import Console
from rich.progress import Progress
from rich.status import Status

from resemblance.protocols import Breakdown, Calibration, HardestPairs, Verification, progress
from resemblance.protocols.progress import waiting, watched
from resemblance.similarity import CosineSimilarity


def terminal():
    return Console(file=io.StringIO(), force_terminal=True, force_interactive=True, width=80)


def walk(console, told, seconds):
    clock = iter(range(0, 10_000, seconds))
    steps = [("a", 10), ("b", 20), ("c", 70)]
    found = list(watched(steps, 100, told, console, now=lambda: next(clock)))
    return found, console.file.getvalue()


def test_a_long_walk_on_a_terminal_has_a_bar():
    found, drawn = walk(terminal(), "comparing all pairs", seconds=4)
    assert found == ["a", "b", "c"]
    assert "comparing all pairs" in drawn
    assert "100%" in drawn


@pytest.mark.parametrize(
    ("console", "told", "seconds"),
    [
        (terminal(), "comparing", 0),
        (terminal(), None, 4),
        (Console(file=io.StringIO(), force_terminal=False), "comparing", 4),
    ],
    ids=["short", "untold", "no terminal"],
)
def test_elsewhere_nothing_is_drawn(console, told, seconds):
    found, drawn = walk(console, told, seconds) if seconds else (list(watched([("a", 1)], 1, told, console)), "")
    assert found[0] == "a"
    assert drawn == ""


def test_a_bar_takes_the_place_of_what_waits_for_it(monkeypatch):
    """They draw on two consoles of one terminal, where neither would know of the other."""
    seen = []
    for display in (Status, Progress):
        for name in ("start", "stop"):
            drawn = getattr(display, name)
            told = f"{display.__name__} {name}"
            monkeypatch.setattr(display, name, lambda self, drawn=drawn, told=told: (seen.append(told), drawn(self)))
    steps, clock = [("a", 10), ("b", 20), ("c", 70)], iter(range(0, 10_000, 4))
    with waiting(terminal(), "measuring …"):
        assert list(watched(steps, 100, "comparing", terminal(), now=lambda: next(clock))) == ["a", "b", "c"]
    between = ["Status stop", "Progress start", "Progress stop", "Status start"]
    assert seen == ["Status start", *between, "Status stop"]
    seen.clear()
    with waiting(terminal(), "measuring …"):
        left = watched(steps, 100, "comparing", terminal(), now=lambda: next(clock))
        next(left), next(left)
    left.close()  # as where an error has ended both: what no longer waits does not come back
    assert seen == ["Status start", "Status stop", "Progress start", "Status stop", "Progress stop"]


def test_a_walk_that_is_left_takes_its_bar_along():
    console = terminal()
    clock = iter(range(0, 100, 4))
    steps = watched([("a", 1), ("b", 1), ("c", 1)], 3, "comparing", console, now=lambda: next(clock))
    next(steps), next(steps)
    steps.close()
    console.print("free")  # a second live display on one console would raise
    assert "free" in console.file.getvalue()


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda images: Verification(), {"comparing all pairs"}),
        (lambda images: Calibration({0.1: 0.5}), {"comparing all pairs at the validation thresholds"}),
        (lambda images: HardestPairs(), {"looking for the hardest pairs"}),
        (
            lambda images: Breakdown(
                {"half": ["a" if row < images / 2 else "b" for row in range(images)]}, fars=(0.1,)
            ),
            {"comparing all pairs for common thresholds", "comparing within a", "comparing within b"},
        ),
    ],
)
def test_every_walk_over_all_pairs_is_told(faces, monkeypatch, make, told):
    console = terminal()
    monkeypatch.setattr(progress, "Console", lambda stderr: console)
    monkeypatch.setattr(progress, "PATIENCE", -1.0)
    protocol = make(len(faces))
    protocol(faces, CosineSimilarity(), intervals=False)
    assert console.file.getvalue() == "", "the epochs of a training have a bar of their own"
    protocol(faces, CosineSimilarity())
    drawn = console.file.getvalue()
    assert all(text in drawn for text in told)
