"""Curves of genuine and impostor scores: the ROC with its confidence band, and histograms."""

import numpy as np
import torch

from resemblance.metrics.counted import CountedScores, counted_tar, shares_below
from resemblance.metrics.log_spaced import spread_counts
from resemblance.metrics.uncertainty import Influence, interval
from resemblance.protocols.asked_rates import AskedRate
from resemblance.results import Curve

ROC_POINTS = 500
BAND_POINTS = 24
HISTOGRAM_BINS = 100


def roc_curve(scores: CountedScores) -> Curve:
    """TAR at up to 500 rates k/I, spread evenly over log FAR from the smallest measurable rate to 1."""
    allowed = spread_counts(scores.impostor, ROC_POINTS)
    tar, _ = counted_tar(scores, allowed)
    return Curve(tuple((allowed.double() / scores.impostor).tolist()), tuple(tar.tolist()), "FAR", "TAR")


def roc_band(asked: list[AskedRate], influences: list[Influence]) -> dict[str, Curve]:
    """``roc_low`` and ``roc_high``: ends of the 95 % interval of TAR at some rates; nothing for no rates."""
    if not asked:  # a single impostor comparison
        return {}
    found = [interval(one.point.tar, influence) for one, influence in zip(asked, influences, strict=True)]
    far = tuple(one.far for one in asked)
    return {
        "roc_low": Curve(far, tuple(ends.low for ends in found), "FAR", "TAR"),
        "roc_high": Curve(far, tuple(ends.high for ends in found), "FAR", "TAR"),
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
