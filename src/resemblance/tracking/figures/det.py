"""The detection error trade-off: both error rates on normal-deviate axes (Martin et al. 1997)."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray
from scipy.special import ndtri

from resemblance.results import Curve, Result
from resemblance.tracking.figures.bands import BAND_NOTE, STEPS, noted, stairs_of
from resemblance.tracking.figures.beside import UNTRAINED, beside
from resemblance.tracking.figures.style import BLUE, GREY, INK, basis, halo, styled, titled
from resemblance.tracking.percent import percent, tick_percent, with_interval

TICKS = (1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 5e-2, 0.2, 0.4, 0.6, 0.8, 0.95, 0.99, 0.999)
RIGHT = 0.6
"""The largest FMR shown; nobody sets a threshold there."""
TOP = 0.9995
Numbers = NDArray[np.float64]


@styled
def det_figure(baseline: Result | None, trained: Result, protocol: str = "verification") -> Figure:
    """FNMR against FMR, both as normal deviates Φ⁻¹(rate): normal scores of equal spread give a straight line.

    The axes begin where the comparisons can still measure something: at the smallest FMR of the curve and at half a
    genuine comparison. An FNMR of 0 has no place on such an axis; it lies on the lower edge, and the label says so.

    Args:
        baseline: the untrained network; left out where there is none, or it has no such curve.
        trained: what is shown.
        protocol: ``verification`` or ``pairs``, before the keys ``…/roc`` and ``…/eer``.

    Raises:
        KeyError: if there is no ROC of that protocol.
    """
    figure = Figure(figsize=(7, 6.6), layout="constrained")
    axes = figure.add_subplot()
    shown = beside(baseline, trained, f"{protocol}/roc")
    lines = [one.curve for one in shown]
    left, bottom = _least(trained, protocol, lines[-1])
    top = min(TOP, max(RIGHT, 1.1 * max(_fnmr(line.y).max() for line in lines)))
    ends = float(ndtri(bottom)), float(ndtri(1 - 1e-9))
    diagonal = ndtri((max(left, bottom), min(RIGHT, top)))
    axes.plot(diagonal, diagonal, color=GREY, linewidth=1, linestyle=(0, (1, 2.5)), label="FMR = FNMR")
    for one in shown:
        label = _label(one.who, one.result, protocol, interval=one.who != UNTRAINED)
        axes.plot(*_deviates(one.curve, ends), color=one.colour, label=label, drawstyle=STEPS, zorder=3)
    if band := stairs_of(trained, f"{protocol}/roc"):
        x, low, high = band
        lower, upper = (np.clip(ndtri(_fnmr(rate)), *ends) for rate in (high, low))
        look: Any = {"color": BLUE, "alpha": 0.18, "linewidth": 0, "zorder": 2, "step": "post"}
        axes.fill_between(np.clip(ndtri(x), -9, 9), lower, upper, **look)
    for one in shown:
        if f"{protocol}/eer" in one.result.scalars:
            _mark_eer(axes, one.result, protocol, one.colour)
    for axis, first, last, room in ((axes.xaxis, left, RIGHT, 0.1), (axes.yaxis, bottom, top, 0.04)):
        ticks = _apart([tick for tick in TICKS if first <= tick <= last], room * float(ndtri(last) - ndtri(first)))
        axis.set_ticks(ndtri(ticks), [tick_percent(tick) for tick in ticks])
    axes.tick_params(axis="x", labelsize=9)
    axes.set_xlim(*ndtri((left, RIGHT)))
    axes.set_ylim(*ndtri((bottom, top)))
    touches = any(_fnmr(line.y).min() == 0 for line in lines)
    if _fnmr(lines[-1].y).max() == 0:
        _say_that_nothing_is_wrong(axes, trained, protocol)
    axes.set_xlabel(noted("false match rate (normal deviates)", BAND_NOTE if band else ""))
    axes.set_ylabel("false non-match rate (normal deviates" + ("; 0 lies on the edge)" if touches else ")"))
    titled(axes, f"{protocol.capitalize()}: DET", basis(trained, protocol), legend=True)
    return figure


def _apart(ticks: Sequence[float], room: float) -> list[float]:
    """From the largest down, those whose labels have room beside the one before."""
    kept: list[float] = []
    for tick in reversed(ticks):
        if not kept or ndtri(kept[-1]) - ndtri(tick) >= room:
            kept.append(tick)
    return kept


def _fnmr(tar: Sequence[float] | Numbers) -> Numbers:
    return 1 - np.asarray(tar, dtype=np.float64)


def _deviates(curve: Curve, ends: tuple[float, float]) -> tuple[Numbers, Numbers]:
    """The points of an error trade-off; what has no deviate of its own lies beyond the axes, or on the lower edge."""
    return np.clip(ndtri(np.asarray(curve.x)), -9, 9), np.clip(ndtri(_fnmr(curve.y)), *ends)


def _least(result: Result, protocol: str, curve: Curve) -> tuple[float, float]:
    """Where the axes begin."""
    genuine = [
        scalar.counts["genuine"]
        for key, scalar in result.scalars.items()
        if key.startswith(f"{protocol}/") and "genuine" in scalar.counts
    ]
    above = [rate for rate in _fnmr(curve.y).tolist() if rate > 0]
    smallest = 1 / max(genuine) if genuine else min(above, default=0.01)
    return min(min(x for x in curve.x if x > 0), 0.05), min(smallest / 2, 0.05)


def _mark_eer(axes: Axes, result: Result, protocol: str, colour: str) -> None:
    """The point on the diagonal, with its interval along it."""
    scalar = result.scalars[f"{protocol}/eer"]
    at = float(np.clip(ndtri(scalar.value), -9, 9))
    if scalar.low is not None and scalar.high is not None:
        ends = np.clip(ndtri((scalar.low, scalar.high)), -9, 9)
        axes.plot(ends, ends, color=colour, linewidth=1.4, zorder=4, gid="interval")
    axes.plot([at], [at], "o", markersize=7, color=colour, zorder=5)


def _say_that_nothing_is_wrong(axes: Axes, result: Result, protocol: str) -> None:
    """What stands where the curve would be, with the most that the errors may be for all that is known."""
    eer = result.scalars.get(f"{protocol}/eer")
    text = "no errors: nothing to draw"
    if eer is not None and eer.high is not None and eer.method is not None:
        text += f"\nboth error rates at most {percent(eer.high)} ({eer.method})"
    look: Any = {"ha": "center", "va": "center", "fontsize": 10.5, "color": INK, "path_effects": halo(), "zorder": 6}
    axes.annotate(text, (0.5, 0.5), xycoords="axes fraction", **look)


def _label(who: str, result: Result, protocol: str, *, interval: bool) -> str:
    eer = result.scalars.get(f"{protocol}/eer")
    if eer is None:
        return who or "measured"
    shown = percent(eer.value)
    if interval and eer.low is not None and eer.high is not None:
        shown = with_interval(eer.value, eer.low, eer.high)
    return ", ".join(filter(None, [who, f"EER {shown}"]))
