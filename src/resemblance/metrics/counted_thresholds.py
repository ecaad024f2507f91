"""Thresholds that counted scores choose for others."""

import math

import torch

from resemblance.metrics.counted import CountedScores


def counted_balanced_threshold(scores: CountedScores) -> float:
    """As :func:`balanced_threshold`: the best mean of TAR and 1 − FAR, midway between the two scores that it parts.

    The best point is exact where every genuine score is counted at; else it is the best of those that are known. Where
    the next lower score is not known, the threshold lies directly below the least one that is accepted.

    >>> counted = CountedScores.of(torch.tensor([0.9, 0.5, 0.4]), torch.tensor([0.3, 0.1]))
    >>> round(counted_balanced_threshold(counted), 6)
    0.35
    """
    accepting = scores.genuine_rejected[1:-1:2], scores.impostor_rejected[1:-1:2]  # from each value up
    there = scores.genuine_rejected[2::2] > accepting[0]  # accepting down to an impostor's score is never best
    gain = accepting[1].double() * scores.genuine - accepting[0].double() * scores.impostor
    gain = torch.where(there, gain, -math.inf)
    # Ties are told in Python's integers, which no number of comparisons overflows, among what float64 can't tell apart.
    near = (gain >= gain.max() - scores.genuine * scores.impostor * 2.0**-50).nonzero().flatten()
    chosen = zip(near.tolist(), *(kind[near].tolist() for kind in accepting), strict=True)
    place = max((up * scores.genuine - lost * scores.impostor, place) for place, lost, up in chosen)[1]
    value = scores.values[place]
    accepted = value.item()
    between = [kind[2 * place + 1] > kind[2 * place] for kind in (scores.genuine_rejected, scores.impostor_rejected)]
    kept_below = int(torch.searchsorted(scores.highest, value))
    if not any(between):
        if place == 0:  # accepting everything is best
            return math.nextafter(accepted, -math.inf)
        rejected = scores.values[place - 1].item()
    elif kept_below and not between[0]:
        rejected = scores.highest[kept_below - 1].item()
    else:
        return torch.nextafter(value, value.new_tensor(-math.inf)).item()
    middle = (rejected + accepted) / 2
    return middle if middle < accepted else rejected  # neighbouring numbers have nothing between them
