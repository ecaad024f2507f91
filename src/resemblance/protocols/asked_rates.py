"""TAR at a FAR that is asked for, its threshold, and what the subjects do to both."""

from collections.abc import Sequence
from typing import NamedTuple

from torch import Tensor

from resemblance.metrics import OperatingPoint, allowed_impostor_errors
from resemblance.metrics.counted import CountedScores, counted_tar, counted_tar_at_far, threshold_at
from resemblance.metrics.influence import RateInfluence, TarAt, equal_error_influence, tar_at_far_influence
from resemblance.metrics.uncertainty import Influence


class AskedRate(NamedTuple):
    """A FAR that is asked for.

    Attributes:
        far: the rate.
        allowed: ⌊far · I⌋ impostor errors.
        point: what was found there.
        error: how far above the TAR found the exact one may be.
    """

    far: float
    allowed: int
    point: OperatingPoint
    error: float


def asked_rate(scores: CountedScores, far: float) -> AskedRate:
    """The operating point of a FAR.

    Raises:
        UnmeasurableRateError: for a rate below 1/I.
    """
    point, error = counted_tar_at_far(scores, far)
    return AskedRate(far, allowed_impostor_errors(far, scores.impostor), point, error)


def rates_of_errors(scores: CountedScores, allowed: Tensor) -> list[AskedRate]:
    """The operating points of numbers of impostor errors, int64 [K]."""
    asked = []
    for count, tar, error in zip(
        allowed.tolist(), *(kind.tolist() for kind in counted_tar(scores, allowed)), strict=True
    ):
        threshold, errors = threshold_at(scores, count)
        point = OperatingPoint(tar, errors / scores.impostor, threshold, errors)
        asked.append(AskedRate(count / scores.impostor, count, point, error))
    return asked


def tar_influences(
    scores: CountedScores, asked: Sequence[AskedRate], moved: Sequence[RateInfluence]
) -> list[Influence]:
    """Influence on each TAR@FAR, from that on both rates at its threshold."""
    return [
        tar_at_far_influence(rates, _tar_at(scores), one.far, one.point.impostor_errors, one.allowed, scores.impostor)
        for one, rates in zip(asked, moved, strict=True)
    ]


def eer_influence(scores: CountedScores, moved: RateInfluence, errors: int) -> Influence:
    """Influence on the EER, from that on both rates at its threshold, which so many impostors pass."""
    return equal_error_influence(moved, _tar_at(scores), errors, scores.impostor)


def _tar_at(scores: CountedScores) -> TarAt:
    return lambda allowed: counted_tar(scores, allowed)[0]
