"""95 % bands around curves, and the reported rates as points with their intervals upon them.

The best that a threshold does at a rate x is what it does at the largest measured rate up to x, so curves over such
rates are stairs. A straight line from step to step would promise more than was measured: where comparisons are few, a
reported rate would not lie on it.
"""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from resemblance.results import RULE_OF_30, Curve, Result
from resemblance.tracking.breakdown import rate_of_key
from resemblance.tracking.figures.style import INK, halo
from resemblance.tracking.percent import percent

Numbers = NDArray[np.float64]
BAND_NOTE = "95 % band over subjects"
STEPS = "steps-post"
"""How matplotlib draws a curve over rates."""


def band_of(result: Result, key: str) -> tuple[Numbers, Numbers, Numbers] | None:
    """``(x, low, high)`` from the curves ``KEY_low`` and ``KEY_high``, or None where a result has none.

    The two may have grids of their own; each is a straight line between its points, over log x where x > 0.
    """
    low, high = result.curves.get(f"{key}_low"), result.curves.get(f"{key}_high")
    if low is None or high is None:
        return None
    x = _shared(np.unique(np.concatenate([low.x, high.x])), low, high)
    return x, _on(low, x), _on(high, x)


def stairs_of(result: Result, key: str) -> tuple[Numbers, Numbers, Numbers] | None:
    """:func:`band_of` to be drawn around the stairs of the curve ``KEY``, none of whose steps leaves it.

    It ends where both of its ends are known.
    """
    band = band_of(result, key)
    if band is None:
        return None
    curve = result.curves[key]
    rates, values = np.array(curve.x), np.array(curve.y)
    low, high = result.curves[f"{key}_low"], result.curves[f"{key}_high"]
    x = _shared(np.unique(np.concatenate([band[0], rates])), low, high)
    steps = values[np.maximum(np.searchsorted(rates, x, side="right") - 1, 0)]
    return x, np.minimum(_on(low, x), steps), np.maximum(_on(high, x), steps)


def _shared(x: Numbers, low: Curve, high: Curve) -> Numbers:
    """The part of the grid that both ends have."""
    start, end = max(min(low.x), min(high.x)), min(max(low.x), max(high.x))
    return x[(x >= start) & (x <= end)]


def _on(curve: Curve, x: Numbers) -> Numbers:
    own = np.array(curve.x)
    order = np.argsort(own, kind="stable")
    own, y = own[order], np.array(curve.y)[order]
    if own[0] > 0:
        own, x = np.log(own), np.log(x)
    return np.interp(x, own, y)


def draw_band(axes: Axes, result: Result, key: str, colour: str, *, stairs: bool = False) -> bool:
    """Shade the 95 % band of a curve, or of its stairs, where the result has one; whether it has."""
    band = stairs_of(result, key) if stairs else band_of(result, key)
    if band is None:
        return False
    step: Any = "post" if stairs else None  # matplotlib's stubs lack None
    axes.fill_between(*band, color=colour, alpha=0.18, linewidth=0, zorder=2, step=step)
    return True


def noted(label: str, *notes: str) -> str:
    """An axis' label, with those of the notes that say something on the line below."""
    return "\n".join(filter(None, [label, "; ".join(filter(None, notes))]))


def mark_rates(axes: Axes, result: Result, start: str, colour: str) -> None:
    """Reported figures at a rate, ``START1e_3`` …, as points with intervals and values; a hollow one is thin.

    Args:
        axes: rates across, the figures upwards.
        result: whose scalars are marked.
        start: what the keys begin with, before the rate.
        colour: of the curve.
    """
    for key, scalar in result.scalars.items():
        if not key.startswith(start):
            continue
        rate, value = rate_of_key(key.removeprefix(start)), scalar.value
        if scalar.low is not None and scalar.high is not None:
            axes.plot([rate, rate], [scalar.low, scalar.high], color=colour, linewidth=1.4, zorder=4, gid="interval")
        fill = "white" if scalar.is_thin else colour
        axes.plot([rate], [value], "o", markersize=7, markerfacecolor=fill, markeredgecolor=colour, zorder=5)
        # The curves rise: below a point, to the right of it, is free, unless the point lies on the ground.
        low = value < 0.12
        axes.annotate(
            percent(value),
            (rate, value),
            (7, 6 if low else -6),
            textcoords="offset points",
            ha="left",
            va="bottom" if low else "top",
            fontsize=9.5,
            color=INK,
            path_effects=halo(),
            zorder=6,
        )


def thin_note(result: Result, start: str) -> str:
    """What a hollow point means, where there is one."""
    thin = any(scalar.is_thin for key, scalar in result.scalars.items() if key.startswith(start))
    return f"hollow: fewer than {RULE_OF_30} errors" if thin else ""
