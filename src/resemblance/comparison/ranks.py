"""Mean ranks over data sets, after Demšar (2006, JMLR 7): Friedman's test and Nemenyi's critical difference.

Two contestants are compared by the sign test: the others are approximations that claim, of five data sets, more than
five signs can show.
"""

import math
from collections.abc import Mapping

import numpy as np
from scipy.special import bdtrc, chdtrc

from resemblance.comparison.student import ALPHA
from resemblance.comparison.studentized_range import critical
from resemblance.comparison.study import Ranks

FEWEST_DATA_SETS = 5
"""Below, Nemenyi's critical difference is about as wide as the ranking itself: 7 losses on 4 sets differ from 4.5
ranks up, of 6 that are possible."""


def rank(key: str, label: str, means: Mapping[str, Mapping[str, float]], higher_is_better: bool = True) -> Ranks | None:
    """Contestants by their mean rank over data sets; ties share a rank.

    Args:
        key: of the figure.
        label: what a person calls it.
        means: the figure of each contestant by data set, the same contestants on all.
        higher_is_better: whether the largest figure has rank 1.

    Returns:
        None below :data:`FEWEST_DATA_SETS`.

    Raises:
        ValueError: if the data sets have other contestants than each other, fewer than two, or figures that are no
            numbers: a rank among others is another rank.
    """
    if len(means) < FEWEST_DATA_SETS:
        return None
    names = list(next(iter(means.values())))
    if any(set(figures) != set(names) for figures in means.values()):
        raise ValueError(f"{label} can't be ranked: the contestants are not the same on all data sets.")
    if len(names) < 2:
        raise ValueError(f"{label} can't be ranked: there are fewer than two contestants.")
    figures = np.array([[found[name] for name in names] for found in means.values()], dtype=np.float64)
    if not np.isfinite(figures).all():
        raise ValueError(f"{label} can't be ranked: it is not a number on every data set.")
    from scipy.stats import rankdata

    ranks = rankdata(-figures if higher_is_better else figures, axis=1)
    mean_ranks = ranks.mean(0)
    order = np.argsort(mean_ranks, kind="stable")
    if len(names) == 2:
        p, width = sign_test(ranks)
        alike = [(0, 2)] if p >= ALPHA else []
    else:
        p, width = friedman(ranks), nemenyi(len(names), len(means))
        alike = _neighbours(mean_ranks[order], width)
    return Ranks(
        key,
        label,
        tuple(means),
        {names[i]: float(mean_ranks[i]) for i in order},
        width,
        p,
        tuple(tuple(names[i] for i in order[start:end]) for start, end in alike),
    )


def nemenyi(contestants: int, data_sets: int) -> float:
    """The critical difference q √(k(k + 1) / (6N)), q being that of the studentized range at ∞, over √2.

    >>> round(nemenyi(4, 14), 2)  # Demšar 2006, section 3.2.4
    1.25
    """
    q = float(critical(contestants, np.inf)) / math.sqrt(2)
    return q * math.sqrt(contestants * (contestants + 1) / (6 * data_sets))


def friedman(ranks: np.ndarray) -> float:
    """The p-value of Friedman's test, corrected for ties, from χ² with k − 1 degrees of freedom.

    scipy.stats.friedmanchisquare gives no number where all ranks are tied; here they say that there is nothing to
    see: 1.

    Args:
        ranks: float64 [N, k], within each data set.
    """
    sets, k = ranks.shape
    spread = np.square(ranks - (k + 1) / 2).sum()
    if spread == 0:
        return 1.0
    statistic = sets**2 * (k - 1) * np.square(ranks.mean(0) - (k + 1) / 2).sum() / spread
    return float(chdtrc(k - 1, statistic))


def sign_test(ranks: np.ndarray) -> tuple[float, float]:
    """The exact two-sided p-value of two contestants, and the smallest difference of their mean ranks below 5 %.

    Ties are half a win of each; of an odd number of them one is left out (Demšar 2006, section 3.1.4).

    Args:
        ranks: float64 [N, 2], within each data set.

    Returns:
        The difference is beyond what is possible where N data sets can't tell two contestants apart.

    >>> sign_test(np.array([[1.0, 2.0]] * 5)), sign_test(np.array([[1.0, 2.0]] * 10))
    ((0.0625, 1.4), (0.001953125, 0.8))
    """
    leads = np.sign(ranks[:, 1] - ranks[:, 0])
    number = len(leads) - int((leads == 0).sum()) % 2
    wins = np.arange((number + 1) // 2, number + 1)
    p = np.minimum(1, 2 * bdtrc(wins - 1, number, 0.5))
    seen = (number + abs(int(leads.sum()))) // 2
    enough = min(wins[p < ALPHA], default=number + 1)
    return float(p[seen - wins[0]]), float(2 * enough - number) / len(leads)


def _neighbours(ordered: np.ndarray, width: float) -> list[tuple[int, int]]:
    """Maximal runs [start, end) of two or more whose mean ranks differ by the critical difference at most."""
    ends = np.searchsorted(ordered, ordered + width * (1 + 1e-12), side="right")
    runs: list[tuple[int, int]] = []
    for start, end in enumerate(map(int, ends)):
        if end - start > 1 and (not runs or end > runs[-1][1]):
            runs.append((start, end))
    return runs
