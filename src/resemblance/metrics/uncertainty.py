"""Uncertainty of one figure: how far it would move if other subjects had been tested.

Comparisons that share a subject are not independent, so the subjects are what is counted. To first order a figure is
its expectation plus one small term u_p for each comparison (or probe) p. Two comparisons are correlated if they share
a subject, which gives the dyadic cluster-robust variance (Fafchamps and Gubert 2007; Aronow, Samii and Assenova 2015)

    V = Σ_s U_s² − Σ_d D_d²,    U_s = Σ of u_p over the comparisons of subject s,
                                D_d = Σ of u_p over the comparisons of two subjects d = {s, t}:

Σ_s U_s² has counted the comparisons of two subjects with each other once for each of the two. A probe or a genuine
comparison belongs to one subject only, and V is then the usual cluster-robust variance. With what the jackknife adds
for subjects of many comparisons it is unbiased for averages.
"""

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from scipy.special import stdtrit
from torch import Tensor

LEVEL = 0.95
DRAWS = 1000
"""Replicates of each figure."""
METHOD = "dyadic cluster-robust over subjects, logit scale"
_FEWEST_DEGREES = 3.0
_CHUNK = 4096
"""Subjects whose weights are in memory at once."""


@dataclass(frozen=True)
class Interval:
    """A 95 % interval, and how it was made."""

    low: float
    high: float
    method: str


@dataclass(frozen=True)
class Influence:
    """How far each subject moves a figure, to first order.

    Attributes:
        by_subject: U, float64 [S], for all subjects of the set in the order of their labels; 0 for who takes no part.
            Best the jackknife's: how far the figure falls when the subject is left out (see
            :mod:`resemblance.metrics.subject_means`).
        counted_twice: Σ_d D_d², over pairs of two different subjects; 0 for probes and genuine comparisons.
        subjects: how many take part; fewer than two where the figure could not do without one of them.
        bias: how much the figure is too large on average, where that is known.
    """

    by_subject: Tensor
    counted_twice: float
    subjects: int
    bias: float = 0.0

    @property
    def variance(self) -> float:
        """V · (n − 1) / n for n subjects, and at least what comparisons without dependence would give.

        The factor is the jackknife's: together with its U the variance of an average is unbiased, also where some
        subjects have far more comparisons than others. V itself may come out smaller than Σ_d D_d², even negative, by
        chance; comparisons that share a subject are not more different for it.
        """
        squares = float(self.by_subject.square().sum())
        return max(squares - self.counted_twice, self.counted_twice) * max(0, self.subjects - 1) / max(1, self.subjects)

    @property
    def degrees_of_freedom(self) -> float:
        """Of t, by Satterthwaite: 2 V² / Var(V) − 1 with Var(V) from the spread of the U², n − 1 at most.

        2 m / (1 − m / n) − 1 with m = (Σ U²)² / Σ U⁴. Where few subjects make most of the variance, because they have
        more comparisons or because they have the errors, it is as uncertain as that of few subjects. It is never below
        3 while there are so many subjects: where a single error is all that varies, V is no less certain than the rate
        itself, and its logit has taken that into account.
        """
        squares = self.by_subject.square()
        fourth = float(squares.square().sum())
        equal = float(squares.sum()) ** 2 / fourth if fourth else math.inf
        most = self.subjects - 1.0
        if equal >= self.subjects:
            return max(1.0, most)
        return max(1.0, min(most, max(_FEWEST_DEGREES, 2 * equal / (1 - equal / self.subjects) - 1)))


def interval(value: float, influence: Influence) -> Interval:
    """The 95 % interval of a rate, made on the scale of its logit, so that it never leaves 0 … 1.

    logit(θ) + centring ± t · standard error. The centring takes away the figure's bias and, to second order, that of
    the logit, whose mean lies (1 − 2θ) V / (2 θ² (1 − θ)²) below the logit of the mean. An interval always holds its
    figure. A rate of exactly 0 or 1 varies in no subject. Its interval is the rule of three, 3/n for n subjects: not
    the number of comparisons, which are not independent. Of fewer than two subjects nothing is known: 0 to 1.

    Args:
        value: 0 … 1.
        influence: of the subjects on it.

    >>> found = interval(0.9, Influence(torch.tensor([0.02, -0.02, 0.01, -0.01]).double(), 0.0, 4))
    >>> f"{found.low:.3f} {found.high:.3f}"
    '0.767 0.958'
    >>> interval(1.0, Influence(torch.zeros(60).double(), 0.0, 60)).low
    0.95
    """
    if influence.subjects < 2:
        return Interval(0.0, 1.0, "nothing is known of fewer than two subjects")
    if value in (0, 1):
        bound = min(1.0, 3 / influence.subjects)
        return Interval(0.0 if value == 0 else 1 - bound, 1.0 if value == 1 else bound, "rule of three over subjects")
    error = _logit_scale(value, influence)
    half = float(stdtrit(influence.degrees_of_freedom, (1 + LEVEL) / 2)) * error
    centring = (0.5 - value) * error**2 - influence.bias / (value * (1 - value))
    centre = math.log(value / (1 - value)) + max(-half, min(half, centring))  # the figure itself stays inside
    low, high = _expit(centre - half), _expit(centre + half)
    return Interval(min(low, value), max(high, value), METHOD)


def replicates(values: Sequence[float], influences: Sequence[Influence], identities: Tensor) -> Tensor:
    """Figures of one test set for other draws of its subjects, float64 [F, B].

    logit(θ_b) = logit(θ) + c Σ_s w_bs U_s / (θ (1 − θ)) with standard normal weights w and c² = V / Σ_s U_s². The
    weights depend on ``identities`` alone: two runs on one test set share them, and the replicates of a difference are
    differences of replicates. A figure of exactly 0 or 1 stays what it is.

    Args:
        values: F rates.
        influences: F, of S subjects each.
        identities: int64 [N], the labels of the whole test set.

    >>> influence = Influence(torch.tensor([0.02, -0.02, 0.01, -0.01]).double(), 0.0, 4)
    >>> drawn = replicates([0.9], [influence], torch.tensor([0, 0, 1, 2, 3, 3]))
    >>> drawn.shape, bool((drawn == replicates([0.9], [influence], torch.tensor([0, 0, 1, 2, 3, 3]))).all())
    (torch.Size([1, 1000]), True)
    """
    labels = identities.cpu().to(torch.int64).contiguous().numpy().tobytes()
    seed = int.from_bytes(hashlib.sha256(labels).digest()[:7], "big")
    generator = torch.Generator().manual_seed(seed)
    by_subject = torch.stack([influence.by_subject for influence in influences])
    moved = torch.zeros(len(values), DRAWS, dtype=torch.float64)
    for start in range(0, by_subject.shape[1], _CHUNK):
        chunk = by_subject[:, start : start + _CHUNK]
        moved += chunk @ torch.randn(chunk.shape[1], DRAWS, dtype=torch.float64, generator=generator)
    drawn = []
    for value, influence, move in zip(values, influences, moved, strict=True):
        norm = float(influence.by_subject.norm())
        if value in (0, 1) or norm == 0:
            drawn.append(torch.full((DRAWS,), value, dtype=torch.float64))
            continue
        centre = math.log(value / (1 - value))
        drawn.append(torch.sigmoid(centre + move * (_logit_scale(value, influence) / norm)))
    return torch.stack(drawn)


def interval_over_folds(values: Sequence[float]) -> Interval:
    """Mean ± t · standard error over folds, as LFW's protocol reports it; the standard error is std / √folds.

    >>> found = interval_over_folds([0.9, 0.92, 0.91])
    >>> f"{found.low:.4f} {found.high:.4f}"
    '0.8852 0.9348'

    Raises:
        ValueError: for fewer than two folds.
    """
    if len(values) < 2:
        raise ValueError("An interval over folds needs two folds or more.")
    folds = torch.tensor(values, dtype=torch.float64)
    half = float(stdtrit(len(values) - 1, (1 + LEVEL) / 2)) * float(folds.std()) / math.sqrt(len(values))
    mean = float(folds.mean())
    return Interval(mean - half, mean + half, f"t over {len(values)} folds")


def _logit_scale(value: float, influence: Influence) -> float:
    """Standard error of logit(value), at most what covers everything there is."""
    return min(100.0, math.sqrt(influence.variance) / (value * (1 - value)))


def _expit(logit: float) -> float:
    return float(torch.sigmoid(torch.tensor(logit, dtype=torch.float64)))
