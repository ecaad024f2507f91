"""A run without replicates must not make everybody's intervals shorter."""

import numpy as np
import pytest

from resemblance.comparison.coverage import covered
from resemblance.comparison.findings import Verdict
from resemblance.comparison.lacking import lacking
from resemblance.comparison.runs import Run
from resemblance.comparison.study import Contestant
from resemblance.comparison.studying import study_of
from resemblance.tracking.paths import RunPaths
from tests.comparison.written import AUC, write_run

LOSSES = ("a", "b", "c")


def field(seeds, losses=LOSSES):
    return [
        Contestant(loss, loss, tuple(Run(RunPaths(f"{loss}/{seed}"), {}, seed, {}, None) for seed in seeds), {})
        for loss in losses
    ]


def drawn(contestants, numbers=None, number=9):
    """Replicates of all runs; of some, by their directory, another number, 0 for none."""
    found = {}
    for one in contestants:
        for run in one.runs:
            many = (numbers or {}).get(str(run.path), number)
            found[run.path] = {AUC: np.zeros(many)} if many else {}
    return found


def told(of):
    return [one.name for one in of.contestants], of.seeds, bool(of.replicates)


def found(seeds, numbers, losses=LOSSES):
    contestants = field(seeds, losses)
    of = covered(AUC, "AUC", contestants, seeds, drawn(contestants, numbers))
    assert all(one.seeds == of.seeds for one in of.contestants)
    return of


def test_where_all_have_replicates_or_none_has_nothing_is_said():
    for number in (9, 0):
        contestants = field((0, 1, 2))
        of = covered(AUC, "AUC", contestants, (0, 1, 2), drawn(contestants, number=number))
        assert told(of) == (["a", "b", "c"], (0, 1, 2), number > 0)
        assert of.told == ()


@pytest.mark.parametrize("number", [0, 5])
def test_the_seed_of_one_run_without_them_is_left_out(number):
    of = found((0, 1, 2, 3, 4), {"b/3": number})
    assert told(of) == (["a", "b", "c"], (0, 1, 2, 4), True)
    (sentence,) = of.told
    assert sentence.startswith("AUC is compared without seed 3: 'b/3' has")
    assert ("no replicates" if number == 0 else "not the 9 replicates") in sentence


def test_a_contestant_without_any_is_left_out():
    of = found((0, 1, 2, 3), {f"c/{seed}": 0 for seed in range(4)} | {"a/1": 0})
    assert told(of) == (["a", "b"], (0, 2, 3), True)
    assert of.told[0].startswith("AUC is compared without c: 'c/0', 'c/1', 'c/2' and 1 more run have no replicates")
    assert of.told[1].startswith("AUC is compared without seed 1: 'a/1' has no replicates")


def test_so_is_one_with_too_few_seeds_to_lose_any():
    assert told(found((0, 1), {"b/1": 0})) == (["a", "c"], (0, 1), True)


@pytest.mark.parametrize("number", [0, 5])
def test_with_one_seed_everybody_stays(number):
    of = found((0,), {"b/0": number})
    assert told(of) == (["a", "b", "c"], (0,), True)
    assert {str(path) for path in of.replicates} == {"a/0", "c/0"}
    (sentence,) = of.told
    assert sentence.startswith("AUC has no interval over test subjects for b: 'b/0' has")
    nobody = found((0,), {f"{loss}/0": 0 for loss in LOSSES})
    assert (told(nobody), nobody.told) == ((["a", "b", "c"], (0,), False), ())


def test_with_one_seed_an_interval_lacks_only_where_the_replicates_do(tmp_path):
    for place, loss in enumerate(("cosface", "softmax", "triplet")):
        auc = 0.9 - place / 100
        draws = auc + np.random.default_rng(place).normal(0, 0.01, 50)
        write_run(tmp_path / "study" / loss, loss, 0, {AUC: auc if loss == "triplet" else (auc, draws)})
    (of,) = study_of(tmp_path / "study", [AUC]).test_sets
    (findings,) = of.findings
    assert [one.over_subjects is None for one in findings.standings] == [False, False, True]
    assert [one.over_subjects is None for one in findings.differences] == [False, True, True]
    assert "Without replicates there is no interval over subjects: triplet (mining=semihard)." in lacking(findings)
    assert not any("other seeds alone" in warning for warning in of.warnings)
    assert any("no interval over test subjects for triplet" in warning for warning in of.warnings)


def test_many_seeds_hit_here_and_there():
    of = found((0, 1, 2, 3), {"a/0": 0, "b/1": 0, "b/2": 0}, ("a", "b", "c", "d"))
    assert told(of) == (["c", "d"], (0, 1, 2, 3), True)


def test_where_nothing_would_be_left_to_compare_other_subjects_are_not_covered():
    of = found((0, 1, 2), {f"b/{seed}": 0 for seed in range(3)}, ("a", "b"))
    assert told(of) == (["a", "b"], (0, 1, 2), False)
    (sentence,) = of.told
    assert sentence.startswith("AUC: other subjects are not covered, and the intervals are for other seeds alone")


@pytest.mark.parametrize("seed", range(60))
def test_whatever_is_lacking_no_run_without_replicates_is_judged_with_them(seed):
    generator = np.random.default_rng(seed)
    seeds = tuple(range(generator.integers(1, 6)))
    losses = tuple("abcde"[: generator.integers(1, 6)])
    share = generator.random()
    numbers = {f"{loss}/{s}": int(generator.choice([0, 5, 9])) for loss in losses for s in seeds
               if generator.random() < share}  # fmt: skip
    contestants = field(seeds, losses)
    replicates = drawn(contestants, numbers)
    of = covered(AUC, "AUC", contestants, seeds, replicates)
    lengths = {len(replicates[run.path].get(AUC, ())) for one in of.contestants for run in one.runs
               if len(seeds) > 1 or run.path in of.replicates}  # fmt: skip
    assert not of.replicates or (len(lengths) == 1 and min(lengths) > 0)
    assert bool(of.told) == (len({len(each.get(AUC, ())) for each in replicates.values()}) > 1)
    assert len(of.contestants) >= min(2, len(losses))
    assert len(of.seeds) >= min(2, len(seeds))


def test_one_file_that_is_gone_decides_nothing(tmp_path):
    """What the subjects leave undecided stays so when a run has no replicates."""
    generator = np.random.default_rng(1)
    for place, loss in enumerate(("cosface", "softmax", "triplet")):
        own = generator.normal(0, 0.03, 300)
        for seed in range(5):
            auc = 0.9 - place / 50 + generator.normal(0, 0.0005)
            draws = np.clip(auc + own, 0.01, 0.99)
            figures = {AUC: auc if (loss, seed) == ("triplet", 2) else (auc, draws)}
            write_run(tmp_path / "study" / f"{loss}{seed}", loss, seed, figures)
    (of,) = study_of(tmp_path / "study", [AUC]).test_sets
    (findings,) = of.findings
    assert findings.seeds == (0, 1, 3, 4)
    assert {one.verdict for one in findings.differences} == {Verdict.UNDECIDED}
    assert all(one.over_subjects is not None for one in findings.standings)
    assert any("AUC is compared without seed 2" in warning and "triplet2' has no" in warning for warning in of.warnings)


def test_damaged_replicates_refuse_their_run_alone(tmp_path):
    for loss in ("cosface", "softmax"):
        for seed in range(4):
            draws = np.linspace(0.8, 0.9, 20)
            if (loss, seed) == ("cosface", 1):
                draws[3] = np.nan
            write_run(tmp_path / "study" / f"{loss}{seed}", loss, seed, {AUC: (0.85 + seed / 100, draws)})
    study = study_of(tmp_path / "study", [AUC])
    ((path, why),) = study.refused.items()
    assert path.endswith("cosface1")
    assert "not all numbers" in why
    assert study.test_sets[0].findings[0].seeds == (0, 2, 3)
