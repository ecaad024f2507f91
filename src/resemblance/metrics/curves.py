"""The ROC of genuine scores [G] and impostor scores [I], and what sums it up: exact, with tied scores as one group.

A comparison is accepted when its score lies strictly above the threshold. Each function sorts what is not sorted yet.
"""

import math
from bisect import bisect_left
from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor

from resemblance.metrics.scores import CHUNK, ascending, below, prepare, up_to


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


class Det(NamedTuple):
    """The operating points of :class:`Roc` as errors: ``thresholds``, ``fmr`` ascending and ``fnmr`` descending."""

    thresholds: Tensor
    fmr: Tensor
    fnmr: Tensor


def roc(genuine: Tensor, impostor: Tensor) -> Roc:
    """Every operating point; for millions of scores :func:`tar_at_impostor_errors` on a few is the thriftier way.

    >>> curve = roc(torch.tensor([0.9, 0.5]), torch.tensor([0.5, 0.1]))
    >>> curve.far.tolist(), curve.tar.tolist()
    ([0.0, 0.0, 0.5, 1.0], [0.0, 0.5, 1.0, 1.0])

    Raises:
        ValueError: for no scores of one kind, or scores that are NaN or infinite (as every function here).
    """
    genuine, impostor = prepare(genuine, impostor)
    scores = ascending(torch.cat([genuine, impostor])).unique_consecutive().flip(0)
    thresholds = torch.cat([scores, scores.new_tensor([-math.inf])])
    far, tar = ((len(kind) - up_to(kind, thresholds)).double() / len(kind) for kind in (impostor, genuine))
    return Roc(thresholds, far, tar)


def det(genuine: Tensor, impostor: Tensor) -> Det:
    """The detection error trade-off: false non-match rate against false match rate at every operating point.

    Usually drawn on normal-deviate axes, where normal scores give a straight line.

    >>> curve = det(torch.tensor([0.9, 0.5]), torch.tensor([0.5, 0.1]))
    >>> curve.fmr.tolist(), curve.fnmr.tolist()
    ([0.0, 0.0, 0.5, 1.0], [1.0, 0.5, 0.0, 0.0])
    """
    thresholds, far, _ = roc(genuine, impostor)
    genuine, _ = prepare(genuine, impostor)
    return Det(thresholds, far, up_to(genuine, thresholds.to(genuine.dtype)).double() / len(genuine))


def auc(genuine: Tensor, impostor: Tensor) -> float:
    """Area under the ROC curve: P(genuine > impostor) + ½ P(genuine = impostor), the Mann–Whitney statistic.

    The count is made in integers, in O((G + I) log I) time and, of scores in ascending order, constant memory.

    >>> auc(torch.tensor([0.9, 0.5]), torch.tensor([0.5, 0.1]))
    0.875
    """
    genuine, impostor = prepare(genuine, impostor)
    wins_doubled = sum(int((below(impostor, chunk) + up_to(impostor, chunk)).sum()) for chunk in genuine.split(CHUNK))
    return wins_doubled / (2 * len(genuine) * len(impostor))


def equal_error_rate(genuine: Tensor, impostor: Tensor) -> float:
    """The rate at which FAR = FRR, on the straight line between the two neighbouring operating points.

    >>> equal_error_rate(torch.tensor([0.9, 0.5]), torch.tensor([0.5, 0.1]))
    0.25
    """
    genuine, impostor = prepare(genuine, impostor)

    def rates(score: float) -> tuple[float, float]:
        """FAR and FRR when this score is the least one that is accepted."""
        at = genuine.new_tensor([score])
        far = (len(impostor) - int(below(impostor, at))) / len(impostor)
        return far, int(below(genuine, at)) / len(genuine)

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
