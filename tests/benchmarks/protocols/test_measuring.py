import math
import time
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from resemblance.benchmarks.children import ChildFailure, in_fresh_process
from resemblance.benchmarks.protocols import measuring
from resemblance.benchmarks.protocols.cases import Case
from resemblance.benchmarks.protocols.contestants import CONTESTANTS, OURS
from resemblance.benchmarks.protocols.measuring import Limits, difference, measure
from resemblance.benchmarks.protocols.trials import Answer, Trial, run

CASE = Case("all-pairs", 400)
EVERYBODY = list(CONTESTANTS["all-pairs"])


def limits(**changed):
    return Limits(**{"budget": 0.1, "seconds": 60, "bytes": 2e9, "deadline": time.monotonic() + 300, **changed})


@pytest.fixture
def processes(monkeypatch):
    """No process at all: each takes a second, and says who it was for."""
    started = []

    def pretend(left, limit, function, name, case, device, budget):
        started.append(name)
        return Trial([1.0], 10, Answer())

    monkeypatch.setattr(measuring, "in_fresh_process", pretend)
    return started


def test_contestants_take_turns(processes):
    measured = measure(CASE, "cpu", limits(budget=60))
    assert processes == EVERYBODY * 3
    assert [(one.contestant, one.seconds, one.median, one.peak) for one in measured] == [
        (name, [1.0] * 3, 1.0, 10) for name in EVERYBODY
    ]


def test_whoever_has_used_up_the_budget_drops_out(processes):
    assert all(len(one.seconds) == 2 for one in measure(CASE, "cpu", limits(budget=1.5)))


def test_no_process_starts_after_the_deadline(processes):
    measured = measure(CASE, "cpu", limits(deadline=time.monotonic()))
    assert processes == []
    assert all("used up" in one.failure for one in measured)
    assert {one.median for one in measured} == {None}


def sleeps(*_):
    time.sleep(3600)


def test_a_contestant_that_takes_too_long_is_reported(monkeypatch):
    monkeypatch.setattr(measuring, "trial", sleeps)
    measured = measure(Case("growth", 300), "cpu", limits(seconds=0.1))
    assert {one.failure for one in measured} == {"took longer than 0.1 s"}


def test_a_contestant_that_runs_out_of_memory_is_reported_and_the_others_are_measured(monkeypatch):
    monkeypatch.setitem(CONTESTANTS, "all-pairs", dict.fromkeys((OURS, "torchmetrics")))  # each process knows its own
    measured = {one.contestant: one for one in measure(Case("all-pairs", 4_000), "cpu", limits(bytes=300e6, rounds=1))}
    assert measured["torchmetrics"].failure == "needs more than 0.3 GB"
    assert measured["torchmetrics"].median is None
    assert measured[OURS].failure == ""
    assert measured[OURS].median > 0
    assert measured[OURS].peak > 0


def peak_of_a_hundred_megabytes(series):
    def prepare(case, device):
        held = torch.ones(25_000_000)
        return lambda: Answer({"sum": float((held + 1).sum())})

    return run(prepare, Case(series, 1), "cpu", 0).peak


@pytest.mark.parametrize(("series", "copies"), [("all-pairs", 1), ("search", 2)])
def test_the_gallery_of_a_search_counts_and_other_input_does_not(series, copies):
    # As the benchmark does: in a process that has freed much, the allocator takes pages that it has kept.
    peak = in_fresh_process(60, math.inf, peak_of_a_hundred_megabytes, series)
    assert peak == pytest.approx(copies * 100e6, rel=0.05)


@pytest.mark.parametrize(
    "figures",
    [{"auc": 0.9}, {"auc": 0.9, "eer": 0.1, "tar": 0.5}, {"auc": 0.9, "eer": float("nan")}, {"genuine": 7.0}],
    ids=["one too few", "one too many", "no number", "only a count"],
)
def test_figures_of_which_one_lacks_some_are_not_alike(figures):
    ours = Answer({"auc": 0.9, "eer": 0.1, "genuine": 7.0})
    assert difference(Answer(figures), ours) == difference(ours, Answer(figures)) == math.inf


def test_a_process_that_the_deadline_cuts_short_failed_at_nothing(monkeypatch):
    now = 0.0

    def waits(left, *rest):
        nonlocal now
        now += left
        raise ChildFailure(f"took longer than {left:g} s")

    monkeypatch.setattr(measuring, "time", SimpleNamespace(monotonic=lambda: now))
    monkeypatch.setattr(measuring, "in_fresh_process", waits)
    measured = measure(CASE, "cpu", limits(seconds=60, deadline=50))
    assert measured[0].failure == "the time of the whole benchmark was used up in its turn"
    measured = measure(CASE, "cpu", limits(seconds=60, deadline=now + 1000))
    assert measured[0].failure == "took longer than 60 s"


def test_differences_are_of_figures_or_of_neighbours():
    ours = Answer({"auc": 0.9, "eer": 0.1, "genuine": 7.0})
    assert difference(Answer({"auc": 0.91, "eer": 0.1}), ours) == pytest.approx(0.01), "counts may be told by one only"
    assert difference(Answer({"auc": 0.9, "eer": 0.1, "genuine": 6.0}), ours) == 1
    assert difference(Answer(), ours) is None
    found = [Answer(neighbours=np.array(rows)) for rows in ([[1, 2], [3, 4]], [[2, 1], [3, 5]])]
    assert difference(*found) == 0.25
