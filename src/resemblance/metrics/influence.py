"""How far each subject moves a verification figure: error rates, accuracy, AUC, TAR@FAR and EER with its threshold.

All figures are made of averages over the genuine and averages over the impostor comparisons. TAR@FAR and the EER
depend on a threshold that itself is found on the comparisons; its own variation enters through the slope of the ROC.
Comparisons are accepted strictly above a threshold. Scores may be of any order here.
"""

import math
from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor

from resemblance.metrics.scores import ascending
from resemblance.metrics.subject_means import ComparedSubjects, combined
from resemblance.metrics.uncertainty import Influence

TarAt = Callable[[Tensor], Tensor]
"""TAR [K] at the lowest thresholds that int64 [K] impostor errors permit."""
_WINDOW = 2.0
"""Standard errors of log FAR to each side over which the slope of the ROC is taken. Narrower ones make it uncertain:
with 5 impostor errors an interval over one standard error covered 92 % where this one covers 95 %."""


class RateInfluence(NamedTuple):
    """What moves the two rates of a threshold that stays: ``tar`` (and FNMR = 1 − TAR) and ``far`` (FMR)."""

    tar: Influence
    far: Influence


def rate_influence(genuine: Tensor, impostor: Tensor, subjects: ComparedSubjects, threshold: float) -> RateInfluence:
    """Influence on TAR and FAR at a threshold.

    Args:
        genuine: scores [G].
        impostor: scores [I].
        subjects: whose they are.
        threshold: compared in float64.
    """
    return RateInfluence(
        subjects.genuine(genuine.double() > threshold), subjects.impostor(impostor.double() > threshold)
    )


def accuracy_influence(rates: RateInfluence, genuine: int, impostor: int) -> Influence:
    """Influence on (G · TAR + I · (1 − FAR)) / (G + I), at a given threshold or, to first order, at the best one.

    Where accuracy is at its best it does not change with the threshold, so that the threshold's variation vanishes.
    """
    total = genuine + impostor
    return combined([(genuine / total, rates.tar), (-impostor / total, rates.far)])


def auc_influence(genuine: Tensor, impostor: Tensor, subjects: ComparedSubjects) -> Influence:
    """Influence on AUC = P(genuine > impostor) + ½ P(equal): of each score, its share of wins against the other kind.

    Args:
        genuine: scores [G].
        impostor: scores [I].
        subjects: whose they are.
    """
    return combined(
        [
            (1.0, subjects.genuine(share_below(ascending(impostor), genuine))),
            (-1.0, subjects.impostor(share_below(ascending(genuine), impostor))),
        ]
    )


def share_below(scores: Tensor, values: Tensor) -> Tensor:
    """P(score < value) + ½ P(score = value), float64 [V], for ascending scores and values [V]."""
    below, up_to = torch.searchsorted(scores, values), torch.searchsorted(scores, values, right=True)
    return (below + up_to).double() / (2 * len(scores))


def roc_slope(tar_at: TarAt, errors: int, impostor: int, far: Influence) -> float:
    """Slope dTAR / dFAR where the impostors make so many errors: the secant over log FAR ± 2 standard errors.

    Args:
        tar_at: TAR for numbers of impostor errors.
        errors: at the operating point; the slope at none is that at one.
        impostor: I.
        far: influence on the FAR there, for its standard error.
    """
    errors = max(1, errors)
    width = _WINDOW * max(1.0, math.sqrt(far.variance) * impostor) / errors
    spread = math.exp(min(width, math.log(impostor) + 1))  # wider than from 1 to I it can't be, and exp would overflow
    # Not below one error: the highest impostor score of all may lie anywhere.
    few = max(1, round(errors / spread))
    many = min(max(round(errors * spread), few + 1), impostor)
    if many == few:
        return 0.0
    low, high = tar_at(torch.tensor([few, many])).tolist()
    # The threshold that permits k errors leaves (k + ⅔) / I of all impostors above it, in the median.
    return float((high - low) / math.log((many + 2 / 3) / (few + 2 / 3)) / (errors / impostor))


def tar_at_far_influence(
    rates: RateInfluence, tar_at: TarAt, far: float, errors: int, allowed: int, impostor: int
) -> Influence:
    """Influence on TAR@FAR: a subject with impostors above the threshold also raises the threshold.

    δTAR@FAR = δTAR − dTAR/dFAR · δFAR, both rates at the threshold found. That threshold is the (k + 1)-th largest
    impostor score, k = ⌊far · I⌋. It leaves (k + ⅔) / I of all impostors above it in the median, which is more than
    ``far`` by an amount that counts where k is small, and the influence tells the bias.

    Args:
        rates: influence on TAR and FAR at the threshold.
        tar_at: TAR for numbers of impostor errors.
        far: that was asked for.
        errors: impostor scores above the threshold, fewer than k where scores are tied.
        allowed: k.
        impostor: I.
    """
    slope = roc_slope(tar_at, errors, impostor, rates.far)
    bias = slope * ((allowed + 2 / 3) / impostor - far)
    return combined([(1.0, rates.tar), (-slope, rates.far)], bias)


def equal_error_influence(rates: RateInfluence, tar_at: TarAt, errors: int, impostor: int) -> Influence:
    """Influence on the EER, (s · δFAR − δTAR) / (1 + s) with the slope s of the ROC: the rates where they meet.

    Args:
        rates: influence on TAR and FAR at the threshold where FAR = 1 − TAR.
        tar_at: TAR for numbers of impostor errors.
        errors: impostor scores above that threshold.
        impostor: I.
    """
    slope = roc_slope(tar_at, errors, impostor, rates.far)
    return combined([(-1 / (1 + slope), rates.tar), (slope / (1 + slope), rates.far)])
