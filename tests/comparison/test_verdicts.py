import numpy as np
import pytest
from scipy.stats import t

from resemblance.comparison.findings import Verdict
from resemblance.comparison.simultaneous import Holm, Tukey
from resemblance.comparison.spread import Spread
from resemblance.comparison.studentized_range import critical as ranges
from resemblance.comparison.verdicts import MOST_SEEDS, further_seeds, judge


@pytest.mark.parametrize(
    ("estimate", "half", "delta", "verdict"),
    [
        (0.02, 0.01, 0.005, Verdict.BETTER),
        (-0.02, 0.01, 0.005, Verdict.BETTER),  # of an error rate: the first has the better mean by its place
        (0.002, 0.001, 0.005, Verdict.BETTER),  # within ±δ too, and better still
        (0.001, 0.003, 0.005, Verdict.EQUIVALENT),
        (0.002, 0.003, 0.005, Verdict.UNDECIDED),  # an end at δ itself
        (0.0, 0.003, 0.0, Verdict.UNDECIDED),
        (0.01, 0.01, 0.005, Verdict.UNDECIDED),  # an end at 0 itself
    ],
)
def test_what_an_interval_says(estimate, half, delta, verdict):
    assert judge(estimate, half, delta) is verdict


def spread_of(seeds_variance, subjects, degrees, subject_degrees=40.0):
    return Spread(np.array([seeds_variance]), np.array([degrees]), np.array([subjects]), subject_degrees)


def half_widths(variance, subjects, k, alpha, procedure):
    """Of one difference with 6 … 105 seeds in place of 5, one seed after another."""
    seeds = 5 + np.arange(1, 101)
    over_seeds, degrees = variance * 5 / seeds, (k - 1) * (seeds - 1)
    together = (over_seeds + subjects) / (over_seeds / degrees + subjects / 40)
    critical = t.isf(alpha / 2, together) if procedure == Holm() else ranges(k, together) / np.sqrt(2)
    return critical * np.sqrt(over_seeds + subjects)


@pytest.mark.parametrize("delta", [0.0, 1.0])
@pytest.mark.parametrize("procedure", [Tukey(4), Holm()])
def test_one_seed_after_another(procedure, delta):
    generator = np.random.default_rng(0)
    k, alpha = (4, 0.05) if procedure == Tukey(4) else (2, 0.05 / 6)
    seen = set()
    for _ in range(12):
        estimate, variance, subjects = generator.uniform(0, 1), generator.uniform(0.02, 0.5), generator.uniform(0, 0.05)
        spread = spread_of(variance, subjects, (k - 1) * 4.0)
        found = further_seeds(estimate, delta, spread, 5, procedure, alpha)
        half = half_widths(variance, subjects, k, alpha, procedure)
        decided = (half < estimate) | (estimate + half < delta)
        slow = 1 + int(np.argmax(decided)) if decided.any() else None
        assert slow == (found if found is not None and found <= 100 else None)
        seen.add(slow)
    assert len(seen) > 3
    assert None in seen or delta


def test_subjects_alone_can_leave_it_open():
    assert further_seeds(0.1, 0.0, spread_of(0.1, 0.1, 24.0), 5, Tukey(7), 0.05) is None
    assert further_seeds(0.1, 0.0, spread_of(0.1, 0.0, 24.0), 5, Tukey(7), 0.05) is not None


def test_no_difference_and_no_delta():
    assert further_seeds(0.0, 0.0, spread_of(0.1, 0.0, 24.0), 5, Tukey(7), 0.05) is None
    assert further_seeds(0.0, 0.1, spread_of(0.1, 0.0, 24.0), 5, Tukey(7), 0.05) > 100


def test_more_than_anybody_plans():
    assert further_seeds(1e-3, 0.0, spread_of(1.0, 0.0, 24.0), 5, Tukey(7), 0.05) > MOST_SEEDS
