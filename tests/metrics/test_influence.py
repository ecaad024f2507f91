"""Influence on verification figures against recomputing each figure without a subject."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from resemblance.metrics import accuracy_at, auc, equal_error_rate, tar_at_far
from resemblance.metrics.influence import roc_slope
from resemblance.metrics.uncertainty import Influence, interval
from tests.metrics.simulated_subjects import FAR, FIGURES, Scores, all_pairs

DESIGN = all_pairs(np.full(40, 14), 0.8, 0.5)
PEOPLE = 40


@pytest.fixture(scope="module")
def figures():
    """Scores, thresholds, the figures with their influences, and each figure without each subject."""
    thresholds, _ = DESIGN.truth(5)
    genuine, impostor = DESIGN.draw(np.random.default_rng(0))
    found = DESIGN.figures(genuine, impostor, thresholds)
    mine = DESIGN.subjects[DESIGN.genuine[0]]
    ours = DESIGN.subjects[DESIGN.impostor]
    left_out = {name: [] for name in FIGURES}
    for subject in range(PEOPLE):
        kept = genuine[torch.from_numpy(mine != subject)], impostor[torch.from_numpy((ours != subject).all(0))]
        left_out["fnmr"].append(float((kept[0] <= thresholds[0]).double().mean()))
        left_out["fmr"].append(float((kept[1] > thresholds[1]).double().mean()))
        left_out["accuracy"].append(accuracy_at(1.2, *kept))
        left_out["auc"].append(auc(*kept))
        left_out["eer"].append(equal_error_rate(*kept))
        left_out["tar_at_far"].append(tar_at_far(*kept, FAR).tar)
    return found, {name: torch.tensor(values, dtype=torch.float64) for name, values in left_out.items()}


@pytest.mark.parametrize(("name", "sign"), [("fmr", 1), ("fnmr", -1)])
def test_rates_at_a_threshold_move_exactly_so(figures, name, sign):
    """The influence is that on TAR = 1 − FNMR."""
    (value, influence), left_out = figures[0][name], figures[1][name]
    torch.testing.assert_close(sign * influence.by_subject, value - left_out, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize(("name", "within"), [("accuracy", 0.01), ("auc", 0.02), ("eer", 0.3), ("tar_at_far", 0.3)])
def test_other_figures_move_so_to_first_order(figures, name, within):
    """As far as a figure is smooth: EER and TAR@FAR move in steps of a comparison, and their slope is an estimate."""
    (value, influence), left_out = figures[0][name], figures[1][name]
    moved = value - left_out
    assert float((influence.by_subject - moved).norm() / moved.norm()) < within
    assert float(influence.by_subject @ moved / moved.square().sum()) == pytest.approx(1, abs=0.1)


def test_the_thresholds_variation_counts(figures):
    """At a fixed threshold TAR moves otherwise than TAR@FAR, whose influence follows what leaving out does."""
    (value, _), left_out = figures[0]["tar_at_far"], figures[1]["tar_at_far"]
    genuine, impostor = DESIGN.draw(np.random.default_rng(0))
    fixed = DESIGN.compared.genuine(genuine > tar_at_far(genuine, impostor, FAR).threshold)
    moved = value - left_out
    assert float((fixed.by_subject - moved).norm() / moved.norm()) > 0.6


def test_slope_of_a_known_roc():
    """TAR = √FAR: the slope at x is 1 / (2 √x)."""
    far = Influence(torch.full((100,), 1e-5).double(), 0.0, 100)
    slope = roc_slope(lambda errors: (errors.double() / 10**6).sqrt(), 10_000, 10**6, far)
    assert slope == pytest.approx(1 / (2 * 0.1), rel=0.01)


@st.composite
def tied_comparisons(draw):
    """Few subjects, few different scores, all kinds of rates among them 0 and 1."""
    people = draw(st.integers(2, 5))
    levels = st.integers(0, draw(st.integers(0, 4)))
    images = draw(st.lists(st.integers(1, 3), min_size=people, max_size=people).filter(lambda n: max(n) > 1))
    design = all_pairs(np.array(images), 0.0, 0.0)
    kinds = design.genuine.shape[1], design.impostor.shape[1]
    scores = [torch.tensor(draw(st.lists(levels, min_size=n, max_size=n))).float() for n in kinds]
    return Scores(design.subjects, design.genuine, design.impostor, 0, 0), *scores


@given(tied_comparisons())
def test_no_interval_excludes_its_figure(drawn):
    design, genuine, impostor = drawn
    found = design.figures(genuine, impostor, (1.5, 2.0), rate=0.5)
    for value, influence in found.values():
        assert torch.isfinite(influence.by_subject).all()
        ends = interval(value, influence)
        assert 0 <= ends.low <= value <= ends.high <= 1
