"""Cost in pictures: a row a protocol, time on the left and memory on the right, bars or, over sizes, lines."""

from collections.abc import Callable, Sequence
from itertools import groupby
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from resemblance.atomic import write_atomically
from resemblance.benchmarks.protocols.contestants import OURS
from resemblance.benchmarks.protocols.measuring import Measurement
from resemblance.benchmarks.protocols.table import TITLES
from resemblance.benchmarks.reporting import MB, in_seconds
from resemblance.tracking.figures.style import BLUE, INK, SOFT, VERMILION, styled

_BAR, _HEAD = 0.32, 0.85  # inches
_FEWEST_BARS = 2
_LINE_BARS = 6  # lines are as high as so many bars


def write_plot(path: Path, measurements: Sequence[Measurement], machine: str) -> None:
    """Write the figure as PNG, without a version in it."""
    figure = draw(measurements, machine)
    write_atomically(path, lambda temporary: figure.savefig(temporary, metadata={"Software": None}))


@styled
def draw(measurements: Sequence[Measurement], machine: str) -> Figure:
    """Time and peak memory of every contestant; where one could not run its bar is a word."""
    rows = [list(group) for _, group in groupby(measurements, key=lambda one: one.case.series)]
    heights = [_HEAD + _BAR * (_LINE_BARS if _over_sizes(members) else _places(members)) for members in rows]
    figure = Figure(figsize=(11, 0.9 + sum(heights)), layout="constrained")
    figure.suptitle("What a protocol costs", x=0.008, ha="left", fontsize=14, fontweight="bold")
    axes_grid = figure.subplots(len(rows), 2, squeeze=False, height_ratios=heights)
    for (time, memory), members in zip(axes_grid, rows, strict=True):
        picture = _lines if _over_sizes(members) else _bars
        picture(time, members, _seconds, "s")
        picture(memory, members, _megabytes, "MB")
        memory.tick_params(labelleft=_over_sizes(members))
        title = TITLES[members[0].case.series]
        what = title if _over_sizes(members) else f"{title}\n{members[0].case}"
        time.set_title(what, loc="left", fontsize=11, fontweight="bold", color=INK)
    figure.supxlabel(machine, x=0.008, ha="left", fontsize=7.5, color=SOFT)
    return figure


def _bars(axes: Axes, members: Sequence[Measurement], cost: Callable[[Measurement], float | None], unit: str) -> None:
    costs = [cost(one) for one in members]
    places = range(len(members))
    colours = [BLUE if one.contestant.startswith(OURS) else VERMILION for one in members]
    axes.barh(places, [known or 0 for known in costs], height=0.66, color=colours)
    for place, known in zip(places, costs, strict=True):
        words = "could not run" if known is None else f"{in_seconds(known)} {unit}"
        axes.annotate(words, (known or 0, place), (4, 0), textcoords="offset points", va="center", fontsize=9)
    axes.set_yticks(places, [one.contestant for one in members])
    axes.set_ylim(_places(members) - 0.5, -0.5)
    axes.grid(visible=False)
    axes.set_xlim(0, 1.3 * max((known for known in costs if known), default=1))
    axes.xaxis.set_major_locator(MaxNLocator(4))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda number, _: f"{number:,g} {unit}"))


def _lines(axes: Axes, members: Sequence[Measurement], cost: Callable[[Measurement], float | None], unit: str) -> None:
    for contestant, style in zip(dict.fromkeys(one.contestant for one in members), ("-", "--"), strict=False):
        own = [one for one in members if one.contestant == contestant]
        known = [(one.case.comparisons or 0, value) for one in own if (value := cost(one)) is not None]
        if known:
            axes.plot(*zip(*known, strict=True), f"{style}o", color=BLUE, label=contestant)
    sizes = {one.case.comparisons or 0: f"{one.case.size:,}" for one in members}
    axes.set_ylim(bottom=0)
    axes.set_xlim(left=0)
    axes.margins(y=0.15)
    axes.set_xticks(list(sizes), [f"{comparisons / 1e9:,.2g} bn" for comparisons in sizes])
    axes.yaxis.set_major_formatter(FuncFormatter(lambda number, _: f"{number:,g} {unit}"))
    axes.set_xlabel(f"comparisons of {', '.join(sizes.values())} embeddings")
    if axes.lines:
        axes.legend(loc="best")


def _places(members: Sequence[Measurement]) -> int:
    """For bars; a bar that is alone is no thicker than the others."""
    return max(_FEWEST_BARS, len(members))


def _over_sizes(members: Sequence[Measurement]) -> bool:
    return len({one.case for one in members}) > 1


def _seconds(one: Measurement) -> float | None:
    return one.median


def _megabytes(one: Measurement) -> float | None:
    return None if one.peak is None else one.peak / MB
