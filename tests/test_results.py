"""Results: JSON there and back, merging, prefixes."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resemblance.results import Curve, Result, Scalar, Table

numbers = st.floats(allow_nan=False, allow_infinity=False)
keys = st.text("abc/_1", min_size=1, max_size=6)
maybe_number, maybe_text = st.none() | numbers, st.none() | st.text(max_size=8)
scalars = st.builds(
    Scalar,
    numbers,
    st.text(max_size=8),
    st.dictionaries(keys, st.integers(0, 10**9), max_size=3),
    maybe_number,
    maybe_number,
    maybe_text,
    maybe_text,
)
lines = st.lists(numbers, max_size=4).map(tuple)
curves = st.builds(Curve, lines, lines, st.text(max_size=4), st.text(max_size=4))
cells = st.lists(numbers | st.integers(-(10**9), 10**9) | st.text(max_size=4), max_size=3).map(tuple)
tables = st.builds(Table, st.lists(st.text(max_size=4), max_size=3).map(tuple), st.lists(cells, max_size=3).map(tuple))
results = st.builds(Result, *(st.dictionaries(keys, part, max_size=3) for part in (scalars, curves, tables)))


@given(results)
def test_json_there_and_back(result):
    assert Result.from_json(result.to_json()) == result


def test_json_is_plain():
    result = Result({"verification/auc": Scalar(0.5, "AUC", {"genuine": 3})})
    assert json.loads(result.to_json())["scalars"]["verification/auc"] == {
        "value": 0.5,
        "label": "AUC",
        "counts": {"genuine": 3},
        "low": None,
        "high": None,
        "method": None,
        "note": None,
        "degrees": None,
    }


@given(results)
def test_a_prefix_changes_the_keys_alone(result):
    prefixed = result.prefixed("test")
    for before, after in (
        (result.scalars, prefixed.scalars),
        (result.curves, prefixed.curves),
        (result.tables, prefixed.tables),
    ):
        assert dict(after) == {f"test/{key}": value for key, value in before.items()}


@given(results)
def test_nothing_is_lost_in_a_merge(result):
    merged = result.prefixed("val") | result.prefixed("test")
    assert len(merged.scalars) == 2 * len(result.scalars)
    assert len(merged.curves) == 2 * len(result.curves)
    assert len(merged.tables) == 2 * len(result.tables)
    assert result | Result() == result == Result() | result


@pytest.mark.parametrize(
    "result",
    [
        Result(scalars={"a/b": Scalar(1.0, "b")}),
        Result(curves={"a/b": Curve((), (), "x", "y")}),
        Result(tables={"a/b": Table((), ())}),
    ],
)
def test_two_of_one_key_are_refused(result):
    with pytest.raises(ValueError, match="same key: a/b"):
        _ = result | result


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
def test_a_figure_that_is_no_number_is_refused(value):
    with pytest.raises(ValueError, match="AUC is"):
        Scalar(value, "AUC")


def test_a_curve_that_is_no_number_is_not_written():
    with pytest.raises(ValueError, match="JSON"):
        Result(curves={"roc": Curve((0.0,), (float("nan"),), "x", "y")}).to_json()
