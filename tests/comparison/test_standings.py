import numpy as np
import pytest
from scipy.stats import ttest_1samp

from resemblance.comparison.measured import Measured
from resemblance.comparison.standings import over_seeds, standings


def test_over_seeds_is_students_interval():
    values = np.array([0.91, 0.92, 0.90, 0.93, 0.91])
    found = over_seeds(values, is_rate=True)
    theirs = ttest_1samp(values, 0).confidence_interval()
    assert (found.low, found.high) == pytest.approx((theirs.low, theirs.high))


def test_a_rate_stays_within_0_and_1_and_another_figure_need_not():
    values = np.array([0.999, 0.95, 1.0])
    assert over_seeds(values, is_rate=True).high == 1
    assert over_seeds(values, is_rate=False).high > 1
    assert over_seeds(1 - values, is_rate=True).low == 0


@pytest.mark.parametrize("values", [[0.9], [1.0, 1.0, 1.0]])
def test_no_interval_is_invented(values):
    assert over_seeds(np.array(values), is_rate=True) is None


@pytest.mark.parametrize(("higher", "order"), [(True, ["b", "a", "c"]), (False, ["a", "c", "b"])])
def test_best_first_and_equal_means_in_their_order(higher, order):
    values = np.array([[0.1, 0.3], [0.5, 0.5], [0.3, 0.1]])
    found = standings(Measured("x", "x", ("a", "b", "c"), (4, 9), values, higher_is_better=higher), None, np.inf)
    assert [standing.contestant for standing in found] == order
    assert found[order.index("a")].values == (0.1, 0.3)
    assert all(standing.over_subjects is None for standing in found)


def test_both_uncertainties_hold_the_mean():
    generator = np.random.default_rng(0)
    values = generator.uniform(0.9, 0.99, (3, 4))
    moves = 0.02 * generator.standard_normal((3, 4, 100))
    for standing in standings(Measured("x", "x", ("a", "b", "c"), tuple(range(4)), values), moves, 30.0):
        for bounds in (standing.over_seeds, standing.over_subjects):
            assert 0 <= bounds.low < standing.mean < bounds.high <= 1
