"""The cumulative match characteristic: how far down the list the right person stands."""

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from resemblance.results import Result
from resemblance.tracking.figures.bands import BAND_NOTE, draw_band
from resemblance.tracking.figures.beside import UNTRAINED, Shown, beside
from resemblance.tracking.figures.style import BLUE, basis, rates_in_percent, styled, titled
from resemblance.tracking.percent import percent, with_interval


@styled
def cmc_figure(baseline: Result | None, trained: Result, protocol: str = "identification") -> Figure:
    """Share of the probes whose mate is within rank k, against k, with its 95 % band where the result has one.

    Args:
        baseline: the untrained network; left out where there is none, or it has no such curve.
        trained: what is shown.
        protocol: before the key ``…/cmc``.

    Raises:
        KeyError: if there is no CMC of that protocol.
    """
    figure = Figure(figsize=(7, 5), layout="constrained")
    axes = figure.add_subplot()
    shown = beside(baseline, trained, f"{protocol}/cmc")
    for one in shown:
        _draw(axes, one, protocol)
    banded = draw_band(axes, trained, f"{protocol}/cmc", BLUE)
    last = max(shown[-1].curve.x)
    axes.set_xlim(1 - 0.025 * last, last)
    axes.set_ylim(0, 1.02)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    ticks = [tick for tick in axes.get_xticks() if 1 < tick <= last]
    axes.set_xticks([1, *ticks])  # the rank that people ask for is never left out
    axes.set_xlabel("; ".join(filter(None, ["rank", BAND_NOTE if banded else ""])))
    axes.set_ylabel("probes whose mate is within that rank")
    rates_in_percent(axes)
    titled(axes, f"{protocol.capitalize()}: CMC", basis(trained, protocol), legend=True)
    return figure


def _draw(axes: Axes, shown: Shown, protocol: str) -> None:
    """The curve and its first point; with the interval of this one, but for the untrained network's."""
    who, colour, result, curve = shown
    scalar = result.scalars.get(f"{protocol}/rank_1")
    rank_1 = f"rank-1 {percent(curve.y[0])}"
    if who != UNTRAINED and scalar is not None and scalar.low is not None and scalar.high is not None:
        rank_1 = f"rank-1 {with_interval(scalar.value, scalar.low, scalar.high)}"
        axes.plot([1, 1], [scalar.low, scalar.high], color=colour, linewidth=1.4, zorder=4, gid="interval")
    axes.plot(curve.x, curve.y, color=colour, label=", ".join(filter(None, [who, rank_1])), zorder=3)
    axes.plot([1], curve.y[:1], "o", markersize=7, color=colour, clip_on=False, zorder=5)
