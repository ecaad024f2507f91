import numpy as np
import pytest
from scipy.stats import studentized_range, t

from resemblance.comparison.student import t_above, t_tail
from resemblance.comparison.studentized_range import critical, tail


@pytest.mark.parametrize(("k", "degrees"), [(2, 4), (3, 1), (3, 8.5), (7, 24), (7, 400.0), (15, 56), (7, np.inf)])
def test_scipy_has_the_same_numbers(k, degrees):
    q = float(critical(k, degrees))
    assert q == pytest.approx(studentized_range.ppf(0.95, k, degrees), rel=1e-7)
    for value in (1.0, 2 * q):
        assert float(tail(value, k, degrees)) == pytest.approx(studentized_range.sf(value, k, degrees), abs=1e-9)


def test_many_at_once_are_each_alone():
    degrees = np.array([[3.0, 24.0], [3.0, np.inf]])
    together = critical(5, degrees, 0.01)
    assert together.shape == (2, 2)
    for value, nu in zip(together.ravel(), degrees.ravel(), strict=True):
        assert value == pytest.approx(float(critical(5, nu, 0.01)), rel=1e-9)
        assert float(tail(value, 5, nu)) == pytest.approx(0.01, rel=1e-7)


def test_two_means_are_students_t():
    degrees = np.array([1.0, 4.0, 17.3, np.inf])
    assert critical(2, degrees) / np.sqrt(2) == pytest.approx(t.isf(0.025, degrees), rel=1e-9)
    assert t_above(0.05 / 21, degrees) == pytest.approx(t.isf(0.05 / 42, degrees), rel=1e-9)
    assert t_tail(2.5, degrees) == pytest.approx(2 * t.sf(2.5, degrees), rel=1e-9)
    assert tail(2.5 * np.sqrt(2), 2, degrees) == pytest.approx(t_tail(2.5, degrees), abs=1e-9)


def test_a_distance_below_zero_is_always_exceeded():
    assert float(tail(-1.0, 4, 10)) == pytest.approx(1)
    assert float(t_tail(-1.0, 10)) > 1


def test_one_mean_has_no_range():
    with pytest.raises(ValueError, match="two means"):
        tail(1.0, 1, 10)
