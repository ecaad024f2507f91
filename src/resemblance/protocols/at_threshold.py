"""TAR and FMR over all pairs at thresholds that are given."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from resemblance.metrics.all_pairs import AllPairs
from resemblance.metrics.scores import rounded_down
from resemblance.metrics.subject_means import Spread, average_influence
from resemblance.metrics.uncertainty import Interval, interval

NOTHING_KNOWN = Interval(0.0, 1.0, "of fewer than two subjects nothing is known")
_ENTRIES = 2**21
"""Scores looked at at a time."""

_Ints = NDArray[np.int64]


@dataclass(frozen=True)
class RatesAtThreshold:
    """What a threshold that is given does to all pairs of a set.

    Attributes:
        tar: share of the genuine comparisons above it.
        fmr: share of the impostor comparisons above it.
        genuine_errors, impostor_errors: numbers of comparisons decided wrongly.
        tar_interval, fmr_interval: 95 %; 0 to 1 where fewer than two subjects have such comparisons.
    """

    tar: float
    fmr: float
    genuine_errors: int
    impostor_errors: int
    tar_interval: Interval
    fmr_interval: Interval


def rates_at_thresholds(pairs: AllPairs, thresholds: Sequence[float]) -> list[RatesAtThreshold]:
    """Both rates at each threshold, from one walk over all pairs; their intervals take the threshold as it is.

    A threshold that is given does not vary with the subjects, so a rate moves with its own errors alone:
    u_p = (1[error] − rate) / N for each of the N comparisons p, and U_s and Σ D_d² (see
    :mod:`resemblance.metrics.uncertainty`) follow from numbers of errors of each subject and pair of subjects.

    Args:
        pairs: the comparisons.
        thresholds: a score strictly above one is accepted.
    """
    floors = [rounded_down(threshold) for threshold in thresholds]
    counts = [_Counts(len(pairs.images)) for _ in floors]
    subjects, images = pairs.subjects.numpy(), pairs.images.numpy()
    for first, second, genuine, scores in _above(pairs, min(floors, default=math.inf)):
        for floor, count in zip(floors, counts, strict=True):
            accepted = scores > floor
            count.add(subjects[first[accepted]], subjects[second[accepted]], genuine[accepted], images)
    return [count.rates(images) for count in counts]


def _above(pairs: AllPairs, floor: float) -> Iterator[tuple[_Ints, _Ints, NDArray[np.bool_], NDArray[np.float32]]]:
    """Places, kind and score of all comparisons above the floor, in the order of the walk, some at a time."""
    for block in pairs:
        scores, ends = block.scores.numpy(), block.ends.numpy()
        step = max(1, _ENTRIES // scores.shape[1])
        for top in range(0, len(scores), step):
            row, column = np.nonzero(scores[top : top + step] > floor)
            row += top
            once = column > row
            row, column = row[once], column[once]
            yield block.start + row, block.start + column, column < ends[row], scores[row, column]


class _Counts:
    """Accepted comparisons of each subject, and sums over pairs of subjects."""

    def __init__(self, subjects: int) -> None:
        self._genuine = np.zeros(subjects, dtype=np.int64)
        self._impostor = np.zeros(subjects, dtype=np.int64)
        self._squares = 0  # Σ_d e_d², e_d being the errors of the pair of subjects d
        self._products = 0  # Σ_d e_d n_d, n_d being its comparisons
        self._open = np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)

    def add(self, first: _Ints, second: _Ints, genuine: NDArray[np.bool_], images: _Ints) -> None:
        subjects = len(images)
        self._genuine += np.bincount(first[genuine], minlength=subjects)
        first, second = first[~genuine], second[~genuine]
        if len(first) == 0:
            return
        self._impostor += np.bincount(first, minlength=subjects) + np.bincount(second, minlength=subjects)
        keys, errors = np.unique(first * subjects + second, return_counts=True)
        # Rows come subject by subject: only those of the last one may go on in what follows.
        keys, place = np.unique(np.concatenate([self._open[0], keys]), return_inverse=True)
        errors = np.bincount(place, np.concatenate([self._open[1], errors])).astype(np.int64)
        going_on = keys // subjects == first[-1]
        self._close(keys[~going_on], errors[~going_on], images)
        self._open = keys[going_on], errors[going_on]

    def _close(self, keys: _Ints, errors: _Ints, images: _Ints) -> None:
        first, second = np.divmod(keys, len(images))
        self._squares += int((errors * errors).sum())
        self._products += int((errors * images[first] * images[second]).sum())

    def rates(self, images: _Ints) -> RatesAtThreshold:
        self._close(*self._open, images)
        own = images * (images - 1) // 2
        others = images * (images.sum() - images)
        genuine, impostor = int(own.sum()), int(others.sum()) // 2
        accepted, errors = int(self._genuine.sum()), int(self._impostor.sum()) // 2
        tar, fmr = accepted / genuine, errors / impostor
        squares = images.astype(np.float64) ** 2
        comparisons_squared = (squares.sum() ** 2 - (squares**2).sum()) / 2  # Σ_d n_d²
        on_tar = average_influence(tar, _tensor(self._genuine), Spread(_tensor(own), genuine))
        on_fmr = average_influence(
            fmr,
            _tensor(self._impostor),
            Spread(_tensor(others), impostor, float(comparisons_squared)),
            self._squares,
            self._products,
        )
        return RatesAtThreshold(tar, fmr, genuine - accepted, errors, interval(tar, on_tar), interval(fmr, on_fmr))


def _tensor(counts: _Ints) -> Tensor:
    return torch.from_numpy(counts).double()
