import math
import os
import signal
import time

import pytest
import torch
from rich.console import Console

from resemblance.benchmarks import measuring
from resemblance.benchmarks.cases import Case
from resemblance.benchmarks.children import ChildFailure, in_fresh_process
from resemblance.benchmarks.contestants import LIBRARY, OURS, PLAIN, contestants
from resemblance.benchmarks.measuring import Limits, measure, measure_memory
from resemblance.benchmarks.memory import held_bytes, peak_bytes
from resemblance.benchmarks.table import print_tables, write_markdown, write_table

ALLOCATED = 200_000_000


def allocate_and_free():
    torch.ones(10).sum()  # what is loaded late is not the tensor's
    baseline = held_bytes("cpu")
    peak = peak_bytes("cpu", lambda: torch.ones(ALLOCATED // 4).sum())
    return peak - baseline, held_bytes("cpu") - baseline


def peak_of_the_second_of_two():
    peak_bytes("cpu", lambda: torch.ones(ALLOCATED // 4).sum())
    baseline = held_bytes("cpu")
    return peak_bytes("cpu", lambda: torch.ones(ALLOCATED // 40).sum()) - baseline


def test_a_known_allocation_is_seen_after_it_is_freed():
    peak, left = in_fresh_process(60, math.inf, allocate_and_free)
    assert peak == pytest.approx(ALLOCATED, rel=0.03)
    assert left < 0.03 * ALLOCATED


def test_an_earlier_peak_does_not_count():
    assert in_fresh_process(60, math.inf, peak_of_the_second_of_two) == pytest.approx(ALLOCATED / 10, rel=0.1)


def test_class_weights_and_their_gradient_count():
    classes = 50_000
    weight = classes * 128 * 4
    peak = in_fresh_process(60, math.inf, measure_memory, PLAIN, Case("cosface", 8, classes=classes), "cpu")
    assert peak > 2 * weight


def raises():
    raise ValueError("a sentence\nand more")


@pytest.mark.parametrize(
    ("function", "arguments", "words"),
    [
        (time.sleep, (60,), "took longer than 0.5 s"),
        (raises, (), "ValueError: a sentence"),
        (os._exit, (3,), "its process ended with exit code 3"),
        (signal.raise_signal, (signal.SIGKILL,), "its process ended with exit code -9"),
    ],
)
def test_a_process_that_does_not_return_says_why(function, arguments, words):
    with pytest.raises(ChildFailure) as failure:
        in_fresh_process(0.5 if function is time.sleep else 60, math.inf, function, *arguments)
    assert str(failure.value) == words


def test_a_contestant_that_runs_out_of_memory_is_reported_and_the_others_are_measured(tmp_path, capsys):
    case = Case("batch-all", 400, 20)  # the library wants 3 indices of each of 2.9 million triplets
    measured = {one.contestant: one for one in measure(case, "cpu", Limits(0.05, 60, 60e6))}
    assert measured[LIBRARY].failure == "needs more than 0.06 GB"
    assert measured[LIBRARY].median is None
    assert measured[LIBRARY].peak is None
    assert measured[OURS].failure == ""
    assert measured[OURS].median > 0
    assert measured[OURS].peak > 0

    print_tables(Console(width=100), list(measured.values()))
    write_markdown(tmp_path / "table.md", list(measured.values()), [], "a machine")
    write_table(tmp_path / "table.csv", list(measured.values()))
    row = "batch-all,400,20,,pytorch-metric-learning,,,0,,,needs more than 0.06 GB"
    sentence = "batch-all, B = 400, K = 20, pytorch-metric-learning: needs more than 0.06 GB"
    assert f"[1] {sentence}" in capsys.readouterr().out
    assert f"[1] {sentence}" in (tmp_path / "table.md").read_text()
    assert row in (tmp_path / "table.csv").read_text()


def sleeps(*_):
    time.sleep(3600)


def test_a_contestant_that_takes_too_long_is_reported(monkeypatch):
    monkeypatch.setattr(measuring, "measure_memory", sleeps)
    case = Case("batch-all", 16, 4)
    measured = measure(case, "cpu", Limits(0.05, 0.1))
    assert {one.contestant: one.failure for one in measured} == dict.fromkeys(
        contestants(case), "took longer than 0.1 s"
    )
