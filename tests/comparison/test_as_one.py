import pytest

from resemblance.comparison.as_one import reservations
from resemblance.results import Scalar


def said(*notes):
    return reservations([Scalar(0.9, "accuracy", note=note) for note in notes])


def test_a_number_of_each_run_is_a_range_and_one_sentence():
    notes = [f"standard error {0.004 + k / 1e4:.4f} over 10 folds (not the standard deviation)" for k in range(35)]
    assert said(*notes) == [
        "standard error 0.0040 to 0.0074 over 10 folds (not the standard deviation) (35 of 35 runs)"
    ]


@pytest.mark.parametrize(
    ("notes", "told"),
    [
        (["±2e-07", "±1e-05"], "±2e-07 to 1e-05"),
        (["1,200 of 9, say", "300 of 9, say"], "300 to 1,200 of 9, say"),
        (["fewer than 30 errors"] * 2, "fewer than 30 errors"),
        (["7", "7"], "7"),
    ],
)
def test_numbers_in_notes(notes, told):
    assert said(*notes) == [f"{told} (2 of 2 runs)"]


def test_other_words_are_other_notes():
    assert said("a 1; b", "a 2", None, "b") == ["a 1 to 2 (2 of 4 runs)", "b (2 of 4 runs)"]
