"""The k nearest of a large gallery for each probe, in blocks: exact, yet mostly in bfloat16, on a CPU or a GPU.

A rough matrix product, in bfloat16 where the hardware has it, says which embeddings of a block may be among the k
nearest: those within its error bound of a probe's k-th score so far. Only these few are scored, in float64 and rounded
to float32 as everywhere else. The result is therefore that of comparing all with all in float64, for the cost of the
rough product; blocks that it can't thin out (duplicates by the thousand, say) are compared in float64 as a whole.

Two sums of the same products can differ in the last digit of float64. One score in millions is then rounded to the
neighbouring float32, and −‖x − y‖² = 2·x·y − ‖x‖² − ‖y‖² of near-duplicates, whose sums cancel, keeps fewer digits than
float32 has: these are told from each other within some 1e-15 · (‖x‖² + ‖y‖²). The norms are small, because the mean of
the probes is taken from both first, however far they lie from the origin.
"""

import math
from typing import NamedTuple

import torch
from torch import Tensor

from resemblance.metrics.measurable import check_vectors
from resemblance.metrics.rough_scores import RoughBlock, RoughScores
from resemblance.similarity import Scorer, Similarity

IMAGES = 4096
"""Enrolled embeddings at a time."""
PROBES = 1024
"""Probes at a time; memory is O(PROBES · IMAGES) and the result."""
_EXACT = 2**19
"""Scores at a time where a block is compared in float64."""
_PAIRS = 2**12
"""Candidates scored at a time."""


class Nearest(NamedTuple):
    """The nearest of the gallery.

    Attributes:
        scores: float32 [P, k], descending.
        rows: int64 [P, k], of the gallery; of equal scores the lowest row comes first.
    """

    scores: Tensor
    rows: Tensor


@torch.no_grad()
def nearest(
    probes: Tensor, gallery: Tensor, similarity: Similarity, k: int, *, device: torch.device | str | None = None
) -> Nearest:
    """Rank-k search of each probe; the gallery is never copied as a whole.

    Args:
        probes: [P, D], raw.
        gallery: [G, D], raw, in memory, on the device or mapped from a file.
        similarity: any. The cosine and the negative squared L2 are products of matrices; others are compared with all
            embeddings in float64.
        k: how many to find.
        device: where to take the rough products; where the gallery is, if not given.

    Returns:
        On the CPU.

    Raises:
        ValueError: for an empty gallery, a k that it does not hold, embeddings of two sizes, or embeddings that the
            similarity can't judge (see :func:`resemblance.metrics.measurable.check_vectors`).

    >>> from resemblance.similarity import NegativeSquaredL2
    >>> gallery = torch.tensor([[0.0], [3.0], [1.0], [3.0]])
    >>> nearest(torch.tensor([[2.5]]), gallery, NegativeSquaredL2(normalized=False), k=3).rows.tolist()
    [[1, 3, 2]]
    """
    _check(probes, gallery, k)
    check_vectors(probes, similarity, "probes")
    rough = RoughScores.of(probes, similarity, torch.device(device) if device is not None else gallery.device)
    scorer = _CentredScorer(similarity, probes)
    parts = [_Search(scorer, probes, slice(start, start + PROBES), k) for start in range(0, len(probes), PROBES)]
    for start in range(0, len(gallery), IMAGES):
        block = gallery[start : start + IMAGES]
        prepared = None if rough is None else rough.prepared(block)
        if rough is None:
            check_vectors(block, similarity, "embeddings in a block of the gallery")
        for part in parts:
            part.take(block, start, rough, prepared)
    return Nearest(torch.cat([part.scores for part in parts]), torch.cat([part.rows for part in parts]))


def _check(probes: Tensor, gallery: Tensor, k: int) -> None:
    if len(gallery) == 0:
        raise ValueError("The gallery is empty; a search needs at least one enrolled embedding.")
    if not 1 <= k <= len(gallery):
        raise ValueError(f"A gallery of {len(gallery)} embeddings has 1 to {len(gallery)} nearest ones, not {k}.")
    if probes.shape[1:] != gallery.shape[1:]:
        raise ValueError(
            f"The embeddings of the probes have {probes.shape[-1]} numbers and those of the gallery "
            f"{gallery.shape[-1]}; they come from different networks."
        )
    if len(probes) == 0:
        raise ValueError("There are no probes to search with.")


class _CentredScorer(Scorer):
    """Scores of all pairs of two sets, or of listed ones, with the mean of the probes taken from both for −‖x − y‖²."""

    def __init__(self, similarity: Similarity, probes: Tensor) -> None:
        super().__init__(similarity)
        self._name = similarity.name
        shifted = similarity.name == "negative_squared_l2" and not similarity.normalized
        self._centre = _few_digits(probes.cpu().double().mean(0)) if shifted else None

    def prepare(self, x: Tensor) -> Tensor:
        """Raw embeddings [N, D] to float64 [N, D]."""
        return super().prepare(x if self._centre is None else x.cpu().double() - self._centre)

    def of_pairs(self, x: Tensor, y: Tensor) -> Tensor:
        """Row by row what ``compare`` gives of prepared embeddings, float64 [N, D] to float32 [N]; of products only."""
        products = (x * y).sum(1)
        if self._name == "cosine":
            return products.float()
        return (2 * products - (x.square().sum(1) + y.square().sum(1))).clamp(max=0).float()


def _few_digits(numbers: Tensor) -> Tensor:
    """Rounded to 20 binary digits of the largest: where float64 holds products exactly, it still does without them."""
    _, exponent = math.frexp(float(numbers.abs().max()))
    step = math.ldexp(1.0, max(exponent - 20, -1000))
    return (numbers / step).round() * step


class _Search:
    """The best of the gallery so far for some probes.

    Attributes:
        scores: float32 [p, k], descending; −∞ while there are fewer.
        rows: int64 [p, k], of the gallery; of equal scores the lowest first.
    """

    def __init__(self, scorer: _CentredScorer, probes: Tensor, place: slice, k: int) -> None:
        self._scorer, self._place, self._probes = scorer, place, scorer.prepare(probes[place])
        self.scores = torch.full((len(self._probes), k), -torch.inf)
        self.rows = torch.full((len(self._probes), k), -1)

    def take(self, block: Tensor, start: int, rough: RoughScores | None, prepared: RoughBlock | None) -> None:
        """Look at a block [b, D] of the gallery that begins at row ``start``."""
        floors = self.scores[:, -1]
        found = None
        if rough is not None and prepared is not None and floors.isfinite().all():
            found = rough.candidates(self._place, prepared, floors)
        if found is None:
            self._take_all(block, start)
        else:
            self._take_pairs(block, start, *found)

    def _take_pairs(self, block: Tensor, start: int, probe: Tensor, column: Tensor) -> None:
        """Score these pairs only, which come in the order of probes and columns."""
        scores = torch.empty(len(probe))
        for begin in range(0, len(probe), _PAIRS):
            some = slice(begin, begin + _PAIRS)
            x = self._probes[probe[some]]
            y = self._scorer.prepare(block[column[some].to(block.device)])
            scores[some] = self._scorer.of_pairs(x, y)
        above = (scores > self.scores[probe, -1]).nonzero().squeeze(1)  # of equal scores the lower row stays
        self._merge(probe[above], column[above] + start, scores[above])

    def _take_all(self, block: Tensor, start: int) -> None:
        """Score all pairs."""
        enrolled = self._scorer.prepare(block)
        step = max(1, _EXACT // len(block))
        for begin in range(0, len(self._probes), step):
            rows = slice(begin, begin + step)
            scores = self._scorer.compare(self._probes[rows], enrolled)
            if broken := int(scores.isnan().sum()):
                raise ValueError(f"{broken} of the scores are NaN.")
            kth = scores.topk(min(self.scores.shape[1], len(block)), dim=1).values[:, -1:]
            probe, column = ((scores >= kth) & (scores > self.scores[rows, -1:])).nonzero(as_tuple=True)
            self._merge(probe + begin, column + start, scores[probe, column])

    def _merge(self, probe: Tensor, rows: Tensor, scores: Tensor) -> None:
        """Put new candidates, in the order of probes and rows, among the old ones."""
        if len(probe) == 0:
            return
        changed, member, counts = probe.unique_consecutive(return_inverse=True, return_counts=True)
        place = torch.arange(len(probe)) - (counts.cumsum(0) - counts)[member]
        shape = (len(changed), int(counts.max()))
        new_scores = scores.new_full(shape, -torch.inf).index_put_((member, place), scores)
        new_rows = rows.new_full(shape, -1).index_put_((member, place), rows)
        # The old ones have lower rows than the new ones, so that a stable sort leaves equal scores in their order.
        best, order = torch.cat([self.scores[changed], new_scores], dim=1).sort(dim=1, descending=True, stable=True)
        k = self.scores.shape[1]
        self.scores[changed] = best[:, :k]
        self.rows[changed] = torch.cat([self.rows[changed], new_rows], dim=1).gather(1, order[:, :k])
