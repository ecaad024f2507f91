"""How every figure looks: colours that colour-blind readers tell apart, few lines, titles that say what n is."""

from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patheffects import withStroke
from matplotlib.ticker import FuncFormatter

from resemblance.results import Result
from resemblance.tracking.percent import tick_percent

DPI = 150
# Okabe and Ito's palette, which deuteranopes, protanopes and tritanopes tell apart.
BLUE, VERMILION, GREY = "#0072B2", "#D55E00", "#8A8F98"
INK, SOFT, FAINT = "#22262B", "#5C636B", "#DDE1E6"

_SETTINGS: Any = {  # matplotlib types the keys one by one
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],  # comes with matplotlib, so a figure is the same on every machine
    "font.size": 10,
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.edgecolor": GREY,
    "axes.linewidth": 0.8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "axes.labelsize": 10.5,
    "axes.labelpad": 6,
    "grid.color": FAINT,
    "grid.linewidth": 0.8,
    "xtick.color": GREY,
    "ytick.color": GREY,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "xtick.major.size": 3,
    "ytick.major.size": 3,
    "xtick.minor.size": 0,
    "ytick.minor.size": 0,
    "lines.linewidth": 2.2,
    "lines.solid_capstyle": "round",
    "legend.frameon": False,
    "legend.fontsize": 10,
    "figure.dpi": DPI,
    "savefig.dpi": DPI,
    "figure.facecolor": "white",
    "figure.constrained_layout.h_pad": 0.14,  # inches
    "figure.constrained_layout.w_pad": 0.14,
}

_Parameters = ParamSpec("_Parameters")


def styled(draw: Callable[_Parameters, Figure]) -> Callable[_Parameters, Figure]:
    """Draw in the house style and leave matplotlib's global settings as they were."""

    @wraps(draw)
    def drawn(*args: _Parameters.args, **kwargs: _Parameters.kwargs) -> Figure:
        with mpl.rc_context(_SETTINGS):
            return draw(*args, **kwargs)

    return drawn


def titled(axes: Axes, title: str, subtitle: str, *, legend: bool = False) -> None:
    """A bold title with what the figure rests on below it, both flush left; a legend may follow in the same block.

    There it covers no curve, wherever the curves go.
    """
    height = 8
    if legend:
        handles, labels = axes.get_legend_handles_labels()
        axes.legend(
            handles[::-1],
            labels[::-1],
            loc="lower left",
            bbox_to_anchor=(0, 1.01),
            ncols=len(handles),
            borderaxespad=0,
            borderpad=0,
            handlelength=1.5,
            columnspacing=1.8,
        )
        height = 27
    axes.annotate(
        subtitle, (0, 1), (0, height), xycoords="axes fraction", textcoords="offset points", fontsize=9.5, color=SOFT
    )
    axes.set_title(title, loc="left", fontsize=13, fontweight="bold", pad=height + 18)


def basis(result: Result, protocol: str) -> str:
    """``100 identities, 6,600 genuine and 712,800 impostor comparisons``: what a protocol's figures rest on."""
    counts: dict[str, int] = {}
    for key, scalar in result.scalars.items():
        if key.startswith(f"{protocol}/"):
            counts |= scalar.counts
    people = f"{counts.get('subjects', 0):,} identities"
    if "probes" in counts:
        return f"{people}, {counts['probes']:,} probes against a gallery of {counts.get('gallery', 0):,}"
    if "genuine" in counts:
        return f"{people}, {counts['genuine']:,} genuine and {counts.get('impostor', 0):,} impostor comparisons"
    return people if counts else ""


def rates_in_percent(axes: Axes) -> None:
    """Write the y axis in per cent."""
    axes.yaxis.set_major_formatter(FuncFormatter(lambda rate, _: tick_percent(rate)))


def small_rates(axes: Axes) -> None:
    """Write a logarithmic x axis of rates as the field does: 1e-3; 2e-1 and 5e-1 too where it has hardly a decade."""
    low, high = axes.get_xlim()
    axes.xaxis.set_major_formatter(FuncFormatter(lambda rate, _: _short(rate)))
    between = ("2e", "5e") if high < 10 * low else ()
    axes.xaxis.set_minor_formatter(
        FuncFormatter(lambda rate, _: _short(rate) if _short(rate).startswith(between) else "")
    )


def _short(rate: float) -> str:
    return f"{rate:.0e}".replace("e-0", "e-").replace("1e+00", "1")


def halo() -> list[withStroke]:
    """A white edge around text that stands upon lines."""
    return [withStroke(linewidth=3, foreground="white")]


def score_name(similarity: str) -> str:
    """``negative_squared_l2`` → ``negative squared L2``."""
    return similarity.replace("_", " ").replace(" l1", " L1").replace(" l2", " L2")
