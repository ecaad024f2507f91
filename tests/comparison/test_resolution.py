import numpy as np
import pytest
from scipy.stats import studentized_range, wilcoxon

from resemblance.comparison.procedure import _degrees
from resemblance.comparison.resolution import design, resolution
from resemblance.comparison.simultaneous import Holm
from resemblance.comparison.spread import Spread


def test_seven_losses_and_five_seeds():
    found = design(7, 5)
    assert (found.pairs, found.residual_degrees) == (21, 24)
    assert found.holm_t == pytest.approx(6.85, abs=0.005)
    assert found.wilcoxon_p == 0.0625 == wilcoxon([0.1, 0.2, 0.3, 0.4, 0.5]).pvalue
    assert found.smallest_difference == pytest.approx(studentized_range.ppf(0.95, 7, 24) / np.sqrt(5), rel=1e-6)


@pytest.mark.parametrize(("losses", "seeds"), [(2, 2), (3, 4), (5, 10)])
def test_other_designs(losses, seeds):
    found = design(losses, seeds)
    pairs = losses * (losses - 1) // 2
    assert found.residual_degrees == (losses - 1) * (seeds - 1)
    just = np.array([found.holm_t * 1.0001] + [0.0] * (pairs - 1))
    first = Holm().intervals(just, np.ones(pairs), np.full(pairs, seeds - 1.0))
    assert first.p[0] < 0.05 < Holm().intervals(just * 0.999, np.ones(pairs), np.full(pairs, seeds - 1.0)).p[0]
    assert found.wilcoxon_p == wilcoxon(np.arange(1, seeds + 1)).pvalue
    assert f"{losses} losses × {seeds} seeds" in str(found)


@pytest.mark.parametrize(("losses", "seeds"), [(1, 5), (7, 1), (0, 0)])
def test_a_design_that_can_show_nothing(losses, seeds):
    with pytest.raises(ValueError, match="can show nothing"):
        design(losses, seeds)


@pytest.mark.parametrize(
    ("seeds", "subjects", "covers", "told"),
    [
        (3.0, 1.0, True, "75 % of its variance is over the 5 seeds, so more seeds"),
        (1.0, 4.0, True, "80 % of its variance is over the test subjects, so more subjects"),
        (1.0, 0.0, False, "test subjects are not covered"),
    ],
)
def test_what_limits_a_study(seeds, subjects, covers, told):
    spread = Spread(np.full(3, seeds), np.full(3, 8.0), np.full(3, subjects), 40.0)
    typical, note = resolution(np.array([0.01, 0.02, 0.05]), spread, 5, covers)
    assert typical == 0.02
    assert told in note
    assert note.startswith("The typical simultaneous interval is ± 0.02; ")
    assert "could not" not in note  # a pair with a narrower interval can have been decided below it


@pytest.mark.parametrize(("degrees", "told"), [(1.0, "1 degree of"), (1.11, "1.11 degrees of"), (4.0, "4 degrees of")])
def test_degrees_of_freedom_agree_with_their_number(degrees, told):
    assert _degrees(np.array([degrees])) == f"{told} freedom"
