"""Open-set identification: how many are found while few of those who are not enrolled are taken for somebody."""

from matplotlib.figure import Figure

from resemblance.results import Result
from resemblance.tracking.figures.bands import BAND_NOTE, STEPS, draw_band, mark_rates, noted, thin_note
from resemblance.tracking.figures.beside import beside
from resemblance.tracking.figures.style import BLUE, basis, rates_in_percent, small_rates, styled, titled


@styled
def open_set_figure(baseline: Result | None, trained: Result, protocol: str = "open_set") -> Figure:
    """TPIR (the mate is first and above the threshold) against log FPIR (somebody not enrolled is above it).

    Args:
        baseline: the untrained network; left out where there is none, or it has no such curve.
        trained: what is shown.
        protocol: before the keys ``…/tpir`` and ``…/tpir_at_fpir_…``.

    Raises:
        KeyError: if there is no such curve.
    """
    figure = Figure(figsize=(7, 5), layout="constrained")
    axes = figure.add_subplot()
    shown = beside(baseline, trained, f"{protocol}/tpir")
    for one in shown:
        label = one.who or "rank 1"
        axes.plot(one.curve.x, one.curve.y, color=one.colour, label=label, drawstyle=STEPS, zorder=3)
    banded = draw_band(axes, trained, f"{protocol}/tpir", BLUE, stairs=True)
    axes.set_xscale("log")
    axes.set_xlim(min(x for x in shown[-1].curve.x if x > 0), 1)
    mark_rates(axes, trained, f"{protocol}/tpir_at_fpir_", BLUE)
    axes.set_ylim(0, 1.02)
    notes = BAND_NOTE if banded else "", thin_note(trained, f"{protocol}/tpir_at_fpir_")
    axes.set_xlabel(noted("false positive identification rate (log scale)", *notes))
    axes.set_ylabel("true positive identification rate")
    rates_in_percent(axes)
    small_rates(axes)
    titled(axes, "Open-set identification: TPIR", basis(trained, protocol), legend=len(shown) > 1)
    return figure
