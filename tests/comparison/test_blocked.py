import numpy as np
import pytest
from scipy.stats import f_oneway, tukey_hsd

from resemblance.comparison.blocked import NOT_ALIKE, blocked
from resemblance.comparison.simultaneous import Tukey


@pytest.mark.parametrize(("k", "n"), [(2, 2), (2, 5), (3, 4), (7, 5)])
def test_the_mean_square_is_that_of_least_squares(k, n):
    values = np.random.default_rng(k * n).standard_normal((k, n))
    rows = [(i, j) for i in range(k) for j in range(n)]
    design = np.array([[1.0, *(i == a for a in range(1, k)), *(j == b for b in range(1, n))] for i, j in rows])
    outcome = np.array([values[i, j] for i, j in rows])
    residual = outcome - design @ np.linalg.lstsq(design, outcome, rcond=None)[0]
    found = blocked(values)
    assert found.degrees == len(rows) - np.linalg.matrix_rank(design)
    assert found.mean_square == pytest.approx(residual @ residual / found.degrees)


def test_without_blocks_it_is_the_one_way_analysis():
    values = np.random.default_rng(1).standard_normal((4, 6)) + np.arange(4)[:, None]
    values -= values.mean(0) - values.mean()  # the seeds have no effect
    found = blocked(values)
    within = found.mean_square * found.degrees  # all that a one-way analysis calls within
    degrees = 4 * 5
    between = 6 * values.mean(1).var(ddof=1)
    assert between / (within / degrees) == pytest.approx(f_oneway(*values).statistic)
    first, second = np.triu_indices(4, 1)
    estimates = values.mean(1)[first] - values.mean(1)[second]
    ours = Tukey(4).intervals(estimates, np.full(6, 2 * within / degrees / 6), np.full(6, float(degrees)))
    theirs = tukey_hsd(*values)
    interval = theirs.confidence_interval()
    assert estimates - ours.half == pytest.approx(interval.low[first, second], abs=1e-6)
    assert estimates + ours.half == pytest.approx(interval.high[first, second], abs=1e-6)
    assert ours.p == pytest.approx(theirs.pvalue[first, second], abs=1e-8)


def test_variances_of_pairs():
    values = np.random.default_rng(2).standard_normal((5, 4))
    found = blocked(values)
    for i in range(5):
        for j in range(5):
            assert found.pair_variances[i, j] == pytest.approx(np.var(values[i] - values[j], ddof=1))
    pairs = found.pair_variances[np.triu_indices(5, 1)]
    assert pairs.mean() == pytest.approx(2 * found.mean_square)
    assert found.largest == pytest.approx(pairs.max() / pairs.mean())


def test_the_seed_itself_has_no_influence():
    values = np.random.default_rng(3).standard_normal((4, 5))
    one, other = blocked(values), blocked(values + 100 * np.arange(5))
    assert one.mean_square == pytest.approx(other.mean_square)
    assert one.alike == other.alike


def test_a_run_that_is_there_twice_does_not_make_the_variance_smaller():
    values = np.random.default_rng(4).standard_normal((3, 5))
    once, twice = blocked(values), blocked(np.vstack([values, values[:2], values[2] + 0.3]))
    assert (twice.mean_square, twice.degrees) == pytest.approx((once.mean_square, once.degrees))
    assert twice.alike == once.alike
    assert twice.pair_variances[0, 3] == twice.pair_variances[2, 5] == 0
    assert twice.pair_variances[0, 4] == pytest.approx(once.pair_variances[0, 1])


def test_nothing_varies():
    assert blocked(np.full((3, 5), 0.5)).mean_square is None
    assert blocked(np.array([[0.1], [0.2]])).mean_square is None  # one seed


def test_the_check_finds_as_much_as_it_says():
    generator = np.random.default_rng(5)
    found = [blocked(generator.standard_normal((7, 5))).alike for _ in range(200)]
    assert np.mean(np.array(found) <= NOT_ALIKE) == pytest.approx(NOT_ALIKE, abs=0.085)  # 3 standard errors
    unlike = np.array([4.0, 1, 1, 1, 1, 1, 1])[:, None]
    found = [blocked(unlike * generator.standard_normal((7, 5))).alike for _ in range(200)]
    assert np.mean(np.array(found) <= NOT_ALIKE) > 0.75
