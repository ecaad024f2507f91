from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from resemblance.data.cycle import ShuffledCycle

RELAXED = settings(deadline=None, max_examples=50)  # a busy machine is no failure

SIZES = {"n": st.integers(1, 25), "size": st.integers(1, 12), "key": st.integers(0, 10**6)}


@RELAXED
@given(**SIZES)
def test_a_block_never_repeats_more_than_it_must(n, size, key):
    cycle = ShuffledCycle(n, size, key)
    for index in range(12):
        block = cycle.block(index)
        counts = Counter(block)
        assert len(block) == size
        assert max(counts.values()) <= -(-size // n)
        if n <= size:
            assert set(counts) == set(range(n))
            assert min(counts.values()) >= size // n


@RELAXED
@given(**SIZES)
def test_every_item_is_seen_before_any_is_seen_again(n, size, key):
    cycle = ShuffledCycle(n, size, key)
    seen: Counter[int] = Counter(dict.fromkeys(range(n), 0))
    for index in range(20):
        seen.update(cycle.block(index))
        assert max(seen.values()) - min(seen.values()) <= 1


@RELAXED
@given(asked=st.lists(st.integers(0, 60), max_size=8), **SIZES)
def test_a_block_is_the_same_in_whatever_order_blocks_are_asked_for(asked, n, size, key):
    cycle = ShuffledCycle(n, size, key)
    for index in asked:
        assert cycle.block(index) == ShuffledCycle(n, size, key).block(index)


def test_rounds_are_shuffled_anew():
    cycle = ShuffledCycle(50, 50, 0)
    assert cycle.block(0) != cycle.block(1)
    assert sorted(cycle.block(0)) == list(range(50))
    assert cycle.block(0) != ShuffledCycle(50, 50, 1).block(0)
