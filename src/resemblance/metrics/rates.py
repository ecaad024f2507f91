"""TAR and FAR at one operating point, chosen by the rate of the other: exact, with tied scores as one group.

Terms of ISO/IEC 19795-1 for images that all give an embedding (FTA = 0), where FAR = FMR and TAR = 1 − FNMR. A
comparison is accepted when its score lies strictly above the threshold.
"""

import math
from typing import NamedTuple

import torch
from torch import Tensor

from resemblance.metrics.scores import prepare, up_to


class OperatingPoint(NamedTuple):
    """What a threshold does: ``tar``, the ``far_achieved``, the ``threshold`` and the ``impostor_errors`` above it."""

    tar: float
    far_achieved: float
    threshold: float
    impostor_errors: int


class UnmeasurableRateError(ValueError):
    """A false accept rate below one in the number of impostor comparisons."""


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
        ValueError: for a rate outside 0 < far ≤ 1, and scores as :func:`roc`.
    """
    genuine, impostor = prepare(genuine, impostor)
    allowed = torch.tensor([allowed_impostor_errors(far, len(impostor))], device=impostor.device)
    threshold = _threshold_of(impostor, allowed)
    errors = len(impostor) - int(up_to(impostor, threshold))
    accepted = len(genuine) - int(up_to(genuine, threshold))
    return OperatingPoint(accepted / len(genuine), errors / len(impostor), threshold.item(), errors)


def fnmr_at_fmr(genuine: Tensor, impostor: Tensor, fmr: float) -> float:
    """False non-match rate at the lowest threshold whose false match rate does not exceed ``fmr``: 1 − TAR@FAR.

    >>> fnmr_at_fmr(torch.tensor([0.9, 0.5, 0.4, 0.2]), torch.tensor([0.6, 0.3, 0.1, 0.0]), fmr=0.25)
    0.25

    Raises:
        UnmeasurableRateError: a ValueError, for a rate below 1/I.
        ValueError: for a rate outside 0 < fmr ≤ 1.
    """
    genuine, impostor = prepare(genuine, impostor)
    threshold = _threshold_of(impostor, torch.tensor(allowed_impostor_errors(fmr, len(impostor))))
    return int(up_to(genuine, threshold)) / len(genuine)


def tar_at_impostor_errors(genuine: Tensor, impostor: Tensor, allowed: Tensor) -> Tensor:
    """TAR, float64 [K], at the lowest thresholds that ``allowed`` (int64 [K], 0 … I) impostor errors permit.

    ``tar_at_impostor_errors(g, i, k)`` is ``tar_at_far(g, i, k / len(i)).tar``, for many operating points at once.

    >>> tar_at_impostor_errors(torch.tensor([0.9, 0.5]), torch.tensor([0.6, 0.3]), torch.tensor([0, 1, 2])).tolist()
    [0.5, 1.0, 1.0]
    """
    genuine, impostor = prepare(genuine, impostor)
    return (len(genuine) - up_to(genuine, _threshold_of(impostor, allowed))).double() / len(genuine)


def _threshold_of(impostor: Tensor, allowed: Tensor) -> Tensor:
    """The (allowed + 1)-th largest impostor score, −∞ where all are allowed."""
    place = len(impostor) - 1 - allowed
    return torch.where(place >= 0, impostor[place.clamp(min=0)], -math.inf)
