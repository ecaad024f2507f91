"""The receiver operating characteristic, with the rates that matter drawn wide: a logarithmic FAR axis."""

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from resemblance.results import Result
from resemblance.tracking.figures.style import BLUE, GREY, INK, basis, rates_in_percent, small_rates, styled, titled


@styled
def roc_figure(baseline: Result, trained: Result, protocol: str = "verification") -> Figure:
    """TAR against log FAR from the smallest FAR that the impostor comparisons can measure up to 1.

    Args:
        baseline: the untrained network; left out where it has no such curve.
        trained: what is shown.
        protocol: ``verification`` or ``pairs``, before the keys ``…/roc``, ``…/auc`` and ``…/tar_at_far_…``.

    Raises:
        KeyError: if there is no ROC of that protocol.
    """
    figure = Figure(figsize=(7, 5), layout="constrained")
    axes = figure.add_subplot()
    curve = trained.curves[f"{protocol}/roc"]
    least = min(x for x in curve.x if x > 0)
    axes.plot(curve.x, curve.x, color=GREY, linewidth=1, linestyle=(0, (1, 2.5)), label="chance")
    if untrained := baseline.curves.get(f"{protocol}/roc"):
        axes.plot(untrained.x, untrained.y, color=GREY, label=_label("untrained network", baseline, protocol))
    axes.plot(curve.x, curve.y, color=BLUE, label=_label("trained", trained, protocol), zorder=3)
    axes.set_xscale("log")
    axes.set_xlim(least, 1)
    _mark_rates(axes, trained, protocol)
    axes.set_ylim(0, 1.02)
    axes.set_xlabel("false accept rate (log scale)")
    axes.set_ylabel("true accept rate")
    rates_in_percent(axes)
    small_rates(axes)
    titled(axes, f"{protocol.capitalize()}: ROC", basis(trained, protocol), legend=True)
    return figure


def _label(who: str, result: Result, protocol: str) -> str:
    auc = result.scalars.get(f"{protocol}/auc")
    return who if auc is None else f"{who}, AUC {auc.value:.3f}"


def _mark_rates(axes: Axes, result: Result, protocol: str) -> None:
    """The reported TAR@FAR as points, with their intervals where there are any."""
    start = f"{protocol}/tar_at_far_"
    for key, scalar in result.scalars.items():
        if not key.startswith(start):
            continue
        far, tar = rate_of_key(key.removeprefix(start)), scalar.value
        if scalar.low is not None and scalar.high is not None:
            axes.vlines(far, scalar.low, scalar.high, color=BLUE, linewidth=1.2, zorder=4)
        # A hollow point is thinly supported.
        fill = "white" if scalar.note else BLUE
        axes.plot([far], [tar], "o", markersize=7, markerfacecolor=fill, markeredgecolor=BLUE, zorder=5)
        # Beside the curve, but never across the axis to the left of it.
        above = tar < 0.85 and far > 5 * axes.get_xlim()[0]
        axes.annotate(
            f"TAR {tar:.3f}",
            (far, tar),
            (-7, 7) if above else (7, -8 if tar > 0.1 else 7),
            textcoords="offset points",
            ha="right" if above else "left",
            va="bottom" if above or tar <= 0.1 else "top",
            fontsize=9.5,
            color=INK,
        )


def rate_of_key(text: str) -> float:
    """``1e_3`` → 0.001, ``2_5e_2`` → 0.025: the rate in a key whose characters W&B can sort by."""
    mantissa, _, exponent = text.partition("e")
    return float(f"{mantissa.replace('_', '.')}e{exponent.replace('_', '-')}")
