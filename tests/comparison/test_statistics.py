from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from scipy.stats import ttest_rel

from resemblance.comparison.findings import Bounds, Verdict
from resemblance.comparison.measured import Measured
from resemblance.comparison.statistics import compare_figure
from tests.comparison.simulated import World

NAMES = tuple("abcdefgh")


def measured(values, replicates=None, **settings):
    values = np.asarray(values, dtype=np.float64)
    seeds = tuple(range(values.shape[1]))
    degrees = None if replicates is None else 60.0
    return Measured("test/auc", "AUC", NAMES[: len(values)], seeds, values, replicates, degrees, **settings)


def noise(k, n, seed=0, scale=0.01):
    return 0.9 + scale * np.random.default_rng(seed).standard_normal((k, n))


def drawn(values, seed=0, scale=0.1):
    """Replicates: each contestant's subjects move its trainings alike, on the scale of the logit."""
    generator = np.random.default_rng(seed)
    logits = np.log(values / (1 - values))[..., None]
    return 1 / (1 + np.exp(-logits - scale * generator.standard_normal((len(values), 1, 300))))


def by_pair(findings):
    return {frozenset((d.first, d.second)): d for d in findings.differences}


def test_two_contestants_without_replicates_are_a_paired_t():
    values = noise(2, 6)
    (found,) = compare_figure(measured(values), 0.0).differences
    first, second = (values[NAMES.index(name)] for name in (found.first, found.second))
    theirs = ttest_rel(first, second)
    interval = theirs.confidence_interval()
    assert found.p == pytest.approx(theirs.pvalue)
    assert (found.low, found.high) == pytest.approx((interval.low, interval.high))
    assert (found.low, found.high) == (found.over_seeds.low, found.over_seeds.high)
    assert found.over_subjects is None


def test_orders_and_signs():
    values = noise(4, 5) + 0.02 * np.array([1, 3, 0, 2])[:, None]
    up, down = (compare_figure(measured(values, higher_is_better=higher), 0.0) for higher in (True, False))
    assert [s.contestant for s in up.standings] == ["b", "d", "a", "c"]
    assert [s.contestant for s in down.standings] == ["c", "a", "d", "b"]
    assert [(d.first, d.second) for d in up.differences] == [
        *(("b", other) for other in "dac"),
        *(("d", other) for other in "ac"),
        ("a", "c"),
    ]
    assert all(d.estimate > 0 for d in up.differences)
    assert all(d.estimate < 0 for d in down.differences)
    for pair, d in by_pair(up).items():
        mirrored = by_pair(down)[pair]
        assert (mirrored.low, mirrored.high) == pytest.approx((-d.high, -d.low))
        assert (mirrored.verdict, mirrored.more_seeds) == (d.verdict, d.more_seeds)


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("delta", [0.0, 0.01, 0.1])
def test_what_always_holds(seed, delta):
    generator = np.random.default_rng(seed)
    k, n = int(generator.integers(2, 8)), int(generator.integers(2, 7))
    values = noise(k, n, seed) + 0.01 * np.arange(k)[:, None]
    found = compare_figure(measured(values, drawn(values, seed) if seed % 2 else None), delta)
    assert len(found.differences) == k * (k - 1) // 2
    means = [standing.mean for standing in found.standings]
    assert all(one >= other for one, other in pairwise(means))
    for d in found.differences:
        assert d.low <= d.estimate <= d.high
        assert d.low <= d.over_seeds.low
        assert d.over_seeds.high <= d.high
        assert (d.p < 0.05) == (d.verdict is Verdict.BETTER) == (d.low > 0)
        inside = -delta < d.low and d.high < delta
        assert (d.verdict is Verdict.EQUIVALENT) == (inside and d.low <= 0)
        assert (d.more_seeds is None) or (d.verdict is Verdict.UNDECIDED and d.more_seeds >= 1)
        assert d.verdict is not Verdict.UNDECIDED or d.more_seeds is not None or d.note
    assert found.resolution > 0


def test_more_seeds_are_those_that_decide():
    """With the same means and variances at n + more_seeds the verdict is there, and one seed earlier it is not."""
    pattern = np.array([1.0, -1.0, 1.0, -1.0])
    values = np.array([0.9 + 0.01 * pattern, 0.893 - 0.01 * pattern])
    (d,) = compare_figure(measured(values), 0.0).differences
    assert d.verdict is Verdict.UNDECIDED

    def with_seeds(n):
        e = np.random.default_rng(0).standard_normal(n)
        e = (e - e.mean()) / e.std(ddof=1) * np.std(values[0] - values[1], ddof=1)
        return compare_figure(measured([0.9 + e, np.full(n, 0.893)]), 0.0).differences[0].verdict

    assert with_seeds(4 + d.more_seeds) is Verdict.BETTER
    assert with_seeds(4 + d.more_seeds - 1) is Verdict.UNDECIDED


def test_subjects_widen_the_interval_and_can_leave_it_open():
    values = noise(3, 5) + 0.03 * np.arange(3)[:, None]
    alone = compare_figure(measured(values), 0.0)
    together = compare_figure(measured(values, drawn(values, scale=1.0)), 0.0)
    assert all(d.verdict is Verdict.BETTER for d in alone.differences)
    assert "only, as there are no replicates" in alone.procedure
    for d in together.differences:
        assert d.verdict is Verdict.UNDECIDED
        assert d.more_seeds is None
        assert "more test subjects are needed" in d.note
        assert d.over_subjects.low < 0 < d.over_subjects.high
    assert "more subjects would narrow it most" in together.resolution_note
    assert together.resolution > alone.resolution


def test_better_within_delta_stays_better_and_says_so():
    values = noise(2, 5, scale=0.0001) + 0.001 * np.arange(2)[:, None]
    (d,) = compare_figure(measured(values), 0.01).differences
    assert d.verdict is Verdict.BETTER
    assert "within ±δ" in d.note


def test_equivalent_within_delta():
    values = noise(2, 5, scale=0.001)
    (d,) = compare_figure(measured(values), 0.05).differences
    assert d.verdict is Verdict.EQUIVALENT
    assert d.more_seeds is None
    assert d.note is None


def test_equivalent_below_delta_says_little():
    values = noise(2, 5, scale=0.001) - 0.89
    (d,) = compare_figure(measured(values), 0.05).differences
    assert d.verdict is Verdict.EQUIVALENT
    assert "Both figures are below δ" in d.note


def test_variances_that_are_not_alike_are_told_and_kept_apart():
    values = noise(5, 6, scale=0.002) + 0.02 * np.arange(5)[:, None]
    values[0] += 0.05 * np.array([1, -1, 1, -1, 1, -1])
    found = compare_figure(measured(values), 0.0)
    assert "Holm" in found.procedure
    assert "not alike" in found.procedure
    widths = {pair: d.high - d.low for pair, d in by_pair(found).items()}
    assert min(width for pair, width in widths.items() if "a" in pair) > 3 * max(
        width for pair, width in widths.items() if "a" not in pair
    )
    for pair, d in by_pair(found).items():
        assert (d.verdict is Verdict.BETTER) == ("a" not in pair)


def test_variances_that_are_alike_are_pooled():
    values = noise(4, 5)
    found = compare_figure(measured(values), 0.0)
    assert "Tukey" in found.procedure
    assert "12 degrees of freedom" in found.procedure
    widths = [d.high - d.low for d in found.differences]
    assert max(widths) == pytest.approx(min(widths))


# What nothing can be said of.


def test_one_seed_is_one_number():
    values = noise(3, 1)
    found = compare_figure(measured(values, drawn(values)), 0.01)
    assert found.resolution is None
    assert "One seed" in found.procedure
    for d in found.differences:
        assert (d.low, d.high, d.over_seeds, d.p, d.more_seeds) == (None, None, None, None, None)
        assert d.verdict is Verdict.UNDECIDED
        assert d.note.startswith("One seed:")
        assert d.over_subjects.low < d.estimate < d.over_subjects.high
    for standing in found.standings:
        assert standing.over_seeds is None
        assert standing.over_subjects is not None


def test_one_contestant_is_a_leaderboard():
    found = compare_figure(measured(noise(1, 5)), 0.01)
    assert found.differences == ()
    assert found.procedure.startswith("One contestant")
    assert found.standings[0].over_seeds is not None


@pytest.mark.parametrize("with_replicates", [True, False])
@pytest.mark.parametrize("others", [0, 1, 4])
def test_the_same_run_twice_has_no_p_and_is_no_better(others, with_replicates):
    once = noise(1 + others, 5) - 0.05 * np.arange(1 + others)[:, None]
    values = np.vstack([once, once[:1]])
    replicates = drawn(once)
    replicates = np.concatenate([replicates, replicates[:1]]) if with_replicates else None
    found = by_pair(compare_figure(measured(values, replicates), 0.01))
    twin = NAMES[1 + others]
    same = found[frozenset(("a", twin))]
    assert (same.estimate, same.p, same.low, same.high, same.over_subjects) == (0, None, None, None, None)
    assert same.verdict is Verdict.UNDECIDED
    assert "same run twice" in same.note
    if not others:
        return
    without = by_pair(compare_figure(measured(once, replicates[:-1] if with_replicates else None), 0.01))
    for pair, d in without.items():
        again = found[pair]
        assert (again.low, again.high, again.p) == pytest.approx((d.low, d.high, d.p))
        if "a" in pair:
            doubled = found[(pair - {"a"}) | {twin}]
            assert (doubled.low, doubled.high, doubled.p) == pytest.approx((d.low, d.high, d.p))


def test_equal_figures_of_other_subjects_are_not_the_same_run():
    values = np.array([[0.9, 0.92, 0.91]] * 2)
    (d,) = compare_figure(measured(values, drawn(values)), 0.01).differences
    assert (d.p, d.low, d.verdict) == (None, None, Verdict.UNDECIDED)
    assert "no variance over seeds" in d.note
    assert d.over_subjects.low < 0 < d.over_subjects.high


def test_a_difference_that_is_always_the_same_has_no_p():
    values = noise(3, 5)
    values[1] = values[0] + 0.25 - 0.2  # rounding, too, is no variance
    found = by_pair(compare_figure(measured(values), 0.0))
    d = found[frozenset("ab")]
    assert (d.p, d.low, d.verdict) == (None, None, Verdict.UNDECIDED)
    assert "same with every seed" in d.note
    assert all(found[frozenset(pair)].p is not None for pair in ("ac", "bc"))


@pytest.mark.parametrize("value", [0.0, 0.5, 1.0])
def test_everything_equal(value):
    values = np.full((3, 4), value)
    found = compare_figure(measured(values, np.full((3, 4, 10), value)), 0.01)
    assert found.resolution is None
    assert "no variance" in found.procedure
    assert all((d.p, d.verdict) == (None, Verdict.UNDECIDED) for d in found.differences)
    assert all(s.over_seeds is None and s.over_subjects is None for s in found.standings)
    assert "a, b, c" in found.notes[0]


def test_one_contestant_at_the_ceiling():
    values = noise(3, 5)
    values[1] = 1.0
    found = compare_figure(measured(values, np.where(values[..., None] == 1, 1.0, drawn(noise(3, 5)))), 0.0)
    assert found.standings[0].contestant == "b"
    assert found.standings[0].over_seeds is None
    assert "b" in found.notes[0]
    for pair, one in by_pair(found).items():
        if "b" in pair:
            assert (one.low, one.p, one.verdict) == (None, None, Verdict.UNDECIDED), "1.0 is no certainty"
            assert one.over_subjects is None
            assert "exactly 0 or 1" in one.note
        else:
            assert np.isfinite([one.low, one.high, one.p]).all()


def test_rates_at_the_ceiling_alone_are_not_judged():
    values = np.array([[1.0, 1.0, 0.99], [0.98, 0.97, 0.98]])
    found = compare_figure(measured(values, np.repeat(values[..., None], 300, axis=2)), 0.0)
    assert found.differences[0].verdict is Verdict.UNDECIDED
    assert "exactly 0 or 1" in found.procedure


@pytest.mark.slow
def test_a_difference_of_delta_is_rarely_called_equivalent():
    """At the edge of ±δ a simultaneous interval lies inside it in 2.5 of 100 studies at most."""
    generator, delta, wrong, studies = np.random.default_rng(5), 0.02, 0, 1000
    for _ in range(studies):
        values = 0.9 + generator.normal(0, 0.01, 5) + generator.normal(0, 0.002, (3, 5))
        values[0] += delta
        pairs = by_pair(compare_figure(measured(values), delta))
        wrong += any(pairs[frozenset(pair)].verdict is Verdict.EQUIVALENT for pair in ("ab", "ac"))
    assert wrong / studies <= 0.04


@pytest.mark.parametrize("runs", [slice(None), slice(1), (slice(None), 2)], ids=["all", "one contestant", "one seed"])
def test_replicates_that_do_not_move_are_no_certainty(runs):
    """Such as rejections that are all failures to acquire, or an AUC where all images are one point."""
    values = noise(3, 5)
    replicates = drawn(values)
    replicates[runs] = values[runs][..., None]
    found = compare_figure(measured(values, replicates), 0.0)
    for pair, one in by_pair(found).items():
        if runs == slice(1) and "a" not in pair:
            assert np.isfinite([one.low, one.p, one.over_subjects.low]).all()
        else:
            assert (one.low, one.p, one.over_subjects, one.verdict) == (None, None, None, Verdict.UNDECIDED)
            assert "no draw of other subjects moves" in one.note
    unknown = [one.over_subjects is None for one in sorted(found.standings, key=lambda one: one.contestant)]
    assert unknown == ([True, False, False] if runs == slice(1) else [True] * 3)
    assert ("no draw of other subjects moves" in found.procedure) == all(unknown)


@pytest.mark.parametrize(("degrees", "written"), [(1709.3, "1,709"), (99.96, "100"), (99.4, "99.4"), (3.0, "3")])
def test_degrees_of_freedom_are_written_as_numbers(degrees, written):
    values = noise(3, 5)
    found = compare_figure(replace(measured(values, drawn(values)), subject_degrees=degrees), 0.0)
    assert f"over test subjects ({written} degrees of freedom)" in found.procedure
    assert "e+" not in found.procedure


def test_two_seeds():
    found = compare_figure(measured(noise(4, 2)), 0.0)
    assert all(d.low < d.estimate < d.high for d in found.differences)
    assert "3 degrees of freedom" in found.procedure


def test_differences_of_rates_end_at_one():
    values = np.array([[0.1, 0.9, 0.4], [0.8, 0.1, 0.5], [0.3, 0.2, 0.95]])
    rates, others = (compare_figure(measured(scale * values), 0.0).differences for scale in (1, 10))
    assert {(d.low, d.high, d.over_seeds) for d in rates} == {(-1.0, 1.0, Bounds(-1.0, 1.0))}
    assert all(d.high > 10 and d.low < -10 for d in others)
    assert [d.p for d in rates] == pytest.approx([d.p for d in others])


@pytest.mark.parametrize("delta", [-0.01, float("nan"), float("inf")])
def test_a_delta_that_is_none(delta):
    with pytest.raises(ValueError, match="δ"):
        compare_figure(measured(noise(2, 2)), delta)


def test_replicates_without_degrees_of_freedom_have_those_of_their_number():
    study = World([0.8, 0.85], subjects=30).draw(np.random.default_rng(0))
    known = compare_figure(replace(study, subject_degrees=999.0), 0.0)
    assert compare_figure(replace(study, subject_degrees=None), 0.0) == known
