"""The counts of all pairs' scores, in memory that does not grow with the comparisons."""

from collections.abc import Iterable

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from resemblance.metrics.all_pairs import AllPairs, laid_out
from resemblance.metrics.counted import CountedScores, interleaved, rejected
from resemblance.metrics.counting import ScoreCounter

EXACT_UP_TO = 2**22
"""Genuine comparisons up to which each one's score is a value to count at."""
_SPREAD_ROWS = 512
"""Images whose scores with each other are values too, so that these lie close together wherever there are scores."""
_SPREAD_GENUINE = 2**20
"""Genuine scores that are values, where there are too many to take all."""


def count_all_pairs(pairs: AllPairs, allowed: Tensor, exact_up_to: int = EXACT_UP_TO, **counter: int) -> CountedScores:
    """Count all scores of a set in one walk over its comparisons.

    Up to ``exact_up_to`` genuine comparisons all their scores are laid out and counted at: every figure is exact. Of
    more only an even share are, and what the others leave unknown bounds the error of the figures; the thresholds of
    low rates are found first among the highest impostor scores and counted at, so that TAR at these stays exact.

    Args:
        pairs: the comparisons.
        allowed: int64 [K], impostor errors at which TAR will be asked for.
        exact_up_to: genuine comparisons.
        counter: settings of the :class:`ScoreCounter` of impostor scores.
    """
    spread = pairs.spread_scores(_SPREAD_ROWS).unique()
    if pairs.genuine <= exact_up_to:
        genuine = laid_out(pairs.genuine_runs(), pairs.genuine)
        genuine.numpy().sort()
        values = _union(genuine, spread)
        impostors = _counted(pairs.impostor_runs(), ScoreCounter(values, **counter))
        below, up_to = impostors.counts()
        genuine_rejected, lowest, greatest = rejected(genuine, values), genuine[0].item(), genuine[-1].item()
    else:
        every = -(-pairs.genuine // min(exact_up_to, _SPREAD_GENUINE))
        values = _union(_every(pairs.genuine_runs(), every), spread)
        impostors = _counted(pairs.impostor_runs(), ScoreCounter(values, **counter))
        values, below, up_to = _with_thresholds(values, impostors, allowed)
        genuines = _counted(pairs.genuine_runs(), ScoreCounter(values, highest=1))
        genuine_rejected = interleaved(*genuines.counts(), pairs.genuine)
        lowest, greatest = genuines.lowest(), genuines.highest()[-1].item()
    highest = impostors.highest()
    return CountedScores(
        values,
        genuine_rejected,
        interleaved(below, up_to, pairs.impostor),
        highest,
        min(lowest, impostors.lowest()),
        max(greatest, highest[-1].item()),
    )


def _counted(runs: Iterable[NDArray[np.float32]], counter: ScoreCounter) -> ScoreCounter:
    for run in runs:
        counter.add(run)
    return counter


def _every(runs: Iterable[NDArray[np.float32]], step: int) -> Tensor:
    """Each ``step``-th score of all runs."""
    seen, taken = 0, []
    for run in runs:
        taken.append(run[-seen % step :: step].copy())
        seen += len(run)
    return torch.from_numpy(np.concatenate(taken))


def _union(x: Tensor, y: Tensor) -> Tensor:
    return torch.from_numpy(np.union1d(x.numpy(), y.numpy()))


def _with_thresholds(values: Tensor, impostors: ScoreCounter, allowed: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Values and counts below and up to them, with the thresholds that are among the highest scores as values too."""
    below, up_to = impostors.counts()
    highest = impostors.highest()
    hidden = impostors.total - len(highest)
    thresholds = highest[len(highest) - 1 - allowed[allowed < len(highest)]].unique()
    if hidden:  # scores equal to the least one that was kept may be among those that were not
        thresholds = thresholds[thresholds > highest[0]]
    new = torch.from_numpy(np.setdiff1d(thresholds.numpy(), values.numpy()))
    order = torch.argsort(torch.cat([values, new]))
    ours = torch.searchsorted(highest, new), torch.searchsorted(highest, new, right=True)
    below, up_to = (torch.cat([old, hidden + found])[order] for old, found in zip((below, up_to), ours, strict=True))
    return torch.cat([values, new])[order], below, up_to
