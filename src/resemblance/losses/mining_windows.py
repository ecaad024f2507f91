"""How many triplets each pair of images belongs to, without enumerating triplets.

An anchor-positive pair takes part with every negative inside a window of distances: below d(a,p) + α, and for
semi-hard mining also beyond d(a,p). Seen from a negative, the positives whose window it lies in are neighbours in the
order of their distances. It is therefore enough to place each of an anchor's negatives among its few positives:
by comparing it with each of them while they are few, by sorting them and a binary search when they are many.
Both ways answer the same strict inequalities between the same numbers, and both find the same whole numbers.
"""

from collections.abc import Iterator
from typing import Literal, NamedTuple

import torch
from torch import Tensor

from resemblance.losses.comparisons import Comparisons

WindowPath = Literal["compare", "sort"]

# Comparing costs the same for each positive, sorting hardly depends on their number; measured on a CPU.
MOST_POSITIVES_TO_COMPARE = 128
# Entries of a block of pairs against the references: two such blocks stay near a core, and need no fresh memory.
_CPU_BLOCK, _GPU_BLOCK = 2**18, 2**25


class PositiveSlots(NamedTuple):
    """The positives of each anchor side by side, for a batch in which their number may vary."""

    anchors: Tensor
    """int64 [P], of every ordered anchor-positive pair."""
    positives: Tensor
    """int64 [P]."""
    slots: Tensor
    """int64 [P]: the pair's column in a table with one row per anchor."""
    counts: Tensor
    """int64 [B]: how many positives an anchor has."""
    width: int
    """Columns of the table: the most positives that an anchor has."""

    def table(self, distances: Tensor) -> Tensor:
        """d(a,p) in a table [B, width]; −inf, farther than which nothing lies, where an anchor has fewer positives."""
        table = distances.new_full((len(distances), self.width), -torch.inf)
        table[self.anchors, self.slots] = distances[self.anchors, self.positives]
        return table

    def triplets(self, references: int) -> Tensor:
        """How many triplets there are, int64: a reference is the anchor itself, a positive or a negative."""
        return (self.counts * (references - 1 - self.counts)).sum()


class Membership(NamedTuple):
    """How many selected triplets each pair of images belongs to."""

    weights: Tensor
    """Whole numbers [B, M] in the type of the distances: the triplets of an anchor-positive pair, minus those of an
    anchor with a negative. The gradient of the sum of d(a,p) − d(a,n) over the triplets."""
    triplets: Tensor
    """int64, how many there are in all."""
    valid: Tensor
    """int64, how many could have been selected."""


class Counted(NamedTuple):
    """How many triplets there are, int64."""

    active: Tensor
    """Those with a positive hinge, d(a,n) < d(a,p) + α."""
    valid: Tensor
    """All."""


def positive_slots(genuine: Tensor) -> PositiveSlots:
    """Arrange the pairs of the mask [B, M]."""
    anchors, positives = genuine.nonzero(as_tuple=True)
    counts = torch.bincount(anchors, minlength=len(genuine))
    slots = torch.arange(len(anchors), device=anchors.device) - (counts.cumsum(0) - counts)[anchors]
    return PositiveSlots(anchors, positives, slots, counts, width=int(counts.max()))


@torch.no_grad()
def count_triplets(
    distances: Tensor, comparisons: Comparisons, margin: float, *, semihard: bool, path: WindowPath | None = None
) -> Membership:
    """Count the triplets of every pair with a negative in the window.

    Args:
        distances: [B, M], anchor by row, smaller is more alike.
        comparisons: the positives (genuine) and negatives (impostor) of each anchor.
        margin: α.
        semihard: select d(a,p) < d(a,n) < d(a,p) + α, otherwise d(a,n) < d(a,p) + α.
        path: how to find them; None chooses by the number of positives.
    """
    pairs = positive_slots(comparisons.genuine)
    positives = pairs.table(distances)
    limits = positives + margin
    path = path or _faster_path(pairs)
    count = _count_by_comparing if path == "compare" else _count_by_sorting
    weights = torch.where(comparisons.impostor, distances, torch.inf)  # beyond every limit: no negative
    pulls = torch.zeros_like(positives)
    for rows in _blocks(weights, pairs.width if path == "compare" else 1):
        count(weights[rows], positives[rows], limits[rows], pulls[rows], semihard)
    weights[pairs.anchors, pairs.positives] = pulls[pairs.anchors, pairs.slots]
    return Membership(weights, pulls.long().sum(), pairs.triplets(distances.shape[1]))


@torch.no_grad()
def count_active(
    distances: Tensor, comparisons: Comparisons, margin: float, *, path: WindowPath | None = None, squared: bool = False
) -> Counted:
    """How many triplets have a positive hinge: all that a statistic needs, without saying which they are.

    Args:
        distances: [B, M], anchor by row, smaller is more alike.
        comparisons: the positives (genuine) and negatives (impostor) of each anchor.
        margin: α.
        path: how to find them; None chooses by the number of positives.
        squared: whether d² is given in place of d.
    """
    pairs = positive_slots(comparisons.genuine)
    positives = pairs.table(distances)
    if squared:  # (d + α)², and −∞ where there is no positive
        limits = positives + 2 * margin * positives.clamp_min(0).sqrt() + margin**2
    else:
        limits = positives + margin
    path = path or _faster_path(pairs)
    if path == "sort":
        limits = limits.sort(1).values
    active = torch.zeros((), dtype=torch.int64, device=distances.device)
    for rows in _blocks(distances, pairs.width if path == "compare" else 1):
        negatives = torch.where(comparisons.impostor[rows], distances[rows], torch.inf)
        if path == "compare":
            active += _inside(negatives, limits[rows]).sum(2).long().sum()
        else:
            active += (pairs.width - torch.searchsorted(limits[rows], negatives, right=True)).sum()
    return Counted(active, pairs.triplets(distances.shape[1]))


def _faster_path(pairs: PositiveSlots) -> WindowPath:
    return "compare" if pairs.width <= MOST_POSITIVES_TO_COMPARE else "sort"


def _blocks(distances: Tensor, limits: int) -> Iterator[slice]:
    """Rows of [B, M] that fill a block when each of their entries is compared with so many limits."""
    entries = _CPU_BLOCK if distances.device.type == "cpu" else _GPU_BLOCK
    rows = max(1, entries // (distances.shape[1] * max(1, limits)))
    return (slice(start, start + rows) for start in range(0, len(distances), rows))


def _inside(negatives: Tensor, limits: Tensor) -> Tensor:
    """Whether each of ``negatives`` [b, M] is below each of its row's ``limits`` [b, K]: 0 or 1, [b, K, M]."""
    inside = negatives.new_empty(*limits.shape, negatives.shape[1])  # faster to add than bool
    return torch.lt(negatives[:, None], limits[:, :, None], out=inside)


def _count_by_comparing(negatives: Tensor, positives: Tensor, limits: Tensor, pulls: Tensor, semihard: bool) -> None:
    """Fill ``pulls`` [b, K] and turn the distances ``negatives`` [b, M] into minus their counts, in place."""
    inside = _inside(negatives, limits)
    if semihard:
        inside *= torch.gt(negatives[:, None], positives[:, :, None], out=torch.empty_like(inside))
    torch.sum(inside, 2, out=pulls)
    torch.sum(inside, 1, out=negatives).neg_()


def _count_by_sorting(negatives: Tensor, positives: Tensor, limits: Tensor, pulls: Tensor, semihard: bool) -> None:
    """The same, by the place of each negative among the sorted positives.

    With positives in ascending order those with d(a,p) + α ≤ d(a,n) come first, then those in whose window the
    negative lies, then those with d(a,p) ≥ d(a,n). Adding α keeps the order, rounding included.
    """
    positives, order = positives.sort(1)
    limits = limits.gather(1, order)
    width = positives.shape[1]
    ends = torch.searchsorted(positives, negatives) if semihard else torch.full_like(negatives, width).long()
    begins = torch.searchsorted(limits, negatives, right=True).minimum(ends)  # α may vanish beside d(a,p)

    def up_to(places: Tensor) -> Tensor:
        histogram = positives.new_zeros(len(positives), width + 1)
        histogram.scatter_add_(1, places, torch.ones_like(negatives))
        return histogram.cumsum(1)[:, :width]

    pulls.scatter_(1, order, up_to(begins) - up_to(ends))
    negatives.copy_(begins - ends)
