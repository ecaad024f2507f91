"""Do the intervals cover what they claim to? Studies whose truth is known, most of them read from run directories.

The shares that docs/statistics.md states are those of the slow tests here.
"""

import io
import shutil
import sys
from collections.abc import Callable

import numpy as np
import pytest
from rich.console import Console

from resemblance.comparison.command import compare
from resemblance.comparison.findings import Findings, Verdict
from resemblance.comparison.statistics import compare_figure
from tests.comparison.simulated import World
from tests.comparison.simulated_runs import RATE, write_simulated

TWO = World([0.9, 0.88])
SEVEN_EQUAL = World([0.9] * 7)
SEVEN = World(list(np.linspace(0.75, 0.9, 7)))


class Tally:
    """What came out of many studies."""

    def __init__(self) -> None:
        self.covered: list[bool] = []
        self.false_better: list[bool] = []
        self.separate: list[bool] = []
        self.better: list[bool] = []

    def count(self, findings: Findings, truth: dict[str, float]) -> None:
        """One study: whether all intervals hold the true differences, and whether any *better* is false."""
        true = [truth[d.first] - truth[d.second] for d in findings.differences]
        covered = [d.low <= value <= d.high for d, value in zip(findings.differences, true, strict=True)]
        better = [d.verdict is Verdict.BETTER for d in findings.differences]
        self.covered.append(all(covered))
        self.better.append(any(better))
        self.false_better.append(any(b and value <= 1e-12 for b, value in zip(better, true, strict=True)))
        self.separate.append("Holm" in findings.procedure)

    def __str__(self) -> str:
        return (
            f"{len(self.covered)} studies: all covered {np.mean(self.covered):.3f}, any false better "
            f"{np.mean(self.false_better):.3f}, separate variances {np.mean(self.separate):.2f}"
        )


@pytest.fixture
def compared(tmp_path) -> Callable[..., Findings]:
    """Write a study as run directories and let ``compare`` read them."""

    def run(world, generator, copied=0):
        write_simulated(tmp_path / "study", world, generator, copied)
        config = {"runs": str(tmp_path / "study"), "figures": {RATE: 0.005}, "formats": ["csv"]}
        study = compare(config, tmp_path / "out", console=Console(file=io.StringIO()))
        shutil.rmtree(tmp_path / "study")
        (of,) = study.test_sets
        assert not study.refused
        assert not of.warnings
        (findings,) = of.findings
        return findings, {one.name: one.runs[0].config["loss"]["number"] for one in of.contestants}

    return run


def tally(compared, world, repetitions, seed=0):
    found, generator = Tally(), np.random.default_rng(seed)
    for _ in range(repetitions):
        findings, numbers = compared(world, generator)
        found.count(findings, {name: world.truth()[number] for name, number in numbers.items()})
    sys.stdout.write(f"{found}\n")  # pytest -s shows it
    return found


@pytest.mark.parametrize(
    ("world", "needed"),
    [
        (World([0.8, 0.78], training=0.03, loss_subject=0.03), "over_seeds"),
        (World([0.8, 0.78], training=0.003, loss_subject=0.1), "over_subjects"),
    ],
)
def test_a_few_studies_of_two_losses(compared, world, needed):
    """An interval that lacked seeds, or subjects, would miss in half of the studies where these are what varies."""
    generator = np.random.default_rng(0)
    covered = {"both": 0, "over_seeds": 0, "over_subjects": 0}
    for _ in range(20):
        findings, numbers = compared(world, generator)
        (d,) = findings.differences
        true = world.truth()[numbers[d.first]] - world.truth()[numbers[d.second]]
        covered["both"] += d.low <= true <= d.high
        covered["over_seeds"] += d.over_seeds.low <= true <= d.over_seeds.high
        covered["over_subjects"] += d.over_subjects.low <= true <= d.over_subjects.high
    other = "over_subjects" if needed == "over_seeds" else "over_seeds"
    assert covered["both"] >= 18
    assert covered[needed] >= 16
    assert covered[other] <= 14


def test_a_few_studies_of_seven_equal_losses(compared):
    found = tally(compared, SEVEN_EQUAL, 8)
    assert sum(found.false_better) <= 1  # of pairs judged one by one, more than half of the studies have one


@pytest.mark.parametrize("world", [TWO, SEVEN_EQUAL], ids=["two", "seven"])
def test_the_same_runs_twice(compared, world):
    """Trained again with the same seeds: no p-value between the two, no *better*, and nothing else changes by it."""
    findings, numbers = compared(world, np.random.default_rng(3), copied=1)
    first, twin = (next(n for n, number in numbers.items() if number == place) for place in (0, len(world.levels)))
    pairs = {frozenset((d.first, d.second)): d for d in findings.differences}
    same = pairs[frozenset((first, twin))]
    assert (same.p, same.low, same.high, same.more_seeds) == (None, None, None, None)
    assert same.verdict is Verdict.UNDECIDED
    assert "same run twice" in same.note
    for other in set(numbers) - {first, twin}:
        one, again = pairs[frozenset((first, other))], pairs[frozenset((twin, other))]
        assert (one.low, one.high, one.p, one.verdict) == (again.low, again.high, again.p, again.verdict)


@pytest.mark.slow
def test_a_thousand_studies_of_two_losses(compared):
    assert np.mean(tally(compared, TWO, 1000, seed=1).covered) == pytest.approx(0.95, abs=0.02)


@pytest.mark.slow
def test_a_thousand_studies_of_seven_equal_losses(compared):
    found = tally(compared, SEVEN_EQUAL, 1000, seed=2)
    assert np.mean(found.false_better) <= 0.064
    assert np.mean(found.covered) == pytest.approx(0.95, abs=0.02)


@pytest.mark.slow
def test_a_thousand_studies_of_seven_losses(compared):
    assert np.mean(tally(compared, SEVEN, 1000, seed=3).covered) == pytest.approx(0.95, abs=0.02)


OTHERS = {
    "two losses, three seeds": (World([0.9, 0.88], 3), (0.93, 0.985)),
    "two losses, two seeds": (World([0.9, 0.88], 2), (0.91, 0.985)),
    "three losses": (World([0.9, 0.9, 0.9]), (0.93, 0.975)),
    "seven losses, three seeds": (World([0.9] * 7, 3), (0.93, 0.985)),
    "no subjects": (World([0.9] * 7, subject=0, loss_subject=0, training_subject=1e-9), (0.92, 0.97)),
    "no loss × subject": (World([0.8] * 7, loss_subject=0, training_subject=0.1), (0.92, 0.975)),
    "subjects above all": (World([0.8] * 7, loss_subject=0.1, training=0.003), (0.93, 0.98)),
    "no effect of the seed itself": (World([0.9] * 7, block=0), (0.93, 0.98)),
    "few subjects": (World([0.9] * 7, subjects=20), (0.93, 0.985)),
    "near the ceiling": (
        World(
            list(np.linspace(2.5, 4, 7)),
            block=0.3,
            training=0.3,
            subject=1,
            loss_subject=1,
            training_subject=1,
            logistic=True,
        ),
        (0.9, 0.985),
    ),
    "one loss with four times the spread": (World([0.7] * 7, training=[0.04] + [0.01] * 6), (0.92, 0.985)),
    "three losses with four times the spread": (World([0.7] * 7, training=[0.04] * 3 + [0.01] * 4), (0.92, 0.985)),
}


@pytest.mark.slow
@pytest.mark.parametrize("design", OTHERS)
def test_other_designs(design):
    world, (low, high) = OTHERS[design]
    found, generator = Tally(), np.random.default_rng(list(OTHERS).index(design))
    truth = dict(zip(world.names, world.truth(), strict=False))
    for _ in range(500):
        found.count(compare_figure(world.draw(generator), 0.0), truth)
    sys.stdout.write(f"{design}: {found}\n")
    assert low <= np.mean(found.covered) <= high
