"""Counting a stream of scores, of any length, at given values: see :mod:`resemblance.metrics.counted`."""

import math
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

HIGHEST = 2**22
"""Highest scores that are kept one by one."""
WAITING = 2**24
"""Scores that are sorted together; in float32 they take 64 MiB."""
_VALUES = 2**18
"""Values looked up at a time."""

_Floats = NDArray[np.float32]


class ScoreCounter:
    """Counts scores below and up to each of some values, and keeps the highest ones.

    Scores wait in a buffer until it is full. They are then sorted in pieces, one for each thread, and the values are
    looked up in them: a vectorised sort is several times faster than finding a bin for each score, and its counts are
    exact. The result does not depend on how the scores arrive.

    Args:
        values: float32 [E] ascending, distinct.
        highest: how many of the highest scores to keep.
        waiting: size of the buffer.

    Attributes:
        total: number of scores so far.

    Raises:
        ValueError: for scores that are NaN or infinite, when they are counted.
    """

    def __init__(self, values: Tensor, highest: int = HIGHEST, waiting: int = WAITING) -> None:
        self._values = values.numpy()
        self._below = np.zeros(len(values), np.int64)
        self._up_to = np.zeros(len(values), np.int64)
        self._buffer = np.empty(waiting, np.float32)
        self._filled = 0
        self._keep = highest
        self._top: list[_Floats] = []
        self._least_kept = np.float32(-np.inf)
        self._lowest = math.inf
        self.total = 0

    def add(self, scores: _Floats) -> None:
        """Count some more, [n]; they are copied."""
        self.total += len(scores)
        while len(scores):
            part = scores[: len(self._buffer) - self._filled]
            self._buffer[self._filled : self._filled + len(part)] = part
            self._filled += len(part)
            scores = scores[len(part) :]
            if self._filled == len(self._buffer):
                self._flush()

    def counts(self) -> tuple[Tensor, Tensor]:
        """How many scores lie below and up to each value, int64 [E] each."""
        self._flush()
        return torch.from_numpy(self._below), torch.from_numpy(self._up_to)

    def highest(self) -> Tensor:
        """The highest scores, ascending, float32 [min(highest, total)]."""
        self._flush()
        self._thin()
        return torch.from_numpy(np.sort(self._top[0]))

    def lowest(self) -> float:
        """The least score; infinite for none."""
        self._flush()
        return self._lowest

    def _flush(self) -> None:
        if self._filled == 0:
            return
        threads = torch.get_num_threads()
        pieces = [piece for piece in np.array_split(self._buffer[: self._filled], threads) if len(piece)]
        starts = range(0, len(self._values), _VALUES)
        with ThreadPoolExecutor(threads) as pool:  # NumPy's sort and search let other threads run
            list(pool.map(np.ndarray.sort, pieces))
            list(pool.map(lambda start: self._look_up(slice(start, start + _VALUES), pieces), starts))
        if not all(np.isfinite(piece[[0, -1]]).all() for piece in pieces):  # −∞ comes first, ∞ and NaN come last
            raise ValueError("Some of the scores are NaN or infinite; no rate can be counted from them.")
        self._lowest = min(self._lowest, *(float(piece[0]) for piece in pieces))
        self._keep_highest(pieces)
        self._filled = 0

    def _look_up(self, part: slice, pieces: list[_Floats]) -> None:
        """Add the counts of some values; no other thread touches them."""
        values = self._values[part]
        for piece in pieces:
            below = np.searchsorted(piece, values)
            self._below[part] += below
            # Few scores equal a value, as a rule: the second search is for these only.
            tied = np.flatnonzero(piece[np.minimum(below, len(piece) - 1)] == values)
            below[tied] = np.searchsorted(piece, values[tied], side="right")
            self._up_to[part] += below

    def _keep_highest(self, pieces: list[_Floats]) -> None:
        """Take over what may be among the highest."""
        for piece in pieces:
            candidates = piece[max(0, len(piece) - self._keep) :]
            self._top.append(candidates[np.searchsorted(candidates, self._least_kept, side="right") :].copy())
        if sum(map(len, self._top)) > 2 * self._keep:
            self._thin()

    def _thin(self) -> None:
        """Drop all but the highest; only scores above the least of these can join them from now on."""
        top = np.concatenate(self._top) if self._top else np.empty(0, np.float32)
        if len(top) > self._keep:
            top.partition(len(top) - self._keep)
            top = top[len(top) - self._keep :].copy()
            self._least_kept = top.min() if self._keep else np.float32(np.inf)
        self._top = [top]
