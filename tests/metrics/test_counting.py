"""A stream of scores counted in any pieces against a naive count."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from resemblance.metrics import counting
from resemblance.metrics.counting import ScoreCounter

SCORES = st.lists(st.integers(-6, 6).map(lambda n: n / 4) | st.floats(-2, 2, width=32), min_size=1, max_size=40)


@given(SCORES, SCORES, st.integers(1, 50), st.integers(1, 7), st.integers(1, 12), st.integers(1, 3))
def test_counts_are_the_naive_ones_however_the_scores_arrive(scores, values, waiting, step, highest, threads):
    stream, values = np.array(scores, np.float32), torch.tensor(values).unique()
    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        counter = ScoreCounter(values, highest, waiting)
        for start in range(0, len(stream), step):
            counter.add(stream[start : start + step])
        below, up_to = counter.counts()
    finally:
        torch.set_num_threads(before)
    assert below.tolist() == [sum(s < v for s in stream.tolist()) for v in values.tolist()]
    assert up_to.tolist() == [sum(s <= v for s in stream.tolist()) for v in values.tolist()]
    assert counter.highest().tolist() == sorted(stream.tolist())[-highest:]
    assert counter.lowest() == min(stream.tolist())
    assert counter.total == len(stream)


def test_values_are_looked_up_in_parts(monkeypatch):
    monkeypatch.setattr(counting, "_VALUES", 7)
    generator = torch.Generator().manual_seed(0)
    scores = torch.randn(5000, generator=generator).round(decimals=2)
    values = torch.randn(100, generator=generator).round(decimals=2).unique()
    counter = ScoreCounter(values, waiting=999)
    counter.add(scores.numpy())
    in_order = scores.sort().values
    below, up_to = counter.counts()
    assert torch.equal(below, torch.searchsorted(in_order, values))
    assert torch.equal(up_to, torch.searchsorted(in_order, values, right=True))
    assert torch.equal(counter.highest(), in_order)


def test_the_scores_are_left_as_they_were():
    scores = np.array([3.0, 1.0, 2.0], np.float32)
    counter = ScoreCounter(torch.tensor([1.5]))
    counter.add(scores)
    assert counter.counts()[0].tolist() == [1]
    assert scores.tolist() == [3, 1, 2]


@pytest.mark.parametrize("broken", [math.nan, math.inf, -math.inf])
def test_scores_that_are_no_numbers_are_refused(broken):
    counter = ScoreCounter(torch.tensor([0.5]))
    counter.add(np.array([0.1, broken, 0.3], np.float32))
    with pytest.raises(ValueError, match="NaN or infinite"):
        counter.counts()
