"""ROC curves of all contestants: the mean over the seeds, the band from the lowest seed to the highest."""

import math
from collections.abc import Mapping

from matplotlib.figure import Figure

from resemblance.comparison.evidence.looks import Look
from resemblance.comparison.evidence.over_seeds import Band
from resemblance.comparison.figures.marks import dash, label, symbol
from resemblance.tracking.figures.bands import STEPS, noted
from resemblance.tracking.figures.style import rates_in_percent, small_rates, styled, titled


@styled
def roc_figure(bands: Mapping[str, Band], protocol: str, test_set: str, looks: Mapping[str, Look]) -> Figure:
    """TAR against log FAR.

    Args:
        bands: by contestant, as :func:`~resemblance.comparison.evidence.roc.roc_bands` gives them.
        protocol: ``verification`` or ``pairs``.
        test_set: its name.
        looks: of the contestants by name.

    Raises:
        ValueError: without a curve.
    """
    if not bands:
        raise ValueError(f"There is no ROC of {protocol} to draw.")
    figure = Figure(figsize=(7, 5.4), layout="constrained")
    axes = figure.add_subplot()
    most = max(band.seeds for band in bands.values())
    for place, (name, band) in enumerate(bands.items()):
        look = looks[name]
        step = max(1, len(band.x) // 6)
        start = int(step * (place + 0.5) / len(bands))
        if band.seeds > 1:
            axes.fill_between(band.x, band.low, band.high, step="post", color=look.light, alpha=0.15, lw=0, zorder=2)
        axes.plot(
            band.x, band.mean, color=look.light, ls=dash(look), lw=1.8, drawstyle=STEPS,
            label=label(_named(name, band.seeds, most)),
            marker=symbol(look), markevery=(start, step), ms=5.5, zorder=3,
        )  # fmt: skip
    least = float(next(iter(bands.values())).x[0])
    axes.set_xscale("log")
    axes.set_xlim(min(least, 0.5), 1)
    axes.set_ylim(0, 1.02)
    seeds = sorted({band.seeds for band in bands.values()})
    note = f"band: lowest to highest of {'/'.join(map(str, seeds))} seeds" if max(seeds) > 1 else "one seed, no band"
    axes.set_xlabel(noted("false accept rate (log scale)", note))
    axes.set_ylabel("true accept rate")
    rates_in_percent(axes)
    small_rates(axes)
    columns = 1 if len(bands) <= 6 else 2
    axes.legend(loc="lower right" if _rises_early(bands) else "upper left", fontsize=8.5, ncols=columns)
    titled(axes, f"{protocol.capitalize()}: ROC", f"{test_set}, mean over the seeds")
    return figure


def _named(name: str, seeds: int, most: int) -> str:
    """A curve that rests on fewer seeds than others says so."""
    return name if seeds == most else f"{name} ({seeds} of {most} seeds)"


def _rises_early(bands: Mapping[str, Band]) -> bool:
    """Whether the curves leave the lower right corner free: at the middle of the log axis most are above a half."""
    heights = []
    for band in bands.values():
        middle = math.sqrt(float(band.x[0]))
        heights.append(float(band.mean[abs(band.x - middle).argmin()]))
    return sorted(heights)[len(heights) // 2] > 0.5
