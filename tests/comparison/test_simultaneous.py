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
    m = len(single)
    p, level, largest, stopped = {}, {}, 0.0, False
    for step, i in enumerate(sorted(range(m), key=single.__getitem__)):
        largest = max(largest, min(1.0, (m - step) * single[i]))
        p[i] = largest
        stopped = stopped or single[i] >= 0.05 / (m - step)
        needs_its_step = not stopped and single[i] >= 0.05 / m
        level[i] = 0.05 / (m - step) if needs_its_step else 0.05 / m
    return [p[i] for i in range(m)], [level[i] for i in range(m)]


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


def test_holm_is_never_stricter_than_bonferroni():
    later_steps = 0
    for estimates, variances, degrees in cases(21):
        found = Holm().intervals(estimates, variances, degrees)
        bonferroni = np.minimum(1, 21 * 2 * t.sf(np.abs(estimates) / np.sqrt(variances), degrees))
        assert (found.p <= bonferroni + 1e-12).all()
        assert ((found.alpha > 0.05 / 21 + 1e-12) == ((found.p < 0.05) & (bonferroni >= 0.05))).all()
        later_steps += int((found.alpha > 0.05 / 21 + 1e-12).sum())
    assert later_steps > 0


def test_only_a_later_step_makes_an_interval_narrower():
    one = t.isf(0.05 / 4, 10)  # told apart at 5 % / 2, and not at 5 % / 3
    found = Holm().intervals(np.array([100.0, 1.01 * one, 0.1]), np.ones(3), np.full(3, 10.0))
    assert found.alpha == pytest.approx([0.05 / 3, 0.05 / 2, 0.05 / 3])
    assert (found.p < 0.05).tolist() == [True, True, False]
