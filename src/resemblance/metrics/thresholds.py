"""Thresholds of verification, and the accuracy at them. A comparison is accepted when it scores strictly above."""

import math
from typing import NamedTuple

import torch
from torch import Tensor

from resemblance.metrics.scores import CHUNK, below, prepare, rounded_down, up_to


class BestAccuracy(NamedTuple):
    """The highest ``accuracy`` that any ``threshold`` has on the very scores that it is measured on: optimistic."""

    accuracy: float
    threshold: float


def balanced_threshold(genuine: Tensor, impostor: Tensor) -> float:
    """The threshold with the best mean of TAR and 1 − FAR, midway between the two scores that it parts.

    Of several equally good ones the highest is taken, which accepts the fewest impostors. The mean does not depend
    on how many comparisons there are of each kind, so a threshold found on all pairs serves a balanced list.

    >>> round(balanced_threshold(torch.tensor([0.9, 0.5, 0.4]), torch.tensor([0.3, 0.1])), 6)
    0.35
    """
    genuine, impostor = prepare(genuine, impostor)
    _, least_accepted = _best(genuine, impostor, len(impostor), len(genuine))
    return _just_below(least_accepted, genuine, impostor)


def best_accuracy(genuine: Tensor, impostor: Tensor) -> BestAccuracy:
    """The highest share of comparisons that any threshold decides rightly, and that threshold.

    Chosen on the scores that it judges, it flatters: only for comparison with toolkits that report it. Of several
    equally good thresholds the highest is taken, midway between the two scores that it parts.

    >>> best = best_accuracy(torch.tensor([0.9, 0.5, 0.2]), torch.tensor([0.3, 0.1]))
    >>> best.accuracy, round(best.threshold, 6)
    (0.8, 0.4)
    """
    genuine, impostor = prepare(genuine, impostor)
    gain, least_accepted = _best(genuine, impostor, 1, 1)
    total = len(genuine) + len(impostor)
    if gain <= len(impostor) - len(genuine):  # rejecting everything is as good
        return BestAccuracy(len(impostor) / total, max(genuine[-1].item(), impostor[-1].item()))
    return BestAccuracy((gain + len(genuine)) / total, _just_below(least_accepted, genuine, impostor))


def _best(genuine: Tensor, impostor: Tensor, lost: int, gained: int) -> tuple[int, Tensor]:
    """The highest of ``gained`` · rejected impostors − ``lost`` · rejected genuine, and the least score accepted there.

    The best point accepts down to some genuine score: going lower up to the next one only adds impostors.
    """
    best, least_accepted = -math.inf, genuine[0]
    for chunk in genuine.split(CHUNK):
        gain = below(impostor, chunk) * gained - below(genuine, chunk) * lost  # integers: ties are exact
        highest = int(gain.max())
        if highest >= best:
            best, least_accepted = highest, chunk[int((gain == highest).nonzero()[-1])]
    return int(best), least_accepted


def _just_below(least_accepted: Tensor, genuine: Tensor, impostor: Tensor) -> float:
    """Midway between a score and the next lower one, and below the score also where these are neighbouring numbers."""
    accepted = least_accepted.item()
    lower = [int(below(scores, least_accepted)) for scores in (genuine, impostor)]
    rejected = [scores[n - 1].item() for scores, n in zip((genuine, impostor), lower, strict=True) if n]
    if not rejected:  # accepting everything is best
        return math.nextafter(accepted, -math.inf)
    middle = (max(rejected) + accepted) / 2
    return middle if middle < accepted else max(rejected)


def accuracy_at(threshold: float, genuine: Tensor, impostor: Tensor) -> float:
    """Share of the comparisons that the threshold decides rightly: (accepted genuine + rejected impostor) / (G + I).

    >>> accuracy_at(0.35, torch.tensor([0.9, 0.3]), torch.tensor([0.1, 0.2]))
    0.75
    """
    genuine, impostor = prepare(genuine, impostor)
    at = torch.tensor(rounded_down(threshold, genuine.dtype), dtype=genuine.dtype, device=genuine.device)
    right = len(genuine) - int(up_to(genuine, at)) + int(up_to(impostor, at))
    return right / (len(genuine) + len(impostor))
