import numpy as np
import pytest
from scipy.stats import t

from resemblance.comparison.simultaneous import Holm, Tukey


def cases(m):
    generator = np.random.default_rng(m)
    for _ in range(20):
        yield 3 * generator.standard_normal(m), generator.uniform(0.2, 2, m), generator.uniform(2, 30, m)


def naive_holm(estimates, variances, degrees):
    """Adjusted p-values and the level of each pair, one step after another."""
    single = [2 * t.sf(abs(e) / v**0.5, nu) for e, v, nu in zip(estimates, variances, degrees, strict=True)]
    p, level, largest, stopped = {}, {}, 0.0, None
    for step, i in enumerate(sorted(range(len(single)), key=single.__getitem__)):
        left = len(single) - step
        largest = max(largest, min(1.0, left * single[i]))
        p[i] = largest
        level[i] = stopped or 0.05 / left
        if single[i] >= 0.05 / left and stopped is None:
            stopped = 0.05 / left
    return [p[i] for i in range(len(single))], [level[i] for i in range(len(single))]


@pytest.mark.parametrize("m", [1, 3, 21])
def test_holm_step_by_step(m):
    for estimates, variances, degrees in cases(m):
        p, level = naive_holm(estimates, variances, degrees)
        found = Holm().intervals(estimates, variances, degrees)
        assert found.p == pytest.approx(p, rel=1e-9)
        assert found.alpha == pytest.approx(level)
        assert found.half == pytest.approx(t.isf(np.array(level) / 2, degrees) * np.sqrt(variances))


@pytest.mark.parametrize("procedure", [Tukey(7), Tukey(2), Holm()])
def test_interval_and_p_say_the_same(procedure):
    both = set()
    for estimates, variances, degrees in cases(21):
        found = procedure.intervals(estimates, variances, degrees)
        excludes = found.half < np.abs(estimates)
        assert (excludes == (found.p < 0.05)).all()
        assert ((found.p >= 0) & (found.p <= 1)).all()
        for i in range(21):
            narrower = procedure.narrower(abs(estimates[i]), variances[i], degrees[i], found.alpha[i])
            assert bool(narrower) == excludes[i]
        both |= set(excludes.tolist())
    assert both == {True, False}


def test_holm_is_never_stricter_than_bonferroni_and_begins_there():
    for estimates, variances, degrees in cases(21):
        found = Holm().intervals(estimates, variances, degrees)
        assert found.alpha.min() == pytest.approx(0.05 / 21)
        assert (found.p <= np.minimum(1, 21 * 2 * t.sf(np.abs(estimates) / np.sqrt(variances), degrees)) + 1e-12).all()


def test_where_all_are_told_apart_the_last_has_a_step_of_its_own():
    found = Holm().intervals(np.array([100.0, 90.0, 80.0]), np.ones(3), np.full(3, 10.0))
    assert found.alpha == pytest.approx([0.05 / 3, 0.05 / 2, 0.05])
