"""A 95 % interval holds the population's figure in 95 of 100 draws of subjects, who have effects of their own."""

import numpy as np
import pytest
import torch

from resemblance.metrics.replicates import replicates
from resemblance.metrics.subject_means import probe_influence
from resemblance.metrics.uncertainty import interval
from tests.metrics.simulated_subjects import all_pairs, pair_list

GEOMETRIC = 1 + np.random.default_rng(7).geometric(0.3, size=60)
DESIGNS = {
    "all pairs": all_pairs(np.full(40, 4), 0.7, 0.3),
    "all pairs, subjects alike": all_pairs(np.full(40, 4), 0.0, 0.0),
    "a list": pair_list(500, 150, 600, 0.7, 0.5),
    "all pairs, more images": all_pairs(np.full(60, 6), 0.7, 0.3),
    "all pairs, subjects very different": all_pairs(np.full(100, 4), 1.5, 0.3),
    "all pairs, images unbalanced": all_pairs(GEOMETRIC, 0.7, 0.3),
    "all pairs, one subject with most": all_pairs(np.array([14] + [4] * 39), 0.7, 0.3),
    "a long list": pair_list(3000, 1000, 4000, 0.7, 0.5),
}
QUICK = ("all pairs", "a list")


@pytest.mark.parametrize("name", QUICK)
def test_few_repetitions(name):
    """400 of them: the share itself has a standard error of 1.1 %."""
    for figure, share in DESIGNS[name].coverage(400, pool=200).items():
        assert 0.92 <= share <= 0.98, figure


@pytest.mark.slow
@pytest.mark.parametrize("name", DESIGNS)
def test_many_repetitions(name):
    for figure, share in DESIGNS[name].coverage(2000, pool=1000).items():
        assert 0.93 <= share <= 0.97, (figure, share)


def draw_probes(random, probes, spread):
    """Hits of probes whose subjects are not equally easy, and the subject of each."""
    ease = 1.5 + spread * random.normal(size=len(probes))
    subjects = np.repeat(np.arange(len(probes)), probes)
    return random.random(len(subjects)) < 1 / (1 + np.exp(-ease[subjects])), subjects


@pytest.mark.parametrize(
    ("probes", "spread"),
    [(np.full(80, 5), 1.5), (np.full(80, 5), 0.0), (GEOMETRIC, 1.5), (np.full(300, 1), 1.0)],
    ids=["clusters", "subjects alike", "unbalanced", "one probe each"],
)
def test_identification_rates(probes, spread):
    random = np.random.default_rng(3)
    truth = np.mean([draw_probes(random, probes, spread)[0].mean() for _ in range(20000)])
    held = 0
    for _ in range(2000):
        hits, subjects = draw_probes(random, probes, spread)
        hits = torch.from_numpy(hits)
        found = interval(float(hits.double().mean()), probe_influence(hits, torch.from_numpy(subjects), len(probes)))
        held += found.low <= truth <= found.high
    assert 0.93 <= held / 2000 <= 0.97


def test_differences_between_two_models():
    """The second model adds noise to the scores of the first; the replicates know what both have in common."""
    design = all_pairs(np.full(40, 4), 0.7, 0.3)
    random = np.random.default_rng(4)
    identities = torch.from_numpy(design.subjects)
    thresholds, _ = design.truth(20)

    def both():
        genuine, impostor = design.draw(random)
        yield genuine, impostor
        yield tuple(
            kind + 0.7 * torch.from_numpy(random.normal(size=len(kind))).float() for kind in (genuine, impostor)
        )

    names = ("auc", "fnmr", "tar_at_far")
    differences, spreads = ({name: [] for name in names} for _ in range(2))
    for _ in range(150):
        found = [design.figures(*model, thresholds) for model in both()]
        for name in names:
            (value, influence), (other, its) = (figures[name] for figures in found)
            drawn = replicates([value, other], [influence, its], identities)
            differences[name].append(value - other)
            spreads[name].append(float((drawn[0] - drawn[1]).std()))
    for name in names:
        moved, spread = np.array(differences[name]), np.array(spreads[name])
        assert spread.mean() == pytest.approx(moved.std(), rel=0.15)
        held = np.mean(np.abs(moved - moved.mean()) <= 1.96 * spread)
        assert 0.91 <= held <= 0.985, name
