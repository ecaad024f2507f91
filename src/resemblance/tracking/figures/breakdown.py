"""Groups beside each other: what a threshold that is common to all does to each of them."""

import math
import re
from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from resemblance.results import RULE_OF_30, Result
from resemblance.tracking.breakdown import NO_VALUE, Row, cut, largest, left_out, rate_of_key, rates_of, rows_of
from resemblance.tracking.figures.style import BLUE, GREY, INK, SOFT, VERMILION, styled
from resemblance.tracking.percent import tick_percent

MOST_GROUPS = 30


@styled
def breakdown_figure(result: Result, column: str) -> Figure:
    """A row for each group, a panel for FMR and one for FNMR at each common threshold; dots with 95 % intervals.

    A line marks the FMR of the whole set, which the threshold was chosen for. A hollow dot rests on fewer than 30
    errors; an FMR of 0 is drawn on the edge of its log axis. More than 30 groups: those with the most impostor
    comparisons are drawn, and the table has all.

    Args:
        result: of the test set.
        column: of the metadata; the table is ``breakdown/COLUMN``.

    Raises:
        KeyError: if there is no such table.
    """
    table = result.tables[f"breakdown/{column}"]
    shown = largest(rows_of(table), MOST_GROUPS)
    figures: list[tuple[str, ...]] = [(f"fmr_at_far_{rate}", f"tar_at_far_{rate}") for rate in rates_of(table)]
    figures = figures or [("eer",)]
    # Inches: of each row of panels its titles and ticks, and a line and a half for each group.
    figure = Figure(figsize=(7, 1.2 + len(figures) * (1.0 + 0.4 * len(shown))), layout="constrained")
    panels = figure.subplots(len(figures), len(figures[0]), squeeze=False, sharey=True)
    for line, names in zip(panels, figures, strict=True):
        line[0].tick_params(axis="y", labelsize=9)
        for axes, name in zip(line, names, strict=True):
            _panel(axes, shown, name)
    labels = [f"{cut(_typeset(str(row['group'])))}\n{row['subjects']:,} subjects" for row in shown]
    panels[0, 0].set_yticks(range(len(shown)), labels)
    panels[0, 0].set_ylim(len(shown) - 0.5, -0.5)
    _title(figure, panels[0, 0], result, column, shown)
    return figure


def _title(figure: Figure, axes: Axes, result: Result, column: str, shown: Sequence[Row]) -> None:
    """A bold title with what the figure rests on below it, both flush left, and what its marks mean at its foot."""
    table = result.tables[f"breakdown/{column}"]
    title = figure.suptitle(f"Breakdown by {column}\n", x=0.02, ha="left", fontsize=13, fontweight="bold")
    images = sum(row["images"] for row in rows_of(table))
    without = sum(row["images"] for row in rows_of(table) if row["group"] == NO_VALUE)
    valueless = f", {without:,} of them without a value" if without else ""
    basis = axes.annotate(
        f"{images:,} images{valueless}, compared within their group at common thresholds",
        (0, 0),
        (0, 2),
        xycoords=title,
        textcoords="offset points",
        fontsize=9.5,
        color=SOFT,
    )
    basis.set_in_layout(False)  # the title has kept a line free for it
    marks = ["bars: 95 % intervals over subjects"] if any(name.endswith("_low") for name in table.columns) else []
    marks += ["dashed: the FAR of the whole set"] if rates_of(table) else []
    marks += ["hollow: under 30 errors"]
    if len(shown) < len(table.rows):
        marks += [f"{len(shown)} of {len(table.rows)} groups"]
    lines = ["; ".join(marks)]
    if few := left_out(result, column):
        lines += [f"left out, too few comparisons: {', '.join(few[:2])}" + (" …" if few[2:] else "")]
    figure.supxlabel("\n".join(lines), x=0.02, ha="left", fontsize=9, color=SOFT)


def _panel(axes: Axes, rows: Sequence[Row], name: str) -> None:
    """One figure of all groups; FMR on a log axis with the common FAR as a line, TAR as the FNMR that is left."""
    kind, _, rate = name.partition("_at_far_")
    values = [row[name] for row in rows]
    lows, highs = ([row.get(f"{name}_{end}", row[name]) for row in rows] for end in ("low", "high"))
    if kind == "tar":
        values, lows, highs = ([1 - value for value in ends] for ends in (values, highs, lows))
    edge = _log_axis(axes, values, lows, highs, rate_of_key(rate)) if kind == "fmr" else 0.0
    if kind != "fmr":
        axes.set_xlim(0, min(1.0, max(0.02, 1.08 * max(highs))))
    colour, compared = (VERMILION, "impostor") if kind == "fmr" else (BLUE, "genuine")
    for place, (value, low, high, row) in enumerate(zip(values, lows, highs, rows, strict=True)):
        axes.plot([max(low, edge), max(high, edge)], [place, place], color=colour, linewidth=1.6, gid="interval")
        fill = colour if round(value * row[compared]) >= RULE_OF_30 else "white"
        drawn = [max(value, edge)], [place]
        axes.plot(*drawn, "o", markersize=7, markerfacecolor=fill, markeredgecolor=colour, clip_on=False, zorder=5)
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: tick_percent(value)))
    axes.tick_params(axis="x", labelsize=9)
    axes.grid(visible=False, axis="y")
    called = {"fmr": "FMR", "tar": "FNMR"}.get(kind, kind.upper())
    title = f"{called}, threshold of FAR {tick_percent(rate_of_key(rate))}" if rate else called
    axes.set_title(title, loc="left", fontsize=10, color=INK)


def _log_axis(axes: Axes, values: Sequence[float], lows: Sequence[float], highs: Sequence[float], far: float) -> float:
    """Whole decades around what is shown; returns where the axis begins, which is where a rate of 0 is drawn."""
    axes.set_xscale("log")
    least, most = min(rate for rate in (*values, *lows, far / 3) if rate > 0), max(*highs, far * 3)
    edge = 10.0 ** math.floor(math.log10(least))
    axes.set_xlim(edge, min(1.0, 10.0 ** math.ceil(math.log10(most))))
    axes.axvline(far, color=GREY, linewidth=1, linestyle=(0, (4, 2)))
    return edge


def _typeset(name: str) -> str:
    """Ranges of numbers with minus signs."""
    return re.sub(r"(^|to )-(?=\d)", r"\1−", name)
