"""Every unordered pair of images once, block by block: the comparisons of a set that has no list of its own."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from resemblance.embeddings import Embeddings
from resemblance.metrics.measurable import UnmeasurableEmbeddingsError, check_embeddings
from resemblance.similarity import Scorer, Similarity
from resemblance.wording import counted

BLOCK_SCORES = 2**22
"""Scores at a time; in float64 they take 32 MiB."""
_BAND = 256
"""Rows at a time where only genuine scores are wanted; more would compute more impostor scores beside them."""


@dataclass(frozen=True)
class ScoreBlock:
    """Scores of some rows with all later ones, in the order of :class:`AllPairs`.

    Attributes:
        start: place of the first row.
        scores: float32 [b, N − start]; column j is place start + j. Row i compares with the columns after i only.
        ends: int64 [b]; row i is genuine with columns i + 1 … ends[i] − 1 and impostor from column ends[i] on.
    """

    start: int
    scores: Tensor
    ends: Tensor


Watch = Callable[[Iterable[tuple[ScoreBlock, int]], int], Iterator[ScoreBlock]]


class AllPairs:
    """The comparisons of a set of images, each once, with the images of one subject side by side.

    A block's impostor scores are then one run of each row, and its sums over subjects sums over runs. Each iteration
    computes the scores anew: memory is O(block · N), and the time grows with the comparisons.

    Args:
        embeddings: [N, D] with identities.
        similarity: symmetric.
        block: rows at a time; None for as many as make four million scores.
        watch: hands the blocks on while it shows how far the walk is: from (block, its comparisons) and the number of
            all comparisons to the blocks; None for no such sight.

    Attributes:
        order: int64 [N], the row of the data set at each place.
        subjects: int64 [N], compact label 0 … S − 1 of each place, ascending.
        images: int64 [S], number of images of each subject.
        genuine, impostor: numbers of comparisons.

    Raises:
        UnmeasurableEmbeddingsError: a DataError and a ValueError, if the pairs are all genuine or all impostor, or as
            :func:`resemblance.metrics.measurable.check_embeddings`.
    """

    def __init__(
        self, embeddings: Embeddings, similarity: Similarity, block: int | None = None, watch: Watch | None = None
    ) -> None:
        check_embeddings(embeddings, similarity)
        identities = embeddings.identities.cpu()
        self.order = torch.argsort(identities, stable=True)
        _, self.subjects, self.images = identities[self.order].unique_consecutive(
            return_inverse=True, return_counts=True
        )
        total = len(embeddings) * (len(embeddings) - 1) // 2
        self.genuine = int((self.images * (self.images - 1) // 2).sum())
        self.impostor = total - self.genuine
        for name, count, cure in (
            ("genuine", self.genuine, "an identity with two images or more"),
            ("impostor", self.impostor, "at least two identities"),
        ):
            if count == 0:
                raise UnmeasurableEmbeddingsError(
                    f"Verification on {counted(len(embeddings), 'image')} of "
                    f"{counted(len(self.images), 'identity', 'identities')} has no {name} "
                    f"comparison; it needs {cure}."
                )
        self._ends = self.images.cumsum(0)[self.subjects]
        self._scorer = Scorer(similarity)
        self._vectors = self._scorer.prepare(embeddings.vectors[self.order])
        self._block = block or max(1, BLOCK_SCORES // len(embeddings))
        self._watch = watch

    def __len__(self) -> int:
        """Number of comparisons."""
        return self.genuine + self.impostor

    def __iter__(self) -> Iterator[ScoreBlock]:
        if self._watch is not None:
            return self._watch(self._blocks(), len(self))
        return (block for block, _ in self._blocks())

    def _blocks(self) -> Iterator[tuple[ScoreBlock, int]]:
        """Each block with the number of its comparisons."""
        images = len(self.order)
        for start in range(0, images, self._block):
            rows = slice(start, start + self._block)
            scores = self._scorer.compare(self._vectors[rows], self._vectors[start:])
            later = images - 1 - start
            yield ScoreBlock(start, scores, self._ends[rows] - start), sum(range(later, later - len(scores), -1))

    def impostor_runs(self) -> Iterator[NDArray[np.float32]]:
        """Impostor scores of each row with all later ones, row by row; to be used before the next is asked for."""
        for block in self:
            scores = block.scores.numpy()
            for row, end in enumerate(block.ends.tolist()):
                yield scores[row, end:]

    def genuine_runs(self) -> Iterator[NDArray[np.float32]]:
        """The same of the genuine scores, which lie in a band beside the diagonal and take no walk over all pairs."""
        starts = range(0, len(self.order), _BAND)
        for start in starts:
            ends = self._ends[start : start + _BAND]
            band = self._vectors[start : int(ends[-1])]
            scores = self._scorer.compare(band[:_BAND], band).numpy()
            for row, end in enumerate((ends - start).tolist()):
                yield scores[row, row + 1 : end]

    def spread_scores(self, rows: int) -> Tensor:
        """Scores of evenly spread images with each other, float32 [n (n − 1) / 2] for n = min(rows, N)."""
        chosen = self._vectors[torch.linspace(0, len(self.order) - 1, min(rows, len(self.order))).round().long()]
        above = torch.triu_indices(len(chosen), len(chosen), offset=1)
        return self._scorer.compare(chosen, chosen)[above[0], above[1]]


def laid_out(runs: Iterable[NDArray[np.float32]], total: int) -> Tensor:
    """All runs in one tensor, float32 [total]."""
    scores = torch.empty(total)
    out, filled = scores.numpy(), 0
    for run in runs:
        out[filled : filled + len(run)] = run
        filled += len(run)
    return scores
