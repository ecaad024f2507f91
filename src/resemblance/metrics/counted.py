"""Verification figures of more comparisons than fit in memory: from counts of scores instead of the scores.

Let e_1 < e_2 < … be some values, and let the genuine and the impostor scores below and up to each of them be counted.
The operating points "accept from e_j up" and "accept above e_j", between accepting and rejecting all, are then known
exactly. If every genuine score is among the values, no operating point is missing but those that only tell impostors
apart, where TAR stands still: AUC, EER and TAR at every FAR are **exact**, however many impostors there are. If not,
what remains unknown is how genuine and impostor scores between two neighbouring values mix, and each figure comes with
the bound on its error that follows.
"""

import math
from bisect import bisect_left
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

import torch
from torch import Tensor

from resemblance.metrics.rates import OperatingPoint, allowed_impostor_errors
from resemblance.metrics.scores import prepare


class Bounded(NamedTuple):
    """A figure and how far the exact one may be from it; an ``error`` of 0 says that it is exact."""

    value: float
    error: float


@dataclass(frozen=True)
class CountedScores:
    """Counts of two kinds of scores at common values.

    Attributes:
        values: [E] ascending, distinct.
        genuine_rejected: int64 [2E + 2], how many genuine scores each operating point rejects: none, those below e_1,
            those up to e_1, those below e_2, …, all. Step p to p + 1 is the scores equal to one value where p is odd,
            and those between two values where p is even.
        impostor_rejected: the same of the impostor scores.
        highest: [K] the K highest impostor scores, ascending: thresholds of FAR up to K/I are found among them.
        lowest, greatest: the least and the greatest score of all.
    """

    values: Tensor
    genuine_rejected: Tensor
    impostor_rejected: Tensor
    highest: Tensor
    lowest: float
    greatest: float

    @property
    def genuine(self) -> int:
        """Number of genuine comparisons."""
        return int(self.genuine_rejected[-1])

    @property
    def impostor(self) -> int:
        """Number of impostor comparisons."""
        return int(self.impostor_rejected[-1])

    @classmethod
    def of(cls, genuine: Tensor, impostor: Tensor) -> "CountedScores":
        """Counts of scores that fit in memory, [G] and [I], at each of them: all figures are exact, and histograms too.

        Raises:
            ValueError: for no scores of one kind, or scores that are NaN or infinite.
        """
        genuine, impostor = prepare(genuine, impostor)
        values = torch.cat([genuine, impostor]).unique()
        ends = [(scores[0].item(), scores[-1].item()) for scores in (genuine, impostor)]
        lowest, greatest = min(low for low, _ in ends), max(high for _, high in ends)
        return cls(values, rejected(genuine, values), rejected(impostor, values), impostor, lowest, greatest)


def rejected(scores: Tensor, values: Tensor) -> Tensor:
    """Of ascending scores [N], how many each operating point at the values [E] rejects, int64 [2E + 2]."""
    return interleaved(torch.searchsorted(scores, values), torch.searchsorted(scores, values, right=True), len(scores))


def interleaved(below: Tensor, up_to: Tensor, total: int) -> Tensor:
    """0, below e_1, up to e_1, below e_2, …, total."""
    ends = below.new_tensor([0]), below.new_tensor([total])
    return torch.cat([ends[0], torch.stack([below, up_to], 1).flatten(), ends[1]])


def counted_auc(scores: CountedScores) -> Bounded:
    """P(genuine > impostor) + ½ P(equal); comparisons that share a gap between two values count ½ ± ½.

    >>> counted_auc(CountedScores.of(torch.tensor([0.9, 0.5]), torch.tensor([0.5, 0.1])))
    Bounded(value=0.875, error=0.0)
    """
    genuine, impostor = scores.genuine_rejected.diff(), scores.impostor_rejected.diff()
    wins_doubled = _exact_dot(genuine, scores.impostor_rejected[:-1] + scores.impostor_rejected[1:])
    undecided = _exact_dot(genuine[::2], impostor[::2])
    doubled = 2 * scores.genuine * scores.impostor
    return Bounded(wins_doubled / doubled, undecided / doubled)


def counted_equal_error_rate(scores: CountedScores) -> Bounded:
    """Where FAR = FRR, on the straight line between the two neighbouring operating points that are known.

    >>> counted_equal_error_rate(CountedScores.of(torch.tensor([0.9, 0.5]), torch.tensor([0.5, 0.1])))
    Bounded(value=0.25, error=0.0)
    """
    after = _crossing(scores)
    far, frr = zip(*(_rates(scores, point) for point in (after - 1, after)), strict=True)
    gap = [far[i] - frr[i] for i in (0, 1)]  # positive, then not
    value = far[0] + gap[0] / (gap[0] - gap[1]) * (far[1] - far[0])
    if after % 2 == 0 or far[0] == far[1] or frr[0] == frr[1]:
        return Bounded(float(value), 0.0)
    error = max(min(far[0], frr[1]) - value, value - max(far[1], frr[0]))
    return Bounded(float(value), float(error))


def counted_tar(scores: CountedScores, allowed: Tensor) -> tuple[Tensor, Tensor]:
    """TAR, float64 [K], at ``allowed`` (int64 [K], 0 … I) impostor errors, and how far above it the exact one may be.

    >>> counted = CountedScores.of(torch.tensor([0.9, 0.5]), torch.tensor([0.6, 0.3]))
    >>> counted_tar(counted, torch.tensor([0, 1, 2]))[0].tolist()
    [0.5, 1.0, 1.0]
    """
    point = torch.searchsorted(scores.impostor_rejected, scores.impostor - allowed)
    tar = (scores.genuine - scores.genuine_rejected[point]).double() / scores.genuine
    gap = scores.genuine_rejected[point] - scores.genuine_rejected[(point - 1).clamp(min=0)]
    return tar, torch.where(point % 2 == 1, gap, 0).double() / scores.genuine


def counted_tar_at_far(scores: CountedScores, far: float) -> tuple[OperatingPoint, float]:
    """As :func:`tar_at_far`, and how far above it the exact TAR may be.

    The threshold is the one of the definition for FAR up to K/I, and else one between it and the least genuine score
    that it accepts; its FAR is exact in either case.

    >>> counted_tar_at_far(CountedScores.of(torch.tensor([0.9, 0.5]), torch.tensor([0.6, 0.3])), far=0.5)[0].threshold
    0.30000001192092896

    Raises:
        UnmeasurableRateError: a ValueError, for a rate below 1/I.
        ValueError: for a rate outside 0 < far ≤ 1.
    """
    allowed = allowed_impostor_errors(far, scores.impostor)
    tar, error = counted_tar(scores, torch.tensor([allowed]))
    threshold, errors = threshold_at(scores, allowed)
    return OperatingPoint(tar.item(), errors / scores.impostor, threshold, errors), error.item()


def threshold_at(scores: CountedScores, allowed: int) -> tuple[float, int]:
    """A threshold that at most ``allowed`` impostors pass, and how many do.

    Of fewer than K impostor errors it is that of the definition, the (allowed + 1)-th largest impostor score. Of more
    it is that of the operating point of :func:`counted_tar`, and has its TAR. So has the definition's, if every genuine
    score is among the values; if not, its TAR may be higher by as much as ``counted_tar`` says.
    """
    kept = len(scores.highest)
    if allowed < kept:
        threshold = scores.highest[kept - 1 - allowed]
        return threshold.item(), kept - int(torch.searchsorted(scores.highest, threshold, right=True))
    point = int(torch.searchsorted(scores.impostor_rejected, scores.impostor - allowed))
    return threshold_of(scores, point), scores.impostor - int(scores.impostor_rejected[point])


def threshold_of(scores: CountedScores, point: int) -> float:
    """The threshold, to be exceeded strictly, of an operating point."""
    if point == 0:
        return -math.inf
    if point > 2 * len(scores.values):
        return scores.greatest
    value = scores.values[(point - 1) // 2]
    return (torch.nextafter(value, value.new_tensor(-math.inf)) if point % 2 else value).item()


class EqualErrorPoint(NamedTuple):
    """A ``threshold``, and how many ``impostor_errors`` lie above it and ``genuine_errors`` do not."""

    threshold: float
    impostor_errors: int
    genuine_errors: int


def equal_error_threshold(scores: CountedScores) -> EqualErrorPoint:
    """The first threshold, upwards, at which FAR is no longer above FRR, and the errors there."""
    point = _crossing(scores)
    impostor_errors = scores.impostor - int(scores.impostor_rejected[point])
    return EqualErrorPoint(threshold_of(scores, point), impostor_errors, int(scores.genuine_rejected[point]))


def shares_below(scores: CountedScores, rejected: Tensor, at: Tensor) -> Tensor:
    """Share of one kind's scores below each number, float64, half of the equal ones included.

    Exact at the values and wherever no score of the kind lies between the two neighbouring values; else as if those
    between two values were spread evenly.

    Args:
        scores: the counts.
        rejected: ``scores.genuine_rejected`` or ``scores.impostor_rejected``.
        at: [M].
    """
    values = scores.values.double()
    at = at.double()
    edges = torch.cat([values.new_tensor([scores.lowest]), values, values.new_tensor([scores.greatest])])
    place = torch.searchsorted(values, at, right=True)  # values up to it
    equal = (place > 0) & (values[(place - 1).clamp(min=0)] == at)
    counts = rejected.double()
    low, high = counts[2 * place], counts[2 * place + 1]
    width = edges[place + 1] - edges[place]
    part = torch.where(width > 0, (at - edges[place]) / width, 0.5).clamp(0, 1)
    between = low + part * (high - low)
    tied = (counts[(2 * place - 1).clamp(min=0)] + counts[2 * place]) / 2
    return torch.where(equal, tied, between) / counts[-1]


def _rates(scores: CountedScores, point: int) -> tuple[Fraction, Fraction]:
    """FAR and FRR of an operating point."""
    accepted = scores.impostor - int(scores.impostor_rejected[point])
    return Fraction(accepted, scores.impostor), Fraction(int(scores.genuine_rejected[point]), scores.genuine)


def _crossing(scores: CountedScores) -> int:
    """The first operating point, from accepting all to rejecting all, where FAR ≤ FRR; at least the second."""

    def crossed(point: int) -> bool:
        far, frr = _rates(scores, point)
        return far <= frr

    return bisect_left(range(len(scores.genuine_rejected)), True, key=crossed)


def _exact_dot(x: Tensor, y: Tensor) -> int:
    """Σ x·y of non-negative integers, also where it has more than 63 bits; Σ x stays below 2³²."""
    low = int((x * (y & 0x7FFFFFFF)).sum())
    return low + (int((x * (y >> 31)).sum()) << 31)
