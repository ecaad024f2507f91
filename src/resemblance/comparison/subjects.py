"""How far a difference would move with other test subjects, from the replicates that the runs share.

A replicate is the figure for another draw of the subjects, normal on the scale of the logit. A difference of two
figures is judged on the scale of the figures, so the replicates are brought back to first order,
θ + θ (1 − θ)(logit θ_b − logit θ): their variance is then the cluster-robust one over subjects, which is unbiased,
and not that of a skewed distribution, which with a standard error of 0.5 on the logit scale is half as large again.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import expit, logit

from resemblance.comparison.findings import Bounds
from resemblance.comparison.student import ALPHA, t_above

_NEAREST = 1e-300


@dataclass(frozen=True)
class OverSubjects:
    """Variances over subjects of the difference of two means over seeds, float64 [K, K] each.

    Attributes:
        given_trainings: with these trainings: what other subjects would have shown of these very networks.
        besides_seeds: the part that no number of seeds takes away. Each training has subjects of its own that it does
            badly on, and they differ from seed to seed; that part of ``given_trainings`` is 1/n of the variance
            within a seed, and the variance over seeds holds it already. Counted twice it made intervals a third too
            wide. Never below 0.
    """

    given_trainings: np.ndarray
    besides_seeds: np.ndarray


def over_subjects(moves: np.ndarray) -> OverSubjects:
    """Variances of all differences.

    Args:
        moves: float64 [K, n, B], from :func:`moved`.
    """
    contestants, seeds, _ = moves.shape
    means = moves.mean(1)
    given = np.zeros((contestants, contestants))
    within = np.zeros_like(given)
    for i in range(contestants):
        given[i] = (means[i] - means).var(1, ddof=1)
        if seeds > 1:
            within[i] = (moves[i] - moves).var(1, ddof=1).mean(1)
    return OverSubjects(given, np.maximum(0.0, given - within / seeds))


def moved(values: np.ndarray, replicates: np.ndarray) -> np.ndarray:
    """How far each draw of subjects moves each figure, to first order and centred, float64 [K, n, B].

    Args:
        values: float64 [K, n]; a figure of exactly 0 or 1 has replicates that are all the same, and moves by 0.
        replicates: float64 [K, n, B].

    >>> moved(np.array([[0.5]]), np.array([[[0.5, 0.6, 0.4]]])).round(4).tolist()
    [[[0.0, 0.1014, -0.1014]]]
    """
    inside = ((values > 0) & (values < 1))[..., None]
    within = np.where(inside, values[..., None], 0.5)
    # A replicate that float64 rounds to 0 or 1 is as far out as float64 goes.
    logits = logit(np.clip(replicates, _NEAREST, 1 - np.finfo(np.float64).epsneg))
    linear = np.where(inside, within * (1 - within) * (logits - logit(within)), replicates - values[..., None])
    return linear - linear.mean(-1, keepdims=True)


def interval_of_mean(mean: float, moves: np.ndarray, degrees: float) -> Bounds | None:
    """For other subjects: the figure's mean over its trainings ± t · standard error on the scale of the logit.

    Args:
        mean: over the seeds.
        moves: float64 [n, B] of one contestant.
        degrees: of freedom of the variance over subjects.

    Returns:
        None where nothing moves it, such as a rate of exactly 0 or 1: that is not certainty.
    """
    error = float(moves.mean(0).std(ddof=1))
    if error == 0 or not 0 < mean < 1:
        return None
    half = float(t_above(ALPHA, degrees)) * error / (mean * (1 - mean))
    return Bounds(float(expit(logit(mean) - half)), float(expit(logit(mean) + half)))
