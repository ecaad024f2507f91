"""ROC curves over seeds, each a flight of stairs: at a FAR, the TAR that was measured at the largest FAR up to it."""

import math
import re
from collections.abc import Sequence

import numpy as np

from resemblance.comparison.evidence.over_seeds import Band, Numbers, band
from resemblance.comparison.study import Contestant
from resemblance.comparison.telling import seeds_text
from resemblance.results import Curve

POINTS = 300
"""Of a drawn curve, evenly over log FAR: so many that no step is seen which is not the curve's own."""
_ROC = re.compile(r"test/(.+)/roc")


def protocols_with_roc(contestants: Sequence[Contestant]) -> list[str]:
    """``["verification", "pairs"]``: the protocols of which there are ROC curves to compare, the most usual first.

    A protocol that only one of several contestants has, such as that of the cosine beside a learned similarity,
    is none.

    Args:
        contestants: of a test set.
    """
    having: dict[str, int] = {}
    for one in contestants:
        keys = {key for run in one.runs for key, curve in run.curves.items() if _has_rates(curve)}
        for name in {match[1] for key in keys if (match := _ROC.fullmatch(key))}:
            having[name] = having.get(name, 0) + 1
    found = [name for name, number in having.items() if number >= min(2, len(contestants))]
    return sorted(found, key=lambda name: (name != "verification", name != "pairs", name))


def roc_bands(contestants: Sequence[Contestant], protocol: str) -> dict[str, Band]:
    """TAR against FAR by contestant, on one grid from the least FAR that all can measure up to 1.

    Whoever has no such curve is left out; so is a seed without one, or with one that has no FAR above 0: see
    :func:`without_rates`.

    Args:
        contestants: of a test set.
        protocol: ``verification`` or ``pairs``.
    """
    key = f"test/{protocol}/roc"
    found = {
        one.name: [curve for run in one.runs if (curve := run.curves.get(key)) is not None and _has_rates(curve)]
        for one in contestants
    }
    every = [curve for own in found.values() for curve in own]
    if not every:
        return {}
    least = max(min(x for x in curve.x if 0 < x <= 1) for curve in every)
    grid = np.unique(np.concatenate([np.geomspace(least, 1, POINTS), _decades(least)]))
    return {name: band(grid, [stairs(curve, grid) for curve in own]) for name, own in found.items() if own}


def without_rates(contestants: Sequence[Contestant], protocol: str) -> list[str]:
    """A sentence for each contestant some of whose curves can't be drawn, as no FAR above 0 was measured."""
    told = []
    for one in contestants:
        found = {run.seed: run.curves.get(f"test/{protocol}/roc") for run in one.runs}
        seeds = [seed for seed, curve in found.items() if curve is not None and not _has_rates(curve)]
        if seeds:
            told.append(f"Left out: {seeds_text(seeds)} of {one.name}, whose curve has no FAR above 0.")
    return told


def _has_rates(curve: Curve) -> bool:
    """Whether a curve can be drawn on a logarithmic axis."""
    return any(0 < x <= 1 for x in curve.x)


def stairs(curve: Curve, x: Numbers) -> Numbers:
    """Its height at the rates ``x``: that of the largest measured rate up to each, 0 below the first."""
    rates, heights = np.asarray(curve.x), np.asarray(curve.y)
    order = np.argsort(rates, kind="stable")
    # A rate may differ from the grid's in its last digit, 1/1080 from 1e-3 never does.
    place = np.searchsorted(rates[order], x * (1 + 1e-9), side="right") - 1
    return np.where(place < 0, 0.0, heights[order][np.maximum(place, 0)])


def _decades(least: float) -> Numbers:
    """1e-3, 1e-2 …: the rates that figures are reported at lie on the grid."""
    return np.float64(10) ** np.arange(math.ceil(math.log10(least) - 1e-9), 1)
