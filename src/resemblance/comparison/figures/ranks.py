"""Demšar's critical-difference diagram: mean ranks on a line, a bar over those that are not told apart."""

import math
from collections.abc import Mapping

from matplotlib.figure import Figure

from resemblance.comparison.evidence.looks import Look
from resemblance.comparison.figures.marks import symbol
from resemblance.comparison.study import Ranks
from resemblance.tracking.figures.style import INK, SOFT, styled


@styled
def ranks_figure(ranks: Ranks, looks: Mapping[str, Look]) -> Figure:
    """Mean ranks over data sets, the best on the left.

    Args:
        ranks: of one figure.
        looks: of the contestants by name.
    """
    names = list(ranks.mean_ranks)
    most, half = max(len(names), 2), math.ceil(len(names) / 2)
    bars = [group for group in ranks.groups if len(group) > 1]
    start = 0.5 + 0.34 * len(bars)
    figure = Figure(figsize=(7, 1.7 + 0.16 * len(bars) + 0.3 * half), layout="constrained")
    axes = figure.add_subplot()
    axes.set_axis_off()
    axes.set_xlim(1 - 0.42 * (most - 1), most + 0.42 * (most - 1))
    axes.set_ylim(start + 0.62 * half, -1.5)
    axes.plot([1, most], [0, 0], color=INK, lw=1)
    for tick in range(1, most + 1):
        axes.plot([tick, tick], [-0.15, 0], color=INK, lw=1)
        axes.text(tick, -0.25, str(tick), ha="center", va="bottom", fontsize=9)
    end = 1 + min(ranks.critical_difference, most - 1)
    axes.plot([1, end], [-1.05, -1.05], color=INK, lw=1.4, marker="|", ms=7)
    axes.text(end + 0.03 * most, -1.05, f"CD {ranks.critical_difference:.2f}", va="center", fontsize=9)
    for row, group in enumerate(bars):
        ends = [ranks.mean_ranks[group[0]], ranks.mean_ranks[group[-1]]]
        axes.plot(ends, [0.3 + 0.34 * row] * 2, color=INK, lw=3.5)
    for place, name in enumerate(names):
        left = place < half
        y = start + 0.62 * (place if left else len(names) - 1 - place) + 0.2
        edge = 1 - 0.06 * most if left else most + 0.06 * most
        rank, look = ranks.mean_ranks[name], looks[name]
        axes.plot([rank, rank, edge], [0, y, y], color=look.light, lw=1.1)
        axes.plot(rank, 0, symbol(look), ms=6, color=look.light, zorder=3)
        text = f"{name}  {rank:.2f}" if left else f"{rank:.2f}  {name}"
        axes.text(
            edge + (-0.02 if left else 0.02) * most, y, text, ha="right" if left else "left", va="center", fontsize=9,
            parse_math=False,
        )  # fmt: skip
    p = "< 0.001" if ranks.p < 0.001 else f"= {ranks.p:.3f}"
    axes.set_title(f"Mean ranks at {ranks.label}", loc="left", fontsize=13, fontweight="bold", pad=22)
    axes.annotate(
        f"{len(ranks.data_sets)} data sets; a bar joins ranks that are not told apart; {ranks.test} p {p}",
        (0, 1), (0, 6), xycoords="axes fraction", textcoords="offset points", fontsize=9.5, color=SOFT,
    )  # fmt: skip
    return figure
