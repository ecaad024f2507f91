"""Open-set identification: some probes have no mate in the gallery, and a search may return nobody.

Terms of ISO/IEC 19795-1. A search returns the candidates that score at or above a threshold T. With mated searches of
ranks r and mates' scores m, and non-mated searches with best scores t,

    FNIR(N, R, T) = share of mated searches with r > R or m < T,        TPIR = 1 − FNIR,
    FPIR(N, T)    = share of non-mated searches with t ≥ T.

The detection and identification rate DIR@FAR of the face literature is the TPIR of rank 1 at that FPIR. A closed set
is T = −∞: TPIR is then the CMC.
"""

import math
from typing import NamedTuple

import torch
from torch import Tensor

from resemblance.metrics.influence import RateInfluence, tar_at_far_influence
from resemblance.metrics.rates import UnmeasurableRateError, allowed_impostor_errors
from resemblance.metrics.subject_means import probe_influence
from resemblance.metrics.uncertainty import Influence


class OpenSetPoint(NamedTuple):
    """What a threshold does.

    Attributes:
        tpir: share of the mated searches that find their mate.
        fpir_achieved: share of the non-mated searches that return somebody.
        threshold: the lowest score that is returned.
        false_positives: how many non-mated searches return somebody.
    """

    tpir: float
    fpir_achieved: float
    threshold: float
    false_positives: int


def draw_non_mated(can_probe: Tensor, share: float, seed: int) -> Tensor:
    """Which identities are not enrolled, bool [S], at least one and never all who can be mated probes.

    Args:
        can_probe: bool [S], identities with images left once enrolled; one of them at least, and S ≥ 2.
        share: of the identities with such images, and of those without.
        seed: of the draw.

    >>> draw_non_mated(torch.tensor([True, True, True, True, False, False]), 0.5, seed=0).sum()
    tensor(3)
    """
    generator = torch.Generator().manual_seed(seed)
    outside = torch.zeros_like(can_probe)
    able, unable = can_probe.nonzero().squeeze(1), (~can_probe).nonzero().squeeze(1)
    for group, most in ((able, len(able) - 1), (unable, len(unable))):
        drawn = min(round(share * len(group)), most)
        outside[group[torch.randperm(len(group), generator=generator)[:drawn]]] = True
    if not outside.any():
        outside[unable[0] if len(unable) else able[-1]] = True
    return outside


def fnir(ranks: Tensor, mates: Tensor, threshold: float, rank: int = 1) -> float:
    """Share of the mated searches whose mate is not returned within this rank at or above the threshold.

    Args:
        ranks: int64 [P], of the mates, 1 = first.
        mates: [P], their scores.
        threshold: T.
        rank: R.

    >>> fnir(torch.tensor([1, 2, 1, 1]), torch.tensor([1.0, 0.75, 0.5, 0.25]), threshold=0.5)
    0.5

    Raises:
        ValueError: for no searches, ranks that begin below 1, or scores that are NaN (as every function here).
    """
    _check_mated(ranks, mates)
    return 1 - int(((ranks <= rank) & (mates.double() >= threshold)).sum()) / len(ranks)


def fpir(tops: Tensor, threshold: float) -> float:
    """Share of the non-mated searches with a candidate at or above the threshold.

    Args:
        tops: [M], best score of each.
        threshold: T.

    >>> fpir(torch.tensor([0.5, 0.25, 0.1, 0.0]), threshold=0.25)
    0.5
    """
    return int((_checked(tops).double() >= threshold).sum()) / len(tops)


def allowed_false_positives(rate: float, searches: int) -> int:
    """⌊rate · searches⌋ without the floating-point trap.

    >>> allowed_false_positives(0.29, 100)
    29

    Raises:
        ValueError: for a rate outside 0 < rate ≤ 1.
        UnmeasurableRateError: for a rate below 1 / searches.
    """
    if not 0 < rate <= 1:
        raise ValueError(f"A false positive identification rate lies above 0 and is at most 1, not {rate}.")
    try:
        return allowed_impostor_errors(rate, searches)
    except UnmeasurableRateError:
        raise UnmeasurableRateError(
            f"FPIR={rate:g} can't be measured with {searches} non-mated searches; the smallest rate is 1/{searches} = "
            f"{1 / searches:.2g}."
        ) from None


def tpir_at_fpir(ranks: Tensor, mates: Tensor, tops: Tensor, rate: float, rank: int = 1) -> OpenSetPoint:
    """TPIR at the lowest threshold whose FPIR does not exceed ``rate``; with rank 1, DIR@FAR.

    With M non-mated searches a candidate is returned strictly above the (⌊rate·M⌋ + 1)-th largest of their best scores.
    Ties at that score are all rejected, so the achieved FPIR is at most ``rate``.

    Args:
        ranks: int64 [P], of the mates of the mated searches.
        mates: [P], their scores.
        tops: [M], best score of each non-mated search.
        rate: FPIR.
        rank: R.

    >>> ranks, mates = torch.tensor([1, 2, 1, 1]), torch.tensor([0.75, 0.75, 0.5, 0.125])
    >>> point = tpir_at_fpir(ranks, mates, torch.tensor([0.625, 0.25, 0.125, 0.0]), rate=0.25)
    >>> point.tpir, point.false_positives
    (0.5, 1)

    Raises:
        UnmeasurableRateError: a ValueError, for a rate below 1/M.
        ValueError: for a rate outside 0 < rate ≤ 1.
    """
    allowed = allowed_false_positives(rate, len(_checked(tops)))
    threshold = threshold_at(tops, allowed)
    errors = int((tops.double() >= threshold).sum())
    return OpenSetPoint(1 - fnir(ranks, mates, threshold, rank), errors / len(tops), threshold, errors)


def threshold_at(tops: Tensor, allowed: int) -> float:
    """The lowest threshold at which at most ``allowed`` (0 … M) non-mated searches return somebody; −∞ for all M."""
    if allowed >= len(tops):
        return -math.inf
    largest = _checked(tops).topk(allowed + 1).values[-1].double()
    return float(torch.nextafter(largest, torch.full_like(largest, math.inf)))


def tpir_at_false_positives(ranks: Tensor, mates: Tensor, tops: Tensor, allowed: Tensor, rank: int = 1) -> Tensor:
    """TPIR, float64 [K], where at most ``allowed`` (int64 [K], 0 … M) non-mated searches return somebody.

    >>> ranks, mates = torch.tensor([1, 2, 1, 1]), torch.tensor([0.75, 0.75, 0.5, 0.125])
    >>> tops = torch.tensor([0.625, 0.25, 0.125, 0.0])
    >>> tpir_at_false_positives(ranks, mates, tops, torch.tensor([0, 1, 2, 4])).tolist()
    [0.25, 0.5, 0.5, 0.75]
    """
    _check_mated(ranks, mates)
    descending = _checked(tops).double().sort(descending=True).values
    least = torch.cat([descending, descending.new_tensor([-math.inf])])[allowed]
    found = mates[ranks <= rank].double().sort().values
    above = len(found) - torch.searchsorted(found, least, right=True)
    return above.double() / len(ranks)


def tpir_influence(
    ranks: Tensor,
    mates: Tensor,
    tops: Tensor,
    rate: float,
    subjects: tuple[Tensor, Tensor],
    count: int,
    rank: int = 1,
) -> Influence:
    """Influence of the subjects on the TPIR at a given FPIR, with what the non-mated ones do to the threshold.

    Where the non-mated searches of other subjects return more people, the threshold rises and the TPIR falls along its
    curve: what :func:`~resemblance.metrics.influence.tar_at_far_influence` says of comparisons, said of searches. The
    gallery stays what it is.

    Args:
        ranks: int64 [P], of the mates of the mated searches.
        mates: [P], their scores.
        tops: [M], best score of each non-mated search.
        rate: FPIR, at least 1/M.
        subjects: int64 [P] and [M], compact labels 0 … S − 1, of the mated and of the non-mated searches.
        count: S.
        rank: R.
    """
    allowed = allowed_false_positives(rate, len(tops))
    threshold = threshold_at(tops, allowed)
    positives = tops.double() >= threshold
    rates = RateInfluence(
        probe_influence((ranks <= rank) & (mates.double() >= threshold), subjects[0], count),
        probe_influence(positives, subjects[1], count),
    )

    def tpir_at(errors: Tensor) -> Tensor:
        return tpir_at_false_positives(ranks, mates, tops, errors, rank)

    return tar_at_far_influence(rates, tpir_at, rate, int(positives.sum()), allowed, len(tops))


def _check_mated(ranks: Tensor, mates: Tensor) -> None:
    _checked(mates, "mated")
    if len(ranks) != len(mates):
        raise ValueError(f"{len(mates)} scores of mates can't have {len(ranks)} ranks.")
    if ranks.min() < 1:
        raise ValueError(f"Ranks begin with 1, not {int(ranks.min())}; leave searches without a mate out.")


def _checked(scores: Tensor, kind: str = "non-mated") -> Tensor:
    if len(scores) == 0:
        raise ValueError(f"There are no {kind} searches; a rate needs at least one.")
    if broken := int((~torch.isfinite(scores)).sum()):
        raise ValueError(f"The scores of {broken} {kind} searches are NaN or infinite.")
    return scores
