"""Every unordered pair of images once, block by block: the comparisons of a set that has no list of its own."""

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from resemblance.embeddings import Embeddings
from resemblance.errors import DataError
from resemblance.protocols.base import check_embeddings
from resemblance.protocols.scores import Scorer
from resemblance.similarity import Similarity


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


class AllPairs:
    """The comparisons of a set of images, each once, with the images of one subject side by side.

    A block's impostor scores are then one run of each row, and its sums over subjects sums over runs. Each iteration
    computes the scores anew: memory is O(block · N).

    Args:
        embeddings: [N, D] with identities.
        similarity: symmetric.
        block: rows at a time.

    Attributes:
        order: int64 [N], the row of the data set at each place.
        subjects: int64 [N], compact label 0 … S − 1 of each place, ascending.
        images: int64 [S], number of images of each subject.
        genuine, impostor: numbers of comparisons.

    Raises:
        DataError: if the pairs are all genuine or all impostor, or an embedding is not finite.
    """

    def __init__(self, embeddings: Embeddings, similarity: Similarity, block: int = 512) -> None:
        check_embeddings(embeddings)
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
                raise DataError(
                    f"Verification on {len(embeddings)} images of {len(self.images)} identities has no {name} "
                    f"comparison; it needs {cure}."
                )
        self._ends = self.images.cumsum(0)[self.subjects]
        self._vectors = embeddings.vectors[self.order]
        self._scorer = Scorer(similarity)
        self._block = block

    def __iter__(self) -> Iterator[ScoreBlock]:
        for start in range(0, len(self.order), self._block):
            rows = slice(start, start + self._block)
            scores = self._scorer(self._vectors[rows], self._vectors[start:])
            yield ScoreBlock(start, scores, self._ends[rows] - start)
