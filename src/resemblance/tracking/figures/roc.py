"""The receiver operating characteristic, with the rates that matter drawn wide: a logarithmic FAR axis."""

from matplotlib.figure import Figure

from resemblance.results import Result
from resemblance.tracking.figures.bands import BAND_NOTE, STEPS, draw_band, mark_rates, noted, thin_note
from resemblance.tracking.figures.beside import beside
from resemblance.tracking.figures.style import BLUE, GREY, basis, rates_in_percent, small_rates, styled, titled
from resemblance.tracking.percent import share


@styled
def roc_figure(baseline: Result | None, trained: Result, protocol: str = "verification") -> Figure:
    """TAR against log FAR from the smallest FAR that the impostor comparisons can measure up to 1.

    The 95 % band and the intervals of the reported rates are there where the result has them.

    Args:
        baseline: the untrained network; left out where there is none, or it has no such curve.
        trained: what is shown.
        protocol: ``verification`` or ``pairs``, before the keys ``…/roc``, ``…/auc`` and ``…/tar_at_far_…``.

    Raises:
        KeyError: if there is no ROC of that protocol.
    """
    figure = Figure(figsize=(7, 5), layout="constrained")
    axes = figure.add_subplot()
    shown = beside(baseline, trained, f"{protocol}/roc")
    curve = shown[-1].curve
    least = min(x for x in curve.x if x > 0)
    axes.plot(curve.x, curve.x, color=GREY, linewidth=1, linestyle=(0, (1, 2.5)), label="chance")
    for one in shown:
        label = _label(one.who, one.result, protocol)
        axes.plot(one.curve.x, one.curve.y, color=one.colour, label=label, drawstyle=STEPS, zorder=3)
    banded = draw_band(axes, trained, f"{protocol}/roc", BLUE, stairs=True)
    axes.set_xscale("log")
    axes.set_xlim(least, 1)
    mark_rates(axes, trained, f"{protocol}/tar_at_far_", BLUE)
    axes.set_ylim(0, 1.02)
    notes = BAND_NOTE if banded else "", thin_note(trained, f"{protocol}/tar_at_far_")
    axes.set_xlabel(noted("false accept rate (log scale)", *notes))
    axes.set_ylabel("true accept rate")
    rates_in_percent(axes)
    small_rates(axes)
    titled(axes, f"{protocol.capitalize()}: ROC", basis(trained, protocol), legend=True)
    return figure


def _label(who: str, result: Result, protocol: str) -> str:
    auc = result.scalars.get(f"{protocol}/auc")
    return ", ".join(filter(None, [who, "" if auc is None else f"AUC {share(auc.value)}"])) or "measured"
