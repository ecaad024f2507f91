"""Curves of genuine and impostor scores: the ROC with its confidence band, and histograms."""

from collections.abc import Sequence

import numpy as np
import torch

from resemblance.metrics.counted import CountedScores, counted_tar, shares_below
from resemblance.metrics.log_spaced import spread_counts
from resemblance.metrics.uncertainty import Influence, Interval, interval
from resemblance.protocols.asked_rates import AskedRate
from resemblance.results import Curve

ROC_POINTS = 500
BAND_POINTS = 24
HISTOGRAM_BINS = 100


def roc_curve(scores: CountedScores, asked: Sequence[int] = ()) -> Curve:
    """TAR at up to 500 rates k/I, spread evenly over log FAR from the smallest measurable rate to 1.

    Args:
        scores: of the comparisons.
        asked: k of further rates, those that figures are reported at.
    """
    allowed = with_asked(spread_counts(scores.impostor, ROC_POINTS), asked)
    tar, _ = counted_tar(scores, allowed)
    return Curve(tuple((allowed.double() / scores.impostor).tolist()), tuple(tar.tolist()), "FAR", "TAR")


def with_asked(allowed: torch.Tensor, asked: Sequence[int]) -> torch.Tensor:
    """Numbers of errors, int64 ascending, with those of the rates that figures are reported at.

    >>> with_asked(torch.tensor([1, 10, 100]), [10, 29]).tolist()
    [1, 10, 29, 100]
    """
    return torch.cat([allowed, torch.tensor(list(asked), dtype=torch.int64)]).unique()


def roc_band(rates: Sequence[AskedRate], influences: Sequence[Influence], impostor: int) -> dict[str, Curve]:
    """``roc_low`` and ``roc_high``, which meet in TAR 1 at FAR 1, where everybody is accepted; nothing for no rates."""
    if not rates:  # a single impostor comparison
        return {}
    found = {one.allowed: interval(one.point.tar, influence) for one, influence in zip(rates, influences, strict=True)}
    return band("roc", {**found, impostor: Interval(1.0, 1.0, "everybody is accepted")}, impostor, ("FAR", "TAR"))


def band(name: str, ends: dict[int, Interval], total: int, labels: tuple[str, str]) -> dict[str, Curve]:
    """``NAME_low`` and ``NAME_high`` over the rates k/N, with the 95 % interval at each k; both ends never fall.

    The rate itself can't fall where more errors are allowed, so a band that does says less than is known. Its ends are
    therefore brought into ascending order (the rearrangement of Chernozhukov, Fernández-Val and Galichon 2009): a band
    that holds the whole curve still does, and is as wide on average. At a single rate an end may lie beside that of the
    rate's own interval.

    Args:
        name: the curve's.
        ends: by the number of errors allowed, 1 … N.
        total: N.
        labels: of the axes.
    """
    allowed = sorted(ends)
    x = tuple(count / total for count in allowed)
    return {
        f"{name}_low": Curve(x, tuple(sorted(ends[count].low for count in allowed)), *labels),
        f"{name}_high": Curve(x, tuple(sorted(ends[count].high for count in allowed)), *labels),
    }


def score_histograms(name: str, scores: CountedScores, score: str) -> dict[str, Curve]:
    """``NAME/genuine_scores`` and ``NAME/impostor_scores``: densities over the middles of 100 common bins.

    Args:
        name: the protocol's, before the keys.
        scores: of the comparisons.
        score: the similarity's name, for the axis.
    """
    low, high = scores.lowest, scores.greatest
    if low == high:  # a network that maps all faces to one point
        margin = max(0.5, 1e-3 * abs(low))
        low, high = low - margin, high + margin
    edges = torch.from_numpy(np.linspace(low, high, HISTOGRAM_BINS + 1))
    middles = tuple(((edges[1:] + edges[:-1]) / 2).tolist())
    just_below = torch.nextafter(edges[1:-1], edges.new_tensor(-np.inf))  # a score at an edge lies above it
    curves = {}
    for kind, rejected in (("genuine", scores.genuine_rejected), ("impostor", scores.impostor_rejected)):
        reached = shares_below(scores, rejected, just_below)
        share = torch.cat([reached.new_zeros(1), reached, reached.new_ones(1)]).diff()
        density = tuple((share / ((high - low) / HISTOGRAM_BINS)).tolist())
        curves[f"{name}/{kind}_scores"] = Curve(middles, density, score, "density")
    return curves
