"""The comparisons that a similarity gets most wrong, for people to look at."""

from dataclasses import dataclass
from functools import partial
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from resemblance.embeddings import Embeddings
from resemblance.errors import ConfigurationError
from resemblance.metrics.all_pairs import AllPairs
from resemblance.protocols.progress import watched
from resemblance.results import Result, Table
from resemblance.similarity import Similarity

MOST_PER_SUBJECTS = 3
"""Comparisons of the same two subjects (or of one subject with itself) in a list."""
MOST_PER_IMAGE = 3
"""Comparisons of one image in a list."""
SPARE = 20
"""Comparisons kept for each one listed, from which those of an image that is there too often are left out."""
_ENTRIES = 2**20
"""Scores looked at at a time."""

_Places = NDArray[np.int64]


@dataclass(frozen=True)
class HardestPairs:
    """The most similar impostor comparisons and the least similar genuine ones, of all unordered pairs of a set.

    One wrong label, or one blurred image that resembles everybody, would fill a list alone. A list therefore holds at
    most three comparisons of the same two subjects (or of one subject with itself), and at most three of one image:
    more of one image only where the 20 · count worst comparisons hold no others.

    Reports the tables ``verification/hardest_false_matches`` and ``verification/hardest_false_non_matches``: rows
    ``first`` and ``second`` of the set, and ``score``, worst first, equal scores in the order of subjects. The epochs
    of a training, which do without intervals, do without these lists too.

    Args:
        count: comparisons in each list, fewer where the set has no more.

    Raises:
        ConfigurationError: for a count below 1.
    """

    needs: ClassVar[tuple[str, ...]] = ()

    count: int = 24

    def __post_init__(self) -> None:
        if self.count < 1:
            raise ConfigurationError(f"HardestPairs lists a count of 1 pair or more, not {self.count}.")

    def __call__(self, embeddings: Embeddings, similarity: Similarity, *, intervals: bool = True) -> Result:
        """The two lists of one set, found in one walk over all pairs; memory is that of a block of scores.

        Raises:
            DataError: if there are no genuine or no impostor pairs, or the similarity can't judge an embedding.
        """
        if not intervals:
            return Result()
        pairs = AllPairs(embeddings, similarity, watch=partial(watched, told="looking for the hardest pairs"))
        subjects = pairs.subjects.numpy()
        matches, non_matches = _Worst(SPARE * self.count, subjects), _Worst(SPARE * self.count, subjects)
        for block in pairs:
            scores, ends = block.scores.numpy(), block.ends.numpy()
            step = max(1, _ENTRIES // scores.shape[1])
            for top in range(0, len(scores), step):
                part, stop = scores[top : top + step], ends[top : top + step]
                row, column = np.nonzero(part > matches.bar)
                impostor = column >= stop[row]
                row, column = row[impostor], column[impostor]
                matches.add(block.start + top + row, block.start + column, part[row, column])
                band = -part[:, top : stop.max()]  # genuine comparisons lie beside the diagonal
                row, column = np.nonzero(band > non_matches.bar)
                genuine = (column > row) & (column < stop[row] - top)
                row, column = row[genuine], column[genuine]
                non_matches.add(block.start + top + row, block.start + top + column, band[row, column])
        order = pairs.order.numpy()
        return Result(
            tables={
                "verification/hardest_false_matches": matches.table(self.count, order, 1),
                "verification/hardest_false_non_matches": non_matches.table(self.count, order, -1),
            }
        )


class _Worst:
    """The worst comparisons so far, at most three of each pair of subjects.

    Whatever is dropped would be dropped from the whole too (the sets with at most three of each pair of subjects are
    the independent sets of a matroid), so that the result does not depend on the blocks.

    Args:
        size: how many are kept.
        subjects: int64 [N], label of each place.

    Attributes:
        bar: what a comparison must exceed to be kept.
    """

    def __init__(self, size: int, subjects: _Places) -> None:
        self.bar = -np.inf
        self._size = size
        self._subjects = subjects
        self._first = self._second = np.empty(0, dtype=np.int64)
        self._badness = np.empty(0, dtype=np.float32)

    def add(self, first: _Places, second: _Places, badness: NDArray[np.float32]) -> None:
        """Comparisons of places, later ones of the walk than those before."""
        if len(first) == 0:
            return
        first, second = np.concatenate([self._first, first]), np.concatenate([self._second, second])
        badness = np.concatenate([self._badness, badness])
        order = np.argsort(-badness, kind="stable")  # of equal ones the earlier of the walk comes first
        pair = self._subjects[first[order]] * len(self._subjects) + self._subjects[second[order]]
        kept = order[occurrences(pair) < MOST_PER_SUBJECTS][: self._size]
        self._first, self._second, self._badness = first[kept], second[kept], badness[kept]
        if len(kept) == self._size:
            self.bar = float(self._badness[-1])

    def table(self, count: int, order: _Places, sign: int) -> Table:
        """The list, with the rows of the set at each place and the scores' own sign."""
        chosen = self._spread(count)
        ends = np.sort(np.stack([order[self._first[chosen]], order[self._second[chosen]]]), axis=0)
        scores = sign * self._badness[chosen].astype(np.float64)
        return Table(("first", "second", "score"), tuple(zip(*ends.tolist(), scores.tolist(), strict=True)))

    def _spread(self, count: int) -> list[int]:
        """At most so many, in order, none of whose images is there more often than it must."""
        wanted = min(count, len(self._first))
        most = MOST_PER_IMAGE
        while True:
            seen: dict[int, int] = {}
            chosen: list[int] = []
            for place, images in enumerate(zip(self._first.tolist(), self._second.tolist(), strict=True)):
                if len(chosen) < wanted and all(seen.get(image, 0) < most for image in images):
                    chosen.append(place)
                    seen |= {image: seen.get(image, 0) + 1 for image in images}
            if len(chosen) == wanted:
                return chosen
            most += 1


def occurrences(keys: NDArray[np.int64]) -> NDArray[np.int64]:
    """How often each key has been there before it.

    >>> occurrences(np.array([7, 3, 7, 7, 3])).tolist()
    [0, 0, 1, 2, 1]
    """
    order = np.argsort(keys, kind="stable")
    ordered = keys[order]
    starts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]])
    counted = np.empty(len(keys), dtype=np.int64)
    counted[order] = np.arange(len(keys)) - np.repeat(starts, np.diff(np.r_[starts, len(keys)]))
    return counted
