"""The reason that is given for an interval that is not there is the true one."""

import numpy as np
import pytest

from resemblance.comparison.lacking import lacking
from resemblance.comparison.measured import Measured
from resemblance.comparison.statistics import compare_figure
from tests.comparison.told import difference, findings, standing

NO_REPLICATES, ONE_SEED, AT_AN_END = "have replicates of this", "With one seed", "exactly 0 or 1"


COLLAPSED = 0.5


def told(values, replicates=True):
    values = np.asarray(values)
    draws = np.clip(values[:, :, None] + np.random.default_rng(0).normal(0, 0.01, (*values.shape, 50)), 1e-3, 1 - 1e-3)
    draws[values == 1] = 1
    draws[values == COLLAPSED] = COLLAPSED
    names, seeds = tuple("abcdef"[: len(values)]), tuple(range(values.shape[1]))
    measured = Measured("k", "TAR", names, seeds, values, draws if replicates else None, 50.0 if replicates else None)
    found = compare_figure(measured, 0.01)
    return " ".join([*lacking(found), *found.notes])


def test_nothing_is_said_where_nothing_lacks():
    assert told([[0.9, 0.92, 0.91], [0.8, 0.83, 0.81]]) == ""


def test_one_seed():
    assert ONE_SEED in told([[0.9], [0.8]])
    assert NO_REPLICATES not in told([[0.9], [0.8]])


def test_no_replicates():
    assert NO_REPLICATES in told([[0.9, 0.92, 0.91], [0.8, 0.83, 0.81]], replicates=False)
    assert ONE_SEED not in told([[0.9, 0.92, 0.91], [0.8, 0.83, 0.81]], replicates=False)


def test_a_rate_at_its_ceiling_has_seeds_and_replicates():
    said = told([[1.0, 1.0, 1.0], [0.8, 0.83, 0.81]])
    assert "A rate of exactly 0 or 1, with one seed or more, has no interval over subjects: a." in said
    assert "The same figure with every seed, and therefore without an interval over seeds: a." in said
    assert ONE_SEED not in said
    assert NO_REPLICATES not in said


def test_equal_seeds_below_the_ceiling():
    said = told([[0.9, 0.9, 0.9], [0.8, 0.83, 0.81]])
    assert said == "The same figure with every seed, and therefore without an interval over seeds: a."


@pytest.mark.parametrize("mean", [0.0, 1.0])
def test_everybody_at_an_end(mean):
    rows = [standing(name, mean, over_subjects=None) for name in "ab"]
    (only,) = lacking(findings(difference(), standings=rows))
    assert only == "A rate of exactly 0 or 1, with one seed or more, has no interval over subjects: a, b."


def test_one_seed_at_the_ceiling():
    said = told([[1.0, 0.9, 0.95], [0.8, 0.83, 0.81]])
    assert said == "A rate of exactly 0 or 1, with one seed or more, has no interval over subjects: a."


@pytest.mark.parametrize("others", [[0.8, 0.83, 0.81], [COLLAPSED] * 3])
def test_replicates_that_do_not_move_are_there(others):
    said = told([[COLLAPSED, 0.9, 0.92], others])
    assert "no draw of other subjects moves" in said
    assert NO_REPLICATES not in said


def test_a_figure_of_the_training_has_nothing_to_do_with_test_subjects():
    values = np.array([[80.0, 82.0, 81.0], [90.0, 95.0, 93.0]])
    found = compare_figure(Measured("train/seconds", "seconds", ("a", "b"), (0, 1, 2), values), 1.0)
    assert lacking(found) == []
    assert "subjects" not in " ".join([found.procedure, found.resolution_note, *found.notes])
