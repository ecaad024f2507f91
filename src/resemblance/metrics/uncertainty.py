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

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from scipy.special import ndtri, stdtrit
from torch import Tensor

from resemblance.results import CLUSTER_ROBUST

LEVEL = 0.95
_FEWEST_DEGREES = 3.0
_NO_SPREAD = 1e-14
"""Standard error below which a figure does not vary: a single error in 10¹² comparisons moves one more than that, and
the rounding of float64 sums less."""


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
    figure. A figure that no subject moves, such as a rate of exactly 0 or 1, has the rule of three over subjects: not
    over comparisons, which are not independent. Of fewer than two subjects nothing is known: 0 to 1.

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
    if value in (0, 1) or math.sqrt(influence.variance) <= _NO_SPREAD:
        return rule_of_three(value, influence.subjects, "subjects")
    error = logit_error(value, influence)
    half = float(stdtrit(influence.degrees_of_freedom, (1 + LEVEL) / 2)) * error
    centring = (0.5 - value) * error**2 - influence.bias / (value * (1 - value))
    # What is second to the error can't exceed half of it where the expansion holds; and the figure stays inside.
    centre = math.log(value / (1 - value)) + max(-error / 2, min(error / 2, centring))
    low, high = _expit(centre - half), _expit(centre + half)
    return Interval(min(low, value), max(high, value), CLUSTER_ROBUST)


def rule_of_three(value: float, number: int, units: str) -> Interval:
    """What n units that are all alike say of the others: figure ± 3/n, within 0 … 1.

    No error in n units gives a 95 % bound of 3/n on the rate of errors. In the same way a share of units above 3/n that
    differ from what was seen would have shown in 95 of 100 samples; how far they differ nobody knows, and 1 is the
    most. So a spread of zero is never taken for certainty: AUC 0.5 of a network that maps all faces to one point, runs
    that all have the same accuracy.

    Args:
        value: 0 … 1.
        number: n.
        units: what is alike, for the method's name.

    >>> rule_of_three(0.5, 60, "subjects")
    Interval(low=0.45, high=0.55, method='rule of three over subjects')
    """
    return Interval(max(0.0, value - 3 / number), min(1.0, value + 3 / number), f"rule of three over {units}")


def wilson(errors: int, number: int, units: str) -> Interval:
    """Wilson's 95 % score interval of a share of units that are independent, or are taken as if they were.

    Args:
        errors: units that count.
        number: units in all.
        units: what they are, for the method's name.

    >>> found = wilson(0, 96, "images")
    >>> f"{found.low:.3f} {found.high:.3f} {found.method}"
    '0.000 0.038 Wilson over images as if independent'

    Raises:
        ValueError: for no units.
    """
    if number < 1:
        raise ValueError("A share needs one unit at least.")
    share, spread = errors / number, float(ndtri((1 + LEVEL) / 2)) ** 2 / number
    centre = (share + spread / 2) / (1 + spread)
    half = math.sqrt(spread * share * (1 - share) + spread**2 / 4) / (1 + spread)
    low, high = max(0.0, min(share, centre - half)), min(1.0, max(share, centre + half))
    return Interval(low, high, f"Wilson over {units} as if independent")


def interval_over_folds(values: Sequence[float], units: str = "folds", influence: Influence | None = None) -> Interval:
    """Mean ± t · standard error over folds, as LFW's protocol reports it, within 0 … 1; the standard error is std / √K.

    Folds that are all alike, such as those without an error, have no spread to tell anything by. What is left is what
    the subjects tell, where that is known, and else the rule of three.

    Args:
        values: rates of K folds.
        units: what a fold is called.
        influence: of the subjects on the mean.

    >>> found = interval_over_folds([0.9, 0.92, 0.91])
    >>> f"{found.low:.4f} {found.high:.4f}"
    '0.8852 0.9348'

    Raises:
        ValueError: for fewer than two folds.
    """
    if len(values) < 2:
        raise ValueError("An interval over folds needs two folds or more.")
    folds = torch.tensor(values, dtype=torch.float64)
    mean, error = float(folds.mean()), float(folds.std()) / math.sqrt(len(values))
    if error <= _NO_SPREAD:
        return rule_of_three(mean, len(values), units) if influence is None else interval(mean, influence)
    half = float(stdtrit(len(values) - 1, (1 + LEVEL) / 2)) * error
    return Interval(max(0.0, mean - half), min(1.0, mean + half), f"t over {len(values)} {units}")


def interval_over_episodes(accuracies: Tensor) -> Interval | None:
    """Mean ± 1.96 · std / √E over the accuracies [E] of the episodes, within 0 … 1; None for a single episode.

    It says how far other episodes of the same images would move the mean; nothing of other trainings or other people.
    Episodes that all have one accuracy give the rule of three.

    >>> found = interval_over_episodes(torch.tensor([1.0, 0.8, 0.6, 0.8]))
    >>> f"{found.low:.3f} {found.high:.3f} {found.method}"
    '0.640 0.960 1.96·std/√episodes'
    >>> interval_over_episodes(torch.ones(60)).low
    0.95
    """
    if len(accuracies) < 2:
        return None
    mean, error = float(accuracies.double().mean()), float(accuracies.double().std()) / math.sqrt(len(accuracies))
    if error <= _NO_SPREAD:
        return rule_of_three(mean, len(accuracies), "episodes")
    return Interval(max(0.0, mean - 1.96 * error), min(1.0, mean + 1.96 * error), "1.96·std/√episodes")


def logit_error(value: float, influence: Influence) -> float:
    """Standard error of logit(value), at most what covers everything there is."""
    return min(100.0, math.sqrt(influence.variance) / (value * (1 - value)))


def _expit(logit: float) -> float:
    return float(torch.sigmoid(torch.tensor(logit, dtype=torch.float64)))
