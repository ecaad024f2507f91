import numpy as np
import pytest
import torch

from resemblance.comparison.subjects import interval_of_mean, moved, over_subjects, unmoved
from resemblance.metrics.replicates import replicates
from resemblance.metrics.uncertainty import Influence, interval
from tests.comparison.simulated import World


def test_a_replicate_is_brought_back_to_the_scale_of_the_figure():
    subjects = torch.tensor([0.03, -0.02, 0.01, -0.01, -0.01]).double()
    for value in (0.2, 0.9, 0.99, 0.01):
        influence = Influence(subjects * value * (1 - value) * 10, 0.0, 5)
        drawn = replicates([value], [influence], torch.arange(5)).numpy()
        variance = moved(np.array([[value]]), drawn[None]).var(ddof=1)
        # 1,000 draws know a variance to 4.5 %; that of the replicates as they are is up to a third off here.
        assert variance == pytest.approx(influence.variance, rel=0.12)


def test_the_variance_of_a_difference_is_that_of_the_difference():
    """Replicates of two figures, subtracted, against the cluster-robust variance of the difference of the rates."""
    generator = np.random.default_rng(0)
    rates = 0.8 + 0.1 * generator.standard_normal((1, 200)) + 0.05 * generator.standard_normal((2, 200))
    values = rates.mean(1)
    influences = [Influence(torch.from_numpy((row - row.mean()) / 199), 0.0, 200) for row in rates]
    drawn = replicates(values.tolist(), influences, torch.arange(200)).numpy()
    found = over_subjects(moved(values[:, None], drawn[:, None]))
    assert found.given_trainings[0, 1] == pytest.approx(np.var(rates[0] - rates[1], ddof=1) / 200, rel=0.15)
    assert found.besides_seeds[0, 1] == found.given_trainings[0, 1]  # one seed: nothing is known of what is within


def test_what_belongs_to_single_trainings_is_not_counted_twice():
    """E[besides_seeds] is 2 · loss_subject² / subjects, whatever the subjects do to each training by itself."""
    world = World([0.5, 0.5], subjects=100, subject=0.1, loss_subject=0.06, training_subject=0.1)
    generator = np.random.default_rng(1)
    given, besides = [], []
    for _ in range(150):
        measured = world.draw(generator)
        found = over_subjects(moved(measured.values, measured.replicates))
        given.append(found.given_trainings[0, 1])
        besides.append(found.besides_seeds[0, 1])
    assert np.mean(besides) == pytest.approx(2 * 0.06**2 / 100, rel=0.06)
    assert np.mean(given) == pytest.approx(2 * (0.06**2 + 0.1**2 / 5) / 100, rel=0.06)


def test_naive_loops_agree():
    moves = np.random.default_rng(2).standard_normal((3, 4, 50))
    moves -= moves.mean(-1, keepdims=True)
    found = over_subjects(moves)
    for i in range(3):
        for j in range(3):
            difference = moves[i] - moves[j]
            given = np.var(difference.mean(0), ddof=1)
            within = np.mean([np.var(difference[:, b], ddof=1) for b in range(50)])
            assert found.given_trainings[i, j] == pytest.approx(given)
            assert found.besides_seeds[i, j] == pytest.approx(max(0, given - within / 4))


def test_the_interval_of_one_training_is_that_in_its_files():
    influence = Influence(torch.from_numpy(np.random.default_rng(3).normal(0, 0.001, 60)), 0.0, 60)
    drawn = replicates([0.95], [influence], torch.arange(60)).numpy()
    values = np.array([[0.95]])
    ours = interval_of_mean(values[0], moved(values, drawn[None])[0], influence.degrees_of_freedom)
    theirs = interval(0.95, influence)
    width = theirs.high - theirs.low
    # Theirs has the centring of a rate's own bias besides; 1,000 draws know a width to 2 %.
    assert ours.high - ours.low == pytest.approx(width, rel=0.07)
    assert (ours.low, ours.high) == pytest.approx((theirs.low, theirs.high), abs=0.07 * width)


@pytest.mark.parametrize("value", [0.0, 1.0])
def test_a_figure_at_its_end_moves_nowhere(value):
    values, drawn = np.full((2, 3), value), np.full((2, 3, 20), value)
    moves = moved(values, drawn)
    assert (moves == 0).all()
    assert interval_of_mean(values[0], moves[0], 50) is None
    assert over_subjects(moves).given_trainings.max() == 0


def test_replicates_that_rounding_has_put_at_an_end_are_finite():
    moves = moved(np.array([[0.5]]), np.array([[[0.0, 1.0, 0.5]]]))
    assert np.isfinite(moves).all()


def test_of_whom_nothing_is_known():
    values = np.array([[0.9, 1.0, 0.25, 0.7, 0.0]])
    drawn = np.repeat(values[..., None], 5, axis=2)
    drawn[0, 0] += 1e-9 * np.arange(5)
    drawn[0, 3] = np.nan
    for moves in (drawn, moved(values, drawn)):
        assert unmoved(values, moves).tolist() == [[False, True, True, True, True]]


@pytest.mark.parametrize("other", [1.0, 0.25])
def test_one_training_of_which_nothing_is_known_leaves_the_mean_without_an_interval(other):
    values = np.array([0.9, other])
    moves = np.random.default_rng(4).normal(0, 0.01, (2, 50))
    assert interval_of_mean(values[:1], moves[:1], 50) is not None
    moves[1] = 0
    assert interval_of_mean(values, moves, 50) is None
