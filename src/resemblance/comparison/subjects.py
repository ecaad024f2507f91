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
_NO_SPREAD = 1e-14
"""What is no more than this is rounding: a single error in 10¹² comparisons moves a figure further."""


@dataclass(frozen=True)
class OverSubjects:
    """Variances over subjects of the difference of two means over seeds, float64 [K, K] each.

    Attributes:
        given_trainings: with these trainings: what other subjects would have shown of these very networks.
        besides_seeds: the part that no number of seeds takes away. Each training has subjects of its own that it does
            badly on, and they differ from seed to seed; that part of ``given_trainings`` is 1/n of the variance
            between the seeds of one draw of subjects, averaged over the draws, and the variance over seeds holds it
            already. Counted twice it made intervals a third too wide. Never below 0.
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
    between_seeds = np.zeros_like(given)
    for i in range(contestants):
        given[i] = (means[i] - means).var(1, ddof=1)
        if seeds > 1:
            between_seeds[i] = (moves[i] - moves).var(1, ddof=1).mean(1)
    return OverSubjects(given, np.maximum(0.0, given - between_seeds / seeds))


def unmoved(values: np.ndarray, drawn: np.ndarray) -> np.ndarray:
    """Of which figures nothing is known for other subjects: no draw of them moves it, or it is a rate of 0 or 1.

    That is no certainty. So it is with a rate of rejection whose every rejection is a failure to acquire, and with the
    AUC of a network that maps all images to one point.

    Args:
        values: float64 [...].
        drawn: float64 [..., B], their replicates or how far these move them; NaN for a run that has none.

    Returns:
        bool [...].
    """
    return ~(np.ptp(drawn, -1) > _NO_SPREAD) | (values == 0) | (values == 1)


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


def interval_of_mean(values: np.ndarray, moves: np.ndarray, degrees: float) -> Bounds | None:
    """For other subjects: the figure's mean over its trainings ± t · standard error on the scale of the logit.

    Args:
        values: float64 [n] of one contestant.
        moves: float64 [n, B].
        degrees: of freedom of the variance over subjects.

    Returns:
        None where of any training nothing is known for other subjects, see :func:`unmoved`.
    """
    mean = float(values.mean())
    if unmoved(values, moves).any() or not 0 < mean < 1:
        return None
    half = float(t_above(ALPHA, degrees)) * float(moves.mean(0).std(ddof=1)) / (mean * (1 - mean))
    return Bounds(float(expit(logit(mean) - half)), float(expit(logit(mean) + half)))
