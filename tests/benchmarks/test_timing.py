import gc

import pytest

from resemblance.benchmarks.timing import FEWEST, MOST, interleaved, spread


def recorder(order, name, seconds):
    def call():
        order.append(name)
        return seconds() if callable(seconds) else seconds

    return call


def test_calls_take_turns_with_the_collector_at_rest():
    order, collecting = [], []
    calls = {name: recorder(order, name, lambda: collecting.append(gc.isenabled()) or 1.0) for name in "abc"}
    seconds = interleaved(calls, 4, {})
    assert order == list("abcabcabcabc")
    assert seconds == {name: [1.0] * 4 for name in "abc"}
    assert not any(collecting)
    assert gc.isenabled()


def test_whoever_has_used_up_the_budget_leaves_and_the_others_go_on():
    order = []
    seconds = interleaved({"slow": recorder(order, "slow", 5.0), "fast": recorder(order, "fast", 1.0)}, 6, {})
    assert len(seconds["slow"]) == FEWEST
    assert len(seconds["fast"]) == 6


def test_what_was_timed_before_counts():
    order = []
    assert interleaved({"a": recorder(order, "a", 5.0)}, 1, {"a": [7.0]}) == {"a": [7.0, 5.0, 5.0]}


def test_stable_times_end_early_and_unstable_ones_at_the_most():
    flat = interleaved({"a": lambda: 1e-9}, 60, {})
    assert len(flat["a"]) == 20
    values = iter([1e-9, 3e-9] * MOST)
    assert len(interleaved({"a": lambda: next(values)}, 60, {})["a"]) == MOST


def test_spread_is_the_distance_of_the_quartiles_over_the_median():
    assert spread([1.0, 2.0, 3.0, 4.0, 5.0]) == pytest.approx(2 / 3)
