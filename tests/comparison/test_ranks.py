import numpy as np
import pytest
from scipy.stats import binomtest, friedmanchisquare, rankdata

from resemblance.comparison.ranks import friedman, nemenyi, rank

# Demšar (2006), Table 6: ranks of AUC of C4.5, with -m, with -cf, with both, on 14 data sets.
DEMSAR = np.array(
    [
        [4, 3, 2, 1],
        [1, 2, 3, 4],
        [4, 1, 2, 3],
        [4, 1, 3, 2],
        [4, 2, 3, 1],
        [1, 2.5, 4, 2.5],
        [3, 2, 4, 1],
        [2.5, 2.5, 4, 1],
        [4, 3, 2, 1],
        [2.5, 2.5, 2.5, 2.5],
        [4, 2.5, 1, 2.5],
        [3, 2, 4, 1],
        [4, 1, 2, 3],
        [3, 1, 4, 2],
    ]
)
NAMES = ("C4.5", "m", "cf", "m+cf")


def by_set(figures, names=NAMES):
    return {f"set {i}": dict(zip(names, row, strict=True)) for i, row in enumerate(figures)}


def test_the_published_example():
    found = rank("auc", "AUC", by_set(DEMSAR), higher_is_better=False)
    assert {name: round(mean, 3) for name, mean in found.mean_ranks.items()} == {
        "m+cf": 1.964,
        "m": 2.0,
        "cf": 2.893,
        "C4.5": 3.143,
    }
    assert found.critical_difference == pytest.approx(1.25, abs=0.005)
    assert found.groups == (("m+cf", "m", "cf", "C4.5"),)  # 3.143 − 1.964 < 1.25: Nemenyi's test finds nothing


def test_the_published_critical_values():
    # Demšar (2006), Table 5(a), α = 0.05.
    for k, q in zip(range(2, 11), (1.960, 2.343, 2.569, 2.728, 2.850, 2.949, 3.031, 3.102, 3.164), strict=True):
        assert nemenyi(k, 1) / np.sqrt(k * (k + 1) / 6) == pytest.approx(q, abs=1e-3)


def test_friedman_is_scipys():
    generator = np.random.default_rng(0)
    for _ in range(30):
        sets, k = generator.integers(5, 12), generator.integers(3, 8)
        figures = generator.integers(0, 6, (sets, k)).astype(float)
        assert friedman(rankdata(figures, axis=1)) == pytest.approx(friedmanchisquare(*figures.T).pvalue, rel=1e-9)
    assert friedman(DEMSAR) == pytest.approx(friedmanchisquare(*DEMSAR.T).pvalue, rel=1e-9)


@pytest.mark.parametrize(
    ("wins", "ties", "losses", "p"),
    [
        (5, 0, 0, 0.0625),  # five data sets can't tell two contestants apart, whatever is seen
        (6, 0, 0, 0.03125),
        (7, 0, 1, 0.0703125),
        (0, 0, 9, 2 / 512),
        (5, 1, 0, 0.0625),  # a tie too many says nothing
        (6, 2, 1, 0.1796875),  # two are a win each: 7 of 9
        (3, 0, 3, 1),
        (0, 6, 0, 1),
    ],
)
def test_two_contestants_are_told_apart_by_the_sign_test(wins, ties, losses, p):
    found = rank("auc", "AUC", by_set([[2.0, 1.0]] * wins + [[1.0, 1.0]] * ties + [[1.0, 2.0]] * losses, ("a", "b")))
    assert found.p == pytest.approx(p)
    assert found.test == "sign test"
    assert found.groups == (() if p < 0.05 else (tuple(found.mean_ranks),))
    best, worst = found.mean_ranks.values()
    assert (worst - best > found.critical_difference - 1e-9) == (p < 0.05), "what is said agrees with what is drawn"


def test_the_sign_test_is_scipys():
    for number in range(5, 30):
        for wins in range(number + 1):
            figures = by_set([[2.0, 1.0]] * wins + [[1.0, 2.0]] * (number - wins), ("a", "b"))
            assert rank("auc", "AUC", figures).p == pytest.approx(binomtest(wins, number).pvalue)


def test_all_ties_are_nothing_to_see():
    found = rank("auc", "AUC", by_set(np.ones((5, 4))))
    assert found.p == 1
    assert set(found.mean_ranks.values()) == {2.5}


def test_direction_and_groups():
    figures = np.array([[0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3]] * 9)
    names = tuple("abcdefg")
    best = rank("auc", "AUC", by_set(figures, names))
    worst = rank("eer", "EER", by_set(figures, names), higher_is_better=False)
    assert list(best.mean_ranks) == list(names)
    assert list(worst.mean_ranks) == list(reversed(names))
    assert best.critical_difference == pytest.approx(3.0, abs=0.01)  # 2.949 · √(56/54)
    # Ranks of 1 … 7 differ by 3 or less within a run of four, but 3 itself is just below the critical difference.
    assert best.groups == (tuple("abcd"), tuple("bcde"), tuple("cdef"), tuple("defg"))


def test_what_is_told_apart_stands_in_no_group():
    found = rank("auc", "AUC", by_set(np.array([[0.9, 0.1]] * 20), ("a", "b")))
    assert found.groups == ()


def test_fewer_than_five_sets_are_not_ranked():
    assert rank("auc", "AUC", by_set(np.eye(4))) is None


@pytest.mark.parametrize(
    ("figures", "match"),
    [
        ({f"{i}": {"a": 1.0, "b" if i else "c": 2.0} for i in range(5)}, "not the same"),
        ({f"{i}": {"a": 1.0} for i in range(5)}, "fewer than two"),
        ({f"{i}": {"a": 1.0, "b": float("nan")} for i in range(5)}, "not a number"),
    ],
)
def test_what_has_no_rank_is_refused(figures, match):
    with pytest.raises(ValueError, match=match):
        rank("auc", "AUC", figures)
