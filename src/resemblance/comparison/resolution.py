"""What a design can show at best: of a study that has run, and of one that has not."""

import math
from dataclasses import dataclass

import numpy as np

from resemblance.comparison.spread import Spread
from resemblance.comparison.student import ALPHA, t_above
from resemblance.comparison.studentized_range import critical
from resemblance.wording import counted


@dataclass(frozen=True)
class Design:
    """k losses with n seeds each, before anything has run.

    Attributes:
        losses: k, two or more.
        seeds: n, two or more.
        pairs: k(k − 1)/2.
        residual_degrees: (k − 1)(n − 1), of the blocked analysis of variance.
        smallest_difference: half the width of Tukey's intervals, in standard deviations of one training around what
            loss and seed make of it; the subjects of the test set come on top.
        holm_t: |t| with n − 1 degrees of freedom that Holm's first step asks for, where variances differ.
        wilcoxon_p: the smallest p-value of Wilcoxon's signed-rank test on n paired differences.
    """

    losses: int
    seeds: int
    pairs: int
    residual_degrees: int
    smallest_difference: float
    holm_t: float
    wilcoxon_p: float

    def __str__(self) -> str:
        return self.told("loss")

    def told(self, what: str) -> str:
        """In words.

        Args:
            what: is compared, ``loss`` or ``contestant``.
        """
        compared = counted(self.losses, what, "losses" if what == "loss" else None)
        return (
            f"{compared} × {counted(self.seeds, 'seed')}: {self.residual_degrees} residual degrees of "
            f"freedom; over {counted(self.pairs, 'pair')} a difference shows above "
            f"{self.smallest_difference:.2f} standard deviations of a training (Tukey), or, where variances differ, at "
            f"|t{self.seeds - 1}| > {self.holm_t:.2f} (Holm's first step); Wilcoxon's test can't go below "
            f"p = {self.wilcoxon_p:.3g}."
        )


def design(losses: int, seeds: int) -> Design:
    """What so many losses and seeds can show.

    >>> print(design(7, 5))  # doctest: +NORMALIZE_WHITESPACE
    7 losses × 5 seeds: 24 residual degrees of freedom; over 21 pairs a difference shows above 2.03 standard deviations
    of a training (Tukey), or, where variances differ, at |t4| > 6.85 (Holm's first step); Wilcoxon's test can't go
    below p = 0.0625.

    Raises:
        ValueError: for fewer than two losses or two seeds: nothing can be shown with those.
    """
    if losses < 2 or seeds < 2:
        raise ValueError(
            f"{counted(losses, 'loss', 'losses')} and {counted(seeds, 'seed')} can show nothing; two of each are the "
            f"fewest."
        )
    pairs, degrees = losses * (losses - 1) // 2, (losses - 1) * (seeds - 1)
    return Design(
        losses,
        seeds,
        pairs,
        degrees,
        float(critical(losses, degrees)) / math.sqrt(seeds),
        float(t_above(ALPHA / pairs, seeds - 1)),
        min(1.0, 2.0 ** (1 - seeds)),
    )


def resolution(halves: np.ndarray, spread: Spread, seeds: int, covers_subjects: bool | None) -> tuple[float, str]:
    """How wide the intervals of a study are, and what makes them so.

    A difference much below half the typical width is seldom told from none; a pair whose own interval is narrower can
    still have been decided below it, so nothing is said to be the least that could be shown.

    Args:
        halves: widths of the simultaneous intervals, float64 [m]; the typical one is their median.
        spread: of the same m differences.
        seeds: n.
        covers_subjects: whether there were replicates; None where no test subject takes part.
    """
    typical = float(np.median(halves))
    shown = f"The typical simultaneous interval is ± {typical:.2g}"
    if not covers_subjects:
        without = "" if covers_subjects is None else ", and test subjects are not covered"
        return typical, f"{shown}; more seeds than {seeds} would narrow it{without}."
    share = float(np.median(spread.seeds / spread.variances))
    if share >= 0.5:
        limit = f"{100 * share:.0f} % of its variance is over the {seeds} seeds, so more seeds would narrow it most"
    else:
        share = 1 - share
        limit = f"{100 * share:.0f} % of its variance is over the test subjects, so more subjects would narrow it most"
    return typical, f"{shown}; {limit}."
