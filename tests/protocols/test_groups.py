import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from resemblance.protocols.groups import groups_of

CELLS = st.one_of(
    st.lists(st.one_of(st.none(), st.sampled_from(["a", "b", "no value", ""])), max_size=20),
    st.lists(st.one_of(st.none(), st.floats(allow_infinity=False)), max_size=40),
    st.lists(st.one_of(st.none(), st.integers(0, 9)), max_size=40),
    st.lists(st.one_of(st.none(), st.integers(0, 9), st.sampled_from(["x", "5"])), max_size=20),
)


def named(values):
    return {group.name: group.rows.tolist() for group in groups_of(values)}


@given(CELLS)
def test_every_image_is_in_one_group_and_names_tell_groups_apart(values):
    groups = groups_of(values)
    assert sorted(torch.cat([torch.empty(0), *(group.rows for group in groups)]).tolist()) == list(range(len(values)))
    assert len({group.name for group in groups}) == len(groups)
    for group in groups:
        assert group.rows.tolist() == sorted(group.rows.tolist())
        assert group.rows.dtype == torch.int64


def test_texts_are_groups_as_they_are_in_the_order_of_letters():
    assert list(named(["yes", "no", "yes", "maybe"]).items()) == [("maybe", [3]), ("no", [1]), ("yes", [0, 2])]


def test_few_numbers_are_groups_in_the_order_of_size():
    assert list(named([10.0, 2.0, 10.0, -1.5])) == ["-1.5", "2", "10"]


def test_many_numbers_make_four_groups_named_after_the_numbers_in_them():
    assert named([float(value) for value in range(100)]) == {
        "0 to 24": list(range(25)),
        "25 to 49": list(range(25, 50)),
        "50 to 74": list(range(50, 75)),
        "75 to 99": list(range(75, 100)),
    }


def test_equal_numbers_stay_together():
    groups = named([0.0] * 60 + [float(value) for value in range(1, 41)])
    assert groups["0"] == list(range(60))
    assert sorted(map(len, groups.values())) == [15, 25, 60]


def test_names_have_as_many_digits_as_tell_them_apart():
    groups = named([1000.0 + value / 1000 for value in range(8)])
    assert list(groups)[:2] == ["1000 to 1000.001", "1000.002 to 1000.003"]


@pytest.mark.parametrize("absent", [None, "", math.nan])
def test_without_a_value_is_a_group_and_comes_last(absent):
    assert list(named(["b", absent, "a"]).items()) == [("a", [2]), ("b", [0]), ("no value", [1])]
    assert named([absent, absent]) == {"no value": [0, 1]}


def test_a_column_may_hold_those_words_itself():
    assert named(["no value", None]) == {"no value": [0], "no value given": [1]}


def test_a_number_and_a_text_of_one_look_are_one_group():
    assert named([5.0, "x", "5", 5]) == {"5": [0, 2, 3], "x": [1]}


def test_large_numbers_keep_all_their_digits():
    assert list(named([1000001.0, 1000002.0])) == ["1000001", "1000002"]
