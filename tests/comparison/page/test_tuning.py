"""Budgets are judged over all that were compared, not over those alone that were tuned."""

from dataclasses import replace

import pytest

from resemblance.comparison.page.report import Report
from resemblance.comparison.page.tuning import tuning
from resemblance.comparison.studying import study_of
from tests.comparison.written import write_study

SPENT = {"trials": 8, "epochs": 3, "metric": "val/verification/auc", "best": {}, "seconds": 9.0, "values": [0.9, 0.8]}
EQUAL = "All contestants had the same budget: 8 trials of 3 epochs."
UNEQUAL = "The contestants did not have the same budget."


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    return study_of(write_study(tmp_path_factory.mktemp("tuned"), {"cosface": 0.9, "softmax": 0.8}, seeds=2))


@pytest.mark.parametrize(
    ("tuned", "told", "untold"),
    [
        ({"cosface": SPENT, "softmax": SPENT}, EQUAL, UNEQUAL),
        ({"cosface": SPENT, "softmax": {**SPENT, "epochs": 1}}, UNEQUAL, EQUAL),
        ({"cosface": SPENT, "softmax": {**SPENT, "trials": 1}}, UNEQUAL, EQUAL),
        ({"cosface": SPENT}, f"{UNEQUAL} Not tuned: softmax.", EQUAL),
        ({"angular": SPENT}, "Not tuned: cosface, softmax.", UNEQUAL),
        ({"cosface": SPENT, "softmax": SPENT, "angular": {**SPENT, "trials": 1}}, EQUAL, UNEQUAL),
    ],
)
def test_the_budget_is_that_of_all_contestants(study, tuned, told, untold):
    body = tuning(Report(replace(study, tuning=tuned))).body
    assert told in body
    assert untold not in body
