"""Verification (1:1) metrics of genuine scores [G] and impostor scores [I]: exact, with tied scores as one group.

Terms of ISO/IEC 19795-1 for images that all give an embedding (FTA = 0), where FAR = FMR and TAR = 1 − FNMR. A
comparison is accepted when its score lies strictly above the threshold, everywhere in this module.

Each function sorts what is not sorted yet: where several figures are wanted, hand over :func:`ascending` scores.
"""

import math
from bisect import bisect_left
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor


class Roc(NamedTuple):
    """Operating points from rejecting all to accepting all, one for each distinct score and one more.

    Attributes:
        thresholds: the distinct scores, descending, then −∞.
        far: float64, share of impostor scores strictly above each threshold, ascending from 0 to 1.
        tar: float64, the same share of the genuine scores.
    """

    thresholds: Tensor
    far: Tensor
    tar: Tensor


class OperatingPoint(NamedTuple):
    """What a threshold does: ``tar``, the ``far_achieved``, the ``threshold`` and the ``impostor_errors`` above it."""

    tar: float
    far_achieved: float
    threshold: float
    impostor_errors: int


class UnmeasurableRateError(ValueError):
    """A false accept rate below one in the number of impostor comparisons."""


def ascending(scores: Tensor) -> Tensor:
    """The scores [N] in ascending order; the same tensor if they are."""
    if (scores[1:] >= scores[:-1]).all():
        return scores
    if scores.is_cpu:  # NumPy's sort makes no array of places: three times as fast, a third of the memory
        return torch.from_numpy(np.sort(scores.numpy()))
    return torch.sort(scores).values


def _checked(scores: Tensor, kind: str) -> Tensor:
    if scores.ndim != 1 or not scores.is_floating_point():
        raise ValueError(
            f"The {kind} scores must be floating-point numbers in one dimension, not {scores.dtype} "
            f"{list(scores.shape)}."
        )
    if len(scores) == 0:
        raise ValueError(f"There are no {kind} scores; a rate needs at least one.")
    if not torch.isfinite(scores).all():
        raise ValueError(f"{int((~torch.isfinite(scores)).sum())} of the {kind} scores are NaN or infinite.")
    return ascending(scores.detach().to(torch.promote_types(scores.dtype, torch.float32)))


def _prepare(genuine: Tensor, impostor: Tensor) -> tuple[Tensor, Tensor]:
    genuine, impostor = _checked(genuine, "genuine"), _checked(impostor, "impostor")
    dtype = torch.promote_types(genuine.dtype, impostor.dtype)
    return genuine.to(dtype), impostor.to(dtype)


def _below(scores: Tensor, values: Tensor) -> Tensor:
    """How many of the ascending scores are less than each value."""
    return torch.searchsorted(scores, values)


def _up_to(scores: Tensor, values: Tensor) -> Tensor:
    """How many of the ascending scores are less than or equal to each value."""
    return torch.searchsorted(scores, values, right=True)


def roc(genuine: Tensor, impostor: Tensor) -> Roc:
    """Every operating point; for millions of scores :func:`tar_at_impostor_errors` on a few is the thriftier way.

    >>> curve = roc(torch.tensor([0.9, 0.5]), torch.tensor([0.5, 0.1]))
    >>> curve.far.tolist(), curve.tar.tolist()
    ([0.0, 0.0, 0.5, 1.0], [0.0, 0.5, 1.0, 1.0])

    Raises:
        ValueError: for no scores of one kind, or scores that are NaN or infinite (as every function here).
    """
    genuine, impostor = _prepare(genuine, impostor)
    scores = torch.cat([genuine, impostor]).unique().flip(0)
    thresholds = torch.cat([scores, scores.new_tensor([-math.inf])])
    far, tar = ((len(kind) - _up_to(kind, thresholds)).double() / len(kind) for kind in (impostor, genuine))
    return Roc(thresholds, far, tar)


def auc(genuine: Tensor, impostor: Tensor) -> float:
    """Area under the ROC curve: P(genuine > impostor) + ½ P(genuine = impostor), the Mann–Whitney statistic.

    The count is made in integers, in O((G + I) log I) time.

    >>> auc(torch.tensor([0.9, 0.5]), torch.tensor([0.5, 0.1]))
    0.875
    """
    genuine, impostor = _prepare(genuine, impostor)
    wins_doubled = int((_below(impostor, genuine) + _up_to(impostor, genuine)).sum())
    return wins_doubled / (2 * len(genuine) * len(impostor))


def equal_error_rate(genuine: Tensor, impostor: Tensor) -> float:
    """The rate at which FAR = FRR, on the straight line between the two neighbouring operating points.

    >>> equal_error_rate(torch.tensor([0.9, 0.5]), torch.tensor([0.5, 0.1]))
    0.25
    """
    genuine, impostor = _prepare(genuine, impostor)

    def rates(score: float) -> tuple[float, float]:
        """FAR and FRR when this score is the least one that is accepted."""
        at = genuine.new_tensor([score])
        far = (len(impostor) - int(_below(impostor, at))) / len(impostor)
        return far, int(_below(genuine, at)) / len(genuine)

    def crossed(scores: Tensor) -> Callable[[int], bool]:
        def at(place: int) -> bool:
            far, frr = rates(scores[place].item())
            return far <= frr

        return at

    # FAR − FRR falls as the threshold rises, so the place where it stops being positive is found by bisection among
    # the scores of each kind; nothing of the size of the ROC is built.
    before, after = [], []
    for scores in (genuine, impostor):
        place = bisect_left(range(len(scores)), True, key=crossed(scores))
        before += [scores[place - 1].item()] if place else []
        after += [scores[place].item()] if place < len(scores) else []
    far_0, frr_0 = rates(max(before))  # there is one: at the least score of all, FAR = 1 and FRR = 0
    far_1, frr_1 = rates(min(after)) if after else (0.0, 1.0)
    weight = (far_0 - frr_0) / (far_0 - frr_0 - far_1 + frr_1)
    return far_0 + weight * (far_1 - far_0)


def allowed_impostor_errors(far: float, impostors: int) -> int:
    """⌊far · impostors⌋ without the floating-point trap: 0.29 · 100 is 28.999999999999996 and allows 29 errors.

    >>> allowed_impostor_errors(0.29, 100), math.floor(0.29 * 100)
    (29, 28)

    Raises:
        ValueError: for a rate outside 0 < far ≤ 1.
        UnmeasurableRateError: for a rate below 1 / impostors.
    """
    if not 0 < far <= 1:
        raise ValueError(f"A false accept rate lies above 0 and is at most 1, not {far}.")
    # A typed rate k/I and the quotient k / I round to the same number, so quotients decide.
    allowed = math.floor(far * impostors)
    while (allowed + 1) / impostors <= far:
        allowed += 1
    while allowed / impostors > far:
        allowed -= 1
    if allowed == 0:
        raise UnmeasurableRateError(
            f"FAR={far:g} can't be measured with {impostors} impostor comparisons; the smallest rate is "
            f"1/{impostors} = {1 / impostors:.2g}."
        )
    return allowed


def tar_at_far(genuine: Tensor, impostor: Tensor, far: float) -> OperatingPoint:
    """TAR at the lowest threshold whose FAR does not exceed ``far``.

    With I impostor scores a comparison is accepted strictly above the (⌊far·I⌋ + 1)-th largest of them. Ties at that
    score are all rejected, so the achieved FAR is at most ``far``.

    >>> tar_at_far(torch.tensor([0.9, 0.5, 0.2]), torch.tensor([0.6, 0.3, 0.1, 0.0]), far=0.25)._asdict()
    ... # doctest: +NORMALIZE_WHITESPACE
    {'tar': 0.6666666666666666, 'far_achieved': 0.25, 'threshold': 0.30000001192092896, 'impostor_errors': 1}

    Raises:
        UnmeasurableRateError: a ValueError, for a rate below 1/I.
        ValueError: for a rate outside 0 < far ≤ 1.
    """
    genuine, impostor = _prepare(genuine, impostor)
    allowed = torch.tensor([allowed_impostor_errors(far, len(impostor))], device=impostor.device)
    threshold = _threshold_of(impostor, allowed)
    errors = len(impostor) - int(_up_to(impostor, threshold))
    accepted = len(genuine) - int(_up_to(genuine, threshold))
    return OperatingPoint(accepted / len(genuine), errors / len(impostor), threshold.item(), errors)


def tar_at_impostor_errors(genuine: Tensor, impostor: Tensor, allowed: Tensor) -> Tensor:
    """TAR, float64 [K], at the lowest thresholds that ``allowed`` (int64 [K], 0 … I) impostor errors permit.

    ``tar_at_impostor_errors(g, i, k)`` is ``tar_at_far(g, i, k / len(i)).tar``, for many operating points at once.

    >>> tar_at_impostor_errors(torch.tensor([0.9, 0.5]), torch.tensor([0.6, 0.3]), torch.tensor([0, 1, 2])).tolist()
    [0.5, 1.0, 1.0]
    """
    genuine, impostor = _prepare(genuine, impostor)
    return (len(genuine) - _up_to(genuine, _threshold_of(impostor, allowed))).double() / len(genuine)


def _threshold_of(impostor: Tensor, allowed: Tensor) -> Tensor:
    """The (allowed + 1)-th largest impostor score, −∞ where all are allowed."""
    place = len(impostor) - 1 - allowed
    return torch.where(place >= 0, impostor[place.clamp(min=0)], -math.inf)


def balanced_threshold(genuine: Tensor, impostor: Tensor) -> float:
    """The threshold with the best mean of TAR and 1 − FAR, midway between the two scores that it parts.

    Of several equally good ones the highest is taken, which accepts the fewest impostors. The mean does not depend
    on how many comparisons there are of each kind, so a threshold found on all pairs serves a balanced list.

    >>> round(balanced_threshold(torch.tensor([0.9, 0.5, 0.4]), torch.tensor([0.3, 0.1])), 6)
    0.35
    """
    genuine, impostor = _prepare(genuine, impostor)
    # The best point accepts down to some genuine score: going lower up to the next one only adds impostors.
    rejected_genuine, rejected_impostors = _below(genuine, genuine), _below(impostor, genuine)
    gain = rejected_impostors * len(genuine) - rejected_genuine * len(impostor)  # integers: ties are exact
    least_accepted = genuine[int((gain == gain.max()).nonzero()[-1])]
    accepted = least_accepted.item()
    lower = [int(_below(scores, least_accepted)) for scores in (genuine, impostor)]
    rejected = [scores[n - 1].item() for scores, n in zip((genuine, impostor), lower, strict=True) if n]
    if not rejected:  # accepting everything is best
        return math.nextafter(accepted, -math.inf)
    middle = (max(rejected) + accepted) / 2
    return middle if middle < accepted else max(rejected)  # neighbouring numbers have nothing between them


def accuracy_at(threshold: float, genuine: Tensor, impostor: Tensor) -> float:
    """Share of the comparisons that the threshold decides rightly: (accepted genuine + rejected impostor) / (G + I).

    >>> accuracy_at(0.35, torch.tensor([0.9, 0.3]), torch.tensor([0.1, 0.2]))
    0.75
    """
    genuine, impostor = _prepare(genuine, impostor)
    # In float64, for a threshold midway between two neighbouring float32 numbers would be rounded to one of them.
    right = int((genuine.double() > threshold).sum()) + int((impostor.double() <= threshold).sum())
    return right / (len(genuine) + len(impostor))
