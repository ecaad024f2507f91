"""How far each subject moves the rates and the AUC of all pairs, from one more walk over their scores."""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from torch import Tensor

from resemblance.metrics.all_pairs import AllPairs
from resemblance.metrics.influence import RateInfluence
from resemblance.metrics.scores import rounded_down
from resemblance.metrics.subject_means import Spread, average_influence, combined
from resemblance.metrics.uncertainty import Influence

TABLE = 2**16
"""Cells of the table that gives an impostor score its share of wins in the AUC. A share is off by half a cell's genuine
scores at most: 1e-5 of a typical set's. What rests on it is a standard error, of which three digits are plenty."""
_OFFSET = 0.382
_GENUINE = 2**20
"""Genuine scores at a time."""

_Floats = NDArray[np.float64]
Shares = Callable[[Tensor], Tensor]
"""Share of one kind's scores below each number [V], float64, half of the equal ones included."""


class ScoreShares(NamedTuple):
    """How the scores of both kinds are spread, from an earlier walk.

    Attributes:
        genuine, impostor: shares below a number.
        low, high: numbers that no genuine score lies outside of, the closer the finer the table: the least and the
            greatest score of all.
    """

    genuine: Shares
    impostor: Shares
    low: float
    high: float


def all_pairs_influence(
    pairs: AllPairs, thresholds: Sequence[float], shares: ScoreShares | None = None
) -> tuple[list[RateInfluence], Influence | None]:
    """Influence on TAR and FAR at each threshold and, where the shares are given, on the AUC.

    What :func:`resemblance.metrics.influence.rate_influence` and ``auc_influence`` find, in O(block · N + S · K)
    memory: no comparison's subjects are ever laid out, for images of a subject lie side by side.

    Args:
        pairs: the comparisons.
        thresholds: K; float32 numbers or wider.
        shares: of the scores below a number; None leaves the AUC out.
    """
    images = pairs.images.double()
    own = Spread(images * (images - 1) / 2, pairs.genuine)
    squares = float(images.square().sum()) ** 2 - float(images.pow(4).sum())
    other = Spread(images * (images.sum() - images), pairs.impostor, squares / 2)
    levels = [np.float32(rounded_down(threshold)) for threshold in thresholds]
    above, wins = _genuine_sums(pairs, levels, shares)
    sums = _ImpostorSums(images.numpy(), len(levels) + (shares is not None))
    table = _Losses(shares) if shares is not None else None
    for start, scores in _impostor_blocks(pairs):
        sums.begin(pairs.subjects[start : start + len(scores)].numpy(), pairs.subjects[start:].numpy())
        for channel, level in enumerate(levels):
            sums.add(channel, (scores > level).astype(np.float32))
        if table is not None:
            sums.add(len(levels), table(scores))
    sums.finish()
    rates = []
    for channel in range(len(levels)):
        accepted = torch.from_numpy(above[channel])
        tar = average_influence(float(accepted.sum()) / own.total, accepted, own)
        rates.append(RateInfluence(tar, sums.influence(channel, other)))
    if table is None:
        return rates, None
    won = torch.from_numpy(wins)
    of_genuine = average_influence(float(won.sum()) / own.total, won, own)
    return rates, combined([(1.0, of_genuine), (-1.0, sums.influence(len(levels), other))])


def _impostor_blocks(pairs: AllPairs) -> Iterator[tuple[int, NDArray[np.float32]]]:
    """First place and scores of each block, −∞ for what is no impostor comparison."""
    for block in pairs:
        scores, ends = block.scores.numpy(), block.ends.numpy()
        edge = int(ends.max())
        scores[:, :edge][np.arange(edge) < ends[:, None]] = -np.inf
        yield block.start, scores


def _genuine_sums(pairs: AllPairs, levels: Sequence[np.float32], shares: ScoreShares | None) -> tuple[_Floats, _Floats]:
    """Of each subject's genuine scores the number above each level [K, S], and the sum of their shares of wins [S]."""
    count = len(pairs.images)
    above, wins = np.zeros((len(levels), count)), np.zeros(count)
    for subjects, scores in _genuine_chunks(pairs):
        for channel, level in enumerate(levels):
            above[channel] += np.bincount(subjects[scores > level], minlength=count)
        if shares is not None:
            wins += np.bincount(subjects, shares.impostor(torch.from_numpy(scores)).numpy(), minlength=count)
    return above, wins


def _genuine_chunks(pairs: AllPairs) -> Iterator[tuple[NDArray[np.int64], NDArray[np.float32]]]:
    """Subject and score of all genuine comparisons, some at a time."""
    subjects: list[int] = []
    runs: list[NDArray[np.float32]] = []
    waiting = 0
    for subject, run in zip(pairs.subjects.tolist(), pairs.genuine_runs(), strict=True):
        subjects.append(subject)
        runs.append(run.copy())
        waiting += len(run)
        if waiting >= _GENUINE:
            yield np.repeat(subjects, [len(run) for run in runs]), np.concatenate(runs)
            subjects, runs, waiting = [], [], 0
    if runs:
        yield np.repeat(subjects, [len(run) for run in runs]), np.concatenate(runs)


class _Losses:
    """The share of genuine scores that an impostor score beats, from a table over a range that holds them all."""

    def __init__(self, shares: ScoreShares) -> None:
        self._width = max((shares.high - shares.low) / (TABLE - 2), 1e-30)
        # Tied scores often lie at even parts of the range, which are to be inside the cells and not at their edges.
        self._start = shares.low - _OFFSET * self._width
        edges = torch.arange(TABLE + 1, dtype=torch.float64) * self._width + self._start
        below = shares.genuine(edges)
        inner = ((below[1:] + below[:-1]) / 2).float()
        self._shares = torch.cat([inner.new_zeros(1), inner, inner.new_ones(1)])

    def __call__(self, scores: NDArray[np.float32]) -> NDArray[np.float32]:
        cells = (torch.from_numpy(scores) - self._start).mul_(1 / self._width)
        cells = cells.add_(1).clamp_(0, TABLE + 1).to(torch.int32)
        return self._shares.index_select(0, cells.view(-1)).view(cells.shape).numpy()


class _ImpostorSums:
    """Sums of a value over the impostor comparisons of each subject and, squared, of each pair of subjects."""

    def __init__(self, images: _Floats, channels: int) -> None:
        self._images = images
        self._by_subject = np.zeros((channels, len(images)))
        self._squares, self._products = np.zeros(channels), np.zeros(channels)
        # Rows of one subject may be in two blocks: its sums with all others wait until its last row was there.
        self._open = np.zeros((channels, len(images)))
        self._open_subject = -1

    def begin(self, rows: NDArray[np.int64], columns: NDArray[np.int64]) -> None:
        """A new block: the subject of each row and column, ascending; its channels are to be added next."""
        if rows[0] != self._open_subject:
            self.finish()
        self._first, self._open_subject = int(rows[0]), int(rows[-1])
        self._rows, self._columns = _members(rows), _members(columns)

    def add(self, channel: int, values: NDArray[np.float32]) -> None:
        """Values of the block, [b, M]; 0 for what is no impostor comparison."""
        # Rows first, which leaves less to be turned and added. A block has fewer than 2²⁴ values: numbers of errors
        # are exact in float32.
        by_row = self._rows @ values
        sums = (self._columns @ np.ascontiguousarray(by_row.T)).T.astype(np.float64)
        sums[0] += self._open[channel, self._first :]
        self._open[channel] = 0
        self._open[channel, self._first :] = sums[-1]
        self._close(channel, self._first, sums[:-1])

    def finish(self) -> None:
        """No more rows of the subject that waits."""
        if self._open_subject >= 0:
            for channel, sums in enumerate(self._open):
                self._close(channel, self._open_subject, sums[None, self._open_subject :])
            self._open[:] = 0
        self._open_subject = -1

    def _close(self, channel: int, first: int, sums: _Floats) -> None:
        """Sums of all comparisons of some subjects, from ``first`` on, with the subjects from ``first`` on."""
        if len(sums):
            self._by_subject[channel, first : first + len(sums)] += sums.sum(axis=1)
            self._by_subject[channel, first:] += sums.sum(axis=0)
            self._squares[channel] += np.einsum("ij,ij->", sums, sums)
            # No matrix product: its threads cost more than they save here.
            with_all = np.einsum("ij,j->i", sums, self._images[first:])
            self._products[channel] += with_all @ self._images[first : first + len(sums)]

    def influence(self, channel: int, spread: Spread) -> Influence:
        """On the average over the impostor comparisons."""
        sums = torch.from_numpy(self._by_subject[channel])
        value = float(sums.sum()) / 2 / spread.total
        return average_influence(value, sums, spread, self._squares[channel], self._products[channel])


def _members(subjects: NDArray[np.int64]) -> csr_matrix:
    """Which of the n images belong to each of the subjects, float32 [first … last, n]."""
    count = len(subjects)
    ones = np.ones(count, dtype=np.float32)
    return csr_matrix((ones, (subjects - subjects[0], np.arange(count))), shape=(subjects[-1] - subjects[0] + 1, count))
