"""How far each subject moves an average over comparisons or probes: what every figure's uncertainty is made of."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from resemblance.metrics.uncertainty import Influence


@dataclass(frozen=True)
class Spread:
    """How the comparisons of one kind, or the probes, are spread over the subjects.

    Attributes:
        by_subject: float64 [S], number of those in which each subject takes part.
        total: N, number of all.
        squares: Σ_d n_d², n_d being the comparisons of the pair of different subjects d; 0 where each belongs to one
            subject only.
    """

    by_subject: Tensor
    total: int
    squares: float = 0.0

    @property
    def subjects(self) -> int:
        """How many take part; 1 if one of them takes part in all, for nothing would be left without that one."""
        if float(self.by_subject.max()) >= self.total:
            return 1
        return int((self.by_subject > 0).sum())


def average_influence(
    value: float, sums: Tensor, spread: Spread, squares: float = 0.0, products: float = 0.0
) -> Influence:
    """Influence of the subjects on an average θ of N terms.

    Leaving out subject s with n_s terms that add up to c_s moves it by θ − θ₋ₛ = ((c_s − θ n_s) / N) / (1 − n_s / N).

    Args:
        value: θ.
        sums: c, float64 [S]; a comparison of two subjects is in the sum of both.
        spread: n and N.
        squares: Σ_d c_d² over pairs d of different subjects.
        products: Σ_d c_d n_d.
    """
    rest = (1 - spread.by_subject / spread.total).clamp(min=1 / spread.total)  # who takes part in all: see Spread
    twice = (squares - 2 * value * products + value**2 * spread.squares) / spread.total**2
    return Influence((sums - value * spread.by_subject) / spread.total / rest, max(0.0, twice), spread.subjects)


def combined(terms: Sequence[tuple[float, Influence]], bias: float = 0.0) -> Influence:
    """Influence on Σ_k a_k θ_k, from the influences on each θ_k.

    At most one of the terms may rest on comparisons of two subjects: the sums over pairs of subjects are not kept,
    only their squares.

    Args:
        terms: (a_k, influence on θ_k).
        bias: of the sum, as :class:`Influence` has it.
    """
    if sum(influence.counted_twice > 0 for _, influence in terms) > 1:
        raise ValueError("Only one of the combined influences may rest on comparisons of different subjects.")
    by_subject = torch.stack([weight * influence.by_subject for weight, influence in terms]).sum(0)
    twice = sum(weight**2 * influence.counted_twice for weight, influence in terms)
    return Influence(by_subject, twice, min(influence.subjects for _, influence in terms), bias)


def probe_influence(values: Tensor, subjects: Tensor, count: int) -> Influence:
    """Influence of the subjects on the mean of one value a probe, such as 1 for found and 0 for missed.

    The gallery, or whatever the probes are compared with, stays what it is.

    Args:
        values: [P].
        subjects: int64 [P], compact label 0 … S − 1 of each.
        count: S.

    >>> found = probe_influence(torch.tensor([1.0, 1.0, 0.0, 1.0]), torch.tensor([0, 0, 2, 2]), 3)
    >>> found.by_subject.tolist(), found.subjects
    ([0.25, 0.0, -0.25], 2)
    """
    values = values.double()
    sums = torch.zeros(count, dtype=torch.float64).index_add_(0, subjects, values)
    spread = Spread(torch.bincount(subjects, minlength=count).double(), len(values))
    return average_influence(float(values.mean()), sums, spread)


class ComparedSubjects:
    """Whose images are compared in a list of genuine and impostor comparisons.

    Args:
        genuine: int64 [G], the subject of each genuine comparison, as a compact label 0 … S − 1.
        first, second: int64 [I], the two subjects of each impostor comparison.
        count: S.

    Attributes:
        genuine_spread, impostor_spread: of the comparisons of each kind.
    """

    def __init__(self, genuine: Tensor, first: Tensor, second: Tensor, count: int) -> None:
        self._genuine, self._first, self._second, self._count = genuine, first, second, count
        pairs = torch.minimum(first, second) * count + torch.maximum(first, second)
        _, self._pairs, together = pairs.unique(return_inverse=True, return_counts=True)
        self._together = together.double()
        self.genuine_spread = Spread(torch.bincount(genuine, minlength=count).double(), len(genuine))
        self.impostor_spread = Spread(
            (torch.bincount(first, minlength=count) + torch.bincount(second, minlength=count)).double(),
            len(first),
            float(self._together.square().sum()),
        )

    def genuine(self, values: Tensor) -> Influence:
        """Influence on the mean of one value [G] a genuine comparison."""
        values = values.double()
        sums = torch.bincount(self._genuine, values, minlength=self._count)
        return average_influence(float(values.mean()), sums, self.genuine_spread)

    def impostor(self, values: Tensor) -> Influence:
        """Influence on the mean of one value [I] an impostor comparison."""
        values = values.double()
        sums = torch.bincount(self._first, values, minlength=self._count)
        sums += torch.bincount(self._second, values, minlength=self._count)
        by_pair = torch.bincount(self._pairs, values, minlength=len(self._together))
        squares, products = float(by_pair.square().sum()), float(by_pair @ self._together)
        return average_influence(float(values.mean()), sums, self.impostor_spread, squares, products)
