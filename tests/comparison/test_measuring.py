import numpy as np
import pytest
import torch
from scipy.stats import t

from resemblance.comparison.contestants import gathered
from resemblance.comparison.figures_of import read_replicates
from resemblance.comparison.measuring import measured, subject_degrees
from resemblance.comparison.reading import read_run
from resemblance.errors import DataError
from resemblance.metrics.replicates import replicates
from resemblance.metrics.uncertainty import Influence, interval, interval_over_folds
from resemblance.results import Result, Scalar
from tests.comparison.written import AUC, EER, write_run


@pytest.fixture
def field(tmp_path):
    generator = np.random.default_rng(0)
    for loss, mean in (("cosface", 0.9), ("softmax", 0.8)):
        for seed in (3, 1, 2):
            figures = {AUC: (mean + seed / 100, generator.random(40)), EER: 0.1}
            write_run(tmp_path / f"{loss}{seed}", loss, seed, figures)
    return gathered([read_run(path) for path in sorted(tmp_path.iterdir())])


def test_values_and_replicates_stand_in_the_order_of_contestants_and_seeds(field):
    drawn = {run.path: read_replicates(run, [AUC]) for one in field.contestants for run in one.runs}
    found = measured(AUC, field.contestants, field.seeds, drawn)
    assert found.contestants == ("cosface", "softmax")
    assert found.seeds == (1, 2, 3)
    assert np.allclose(found.values, [[0.91, 0.92, 0.93], [0.81, 0.82, 0.83]])
    assert found.replicates.shape == (2, 3, 40)
    assert np.array_equal(found.replicates[1, 2], read_replicates(field.contestants[1].runs[2], [AUC])[AUC])
    assert (found.label, found.higher_is_better) == ("AUC", True)


def test_without_replicates_of_all_runs_there_are_none(field):
    drawn = {run.path: read_replicates(run, [AUC]) for one in field.contestants for run in one.runs[1:]}
    found = measured(AUC, field.contestants, field.seeds, drawn)
    assert (found.replicates, found.subject_degrees) == (None, None)
    assert not measured(EER, field.contestants, field.seeds).higher_is_better


@pytest.mark.parametrize("value", [0.97, 0.6, 0.05])
@pytest.mark.parametrize("subjects", [6, 15, 60, 400])
def test_degrees_of_freedom_are_found_again_in_an_interval_and_its_replicates(value, subjects):
    generator = torch.Generator().manual_seed(subjects)
    found, truth = [], []
    for _ in range(9):
        pull = torch.randn(subjects, dtype=torch.float64, generator=generator)
        pull[: subjects // 3] *= 3  # some subjects matter more
        influence = Influence(0.01 * pull / subjects**0.5, 0.0, subjects)
        ends = interval(value, influence)
        drawn = replicates([value], [influence], torch.arange(subjects)).numpy()
        scalar = Scalar(value, "x", {"subjects": subjects}, ends.low, ends.high, ends.method)
        found.append(subject_degrees([scalar], drawn))
        truth.append(influence.degrees_of_freedom)
        assert 1 <= found[-1] <= subjects - 1
    # What counts is the quantile: a spread of 1,000 draws is known to 2 %.
    assert t.ppf(0.975, np.median(found)) == pytest.approx(t.ppf(0.975, np.median(truth)), rel=0.05)


def test_a_figure_that_no_subject_moves_has_one_degree_less_than_there_are_subjects():
    scalar = Scalar(1.0, "x", {"subjects": 40}, 0.9, 1.0)
    assert subject_degrees([scalar], np.ones((1, 10))) == 39


def few_matter(subjects=60):
    """A figure with 4.4 degrees of freedom over 60 subjects, of which three make most of the variance."""
    pull = torch.full((subjects,), 1e-3, dtype=torch.float64)
    pull[:3] = torch.tensor([0.03, -0.03, 0.03])
    influence = Influence(pull, 0.0, subjects)
    return influence, replicates([0.9], [influence], torch.arange(subjects)).numpy()


def test_a_run_tells_its_degrees_of_freedom_whatever_its_interval_is_made_of():
    """The width of an interval over folds has nothing to do with how many subjects make the variance over them."""
    influence, drawn = few_matter()
    ends = interval_over_folds([0.86, 0.94, 0.9, 0.88, 0.92])
    scalar = Scalar(0.9, "x", {"subjects": 60}, ends.low, ends.high, ends.method, degrees=influence.degrees_of_freedom)
    assert subject_degrees([scalar], drawn) == influence.degrees_of_freedom < 6


@pytest.mark.parametrize("spread", [1e-4, 0.02, 0.3])
@pytest.mark.parametrize(("subjects", "degrees"), [(60, 3), (3, 2)])
def test_an_older_run_with_an_interval_of_another_kind_counts_with_few(spread, subjects, degrees):
    scalar = Scalar(0.9, "x", {"subjects": subjects}, 0.9 - spread, 0.9 + spread / 10, "t over 10 folds")
    assert subject_degrees([scalar], few_matter()[1]) == degrees


def test_a_run_that_no_subject_moves_says_nothing_of_the_others():
    influence, drawn = few_matter()
    moved = Scalar(0.9, "x", {"subjects": 60}, degrees=influence.degrees_of_freedom)
    still = [
        Scalar(1.0, "x", {"subjects": 60}, 0.95, 1.0, degrees=59.0),
        Scalar(0.25, "x", {"subjects": 60}, degrees=59.0),
    ]
    draws = np.concatenate([drawn, np.full_like(drawn, 1.0), np.full_like(drawn, 0.25)])
    assert subject_degrees([moved, *still], draws) == influence.degrees_of_freedom
    assert subject_degrees(still, draws[1:]) == 59


@pytest.mark.parametrize("degrees", ["many", 0.5, True, [3]])
def test_degrees_of_freedom_that_are_none_refuse_the_run(tmp_path, degrees):
    write_run(tmp_path / "run", scalars={AUC: {"degrees": degrees}})
    with pytest.raises(DataError, match="the degrees of 'test/verification/auc' can't be"):
        read_run(tmp_path / "run")


def test_older_runs_are_read():
    found = Result.from_json('{"scalars": {"a": {"value": 0.5, "label": "x"}}, "curves": {}, "tables": {}}')
    assert found.scalars["a"].degrees is None
