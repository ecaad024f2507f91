"""The cumulative match characteristic: how far down the list the right person stands."""

from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from resemblance.results import Result
from resemblance.tracking.figures.style import BLUE, GREY, basis, rates_in_percent, styled, titled


@styled
def cmc_figure(baseline: Result, trained: Result, protocol: str = "identification") -> Figure:
    """Share of the probes whose mate is within rank k, against k.

    Args:
        baseline: the untrained network; left out where it has no such curve.
        trained: what is shown.
        protocol: before the key ``…/cmc``.

    Raises:
        KeyError: if there is no CMC of that protocol.
    """
    figure = Figure(figsize=(7, 5), layout="constrained")
    axes = figure.add_subplot()
    curve = trained.curves[f"{protocol}/cmc"]
    if untrained := baseline.curves.get(f"{protocol}/cmc"):
        axes.plot(untrained.x, untrained.y, color=GREY, label=f"untrained network, rank-1 {untrained.y[0]:.1%}")
    axes.plot(curve.x, curve.y, color=BLUE, label=f"trained, rank-1 {curve.y[0]:.1%}")
    for result, line, colour in ((baseline, untrained, GREY), (trained, curve, BLUE)):
        if line is None:
            continue
        scalar = result.scalars.get(f"{protocol}/rank_1")
        if scalar is not None and scalar.low is not None and scalar.high is not None:
            axes.vlines(1, scalar.low, scalar.high, color=colour, linewidth=1.2)
        axes.plot([1], line.y[:1], "o", markersize=7, color=colour, clip_on=False, zorder=5)
    axes.set_xlim(min(curve.x) - 0.3, max(curve.x))
    axes.set_ylim(0, 1.02)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set_xlabel("rank")
    axes.set_ylabel("probes whose mate is within that rank")
    rates_in_percent(axes)
    titled(axes, f"{protocol.capitalize()}: CMC", basis(trained, protocol), legend=True)
    return figure
