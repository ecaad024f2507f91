"""Cost against size: time above, memory below, one column a series."""

from collections.abc import Callable, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FixedLocator, FuncFormatter, LogLocator, NullLocator

from resemblance.atomic import write_atomically
from resemblance.benchmarks.cases import FACENET, Case, Series
from resemblance.benchmarks.contestants import LIBRARY, OURS, PLAIN
from resemblance.benchmarks.measuring import Measurement
from resemblance.benchmarks.memory import NOISE
from resemblance.tracking.figures.style import BLUE, GREY, INK, SOFT, VERMILION, styled

_COLOURS = {PLAIN: GREY, LIBRARY: VERMILION, OURS: BLUE}  # ours is drawn last, over the others
_TITLES: dict[Series, str] = {
    "batch-all": "triplet, batch all",
    "semi-hard": "triplet, semi-hard",
    "batch-hard": "triplet, batch hard",
    "angular": "angular",
    "cosface": "margin softmax (CosFace)",
}
_TIMES = {1e-4: "0.1 ms", 1e-3: "1 ms", 1e-2: "10 ms", 0.1: "0.1 s", 1: "1 s", 10: "10 s", 100: "100 s"}
_BYTES = {1e6: "1 MB", 1e7: "10 MB", 1e8: "100 MB", 1e9: "1 GB", 1e10: "10 GB", 1e11: "100 GB"}
_STEP = 2.2  # from the highest cost to the mark of a contestant that could not run, and from there to the next mark

_RIM: Any = {"markeredgecolor": "white", "markeredgewidth": 0.7}


def write_plot(path: Path, measurements: Sequence[Measurement], machine: str) -> None:
    """Write the figure as PNG, without a version in it."""
    figure = draw(measurements, machine)
    write_atomically(path, lambda temporary: figure.savefig(temporary, metadata={"Software": None}))


@styled
def draw(measurements: Sequence[Measurement], machine: str) -> Figure:
    """Time and memory of every contestant, on logarithmic axes.

    FaceNet's batch has ten times as many images of an identity as the others, so it stands beside the curves. A cross
    at the upper edge is a contestant that could not run there.
    """
    columns = [(series, list(group)) for series, group in groupby(measurements, key=lambda one: one.case.series)]
    figure = Figure(figsize=(1.2 + 2.75 * len(columns), 7.2), layout="constrained")
    title = "What a loss costs, forward and backward\n"  # the second line keeps the place of the key
    figure.suptitle(title, x=0.008, ha="left", fontsize=14, fontweight="bold", linespacing=1.5)
    rows = figure.subplots(2, len(columns), sharey="row", squeeze=False)
    for axes_row, cost, ticks in ((rows[0], _seconds, _TIMES), (rows[1], _bytes, _BYTES)):
        top = max((cost(one) or 0 for one in measurements), default=1)
        for axes, (_, members) in zip(axes_row, columns, strict=True):
            axes.set_xscale("log")
            axes.set_yscale("log")
            _curves(axes, members, cost, top)
            axes.yaxis.set_major_locator(FixedLocator(list(ticks)))
            axes.yaxis.set_minor_locator(NullLocator())
            axes.yaxis.set_major_formatter(FuncFormatter(lambda cost, _, ticks=ticks: ticks.get(cost, "")))
    for number, (series, members) in enumerate(columns):
        rows[0, number].set_title(_TITLES[series], loc="left", fontsize=11, fontweight="bold", color=INK)
        rows[1, number].set_xlabel(_size_in_words(members))
        for axes in rows[:, number]:
            _sizes(axes, members)
    rows[0, 0].set_ylabel("time")
    rows[1, 0].set_ylabel("peak memory, from 1 MB up")
    _key(figure, measurements)
    figure.supxlabel(machine, x=0.008, ha="left", fontsize=8.5, color=SOFT)
    return figure


def _curves(
    axes: Axes, members: Sequence[Measurement], cost: Callable[[Measurement], float | None], top: float
) -> None:
    for level, (contestant, colour) in enumerate(_COLOURS.items(), start=1):
        own = [one for one in members if one.contestant == contestant]
        known = [(one.case, value) for one in own if (value := cost(one)) is not None]
        curve = [(_size(case), value) for case, value in known if not _is_facenet(case)]
        apart = [(_size(case), value) for case, value in known if _is_facenet(case)]
        missing = [(_size(one.case), top * _STEP**level) for one in own if cost(one) is None]
        if curve:
            axes.plot(*zip(*curve, strict=True), "-o", color=colour, markersize=4, **_RIM)
        if apart:
            axes.plot(*zip(*apart, strict=True), "D", color=colour, markersize=7, **_RIM)
        if missing:
            axes.plot(*zip(*missing, strict=True), "x", color=colour, markersize=7, markeredgewidth=2)


def _key(figure: Figure, measurements: Sequence[Measurement]) -> None:
    """One key for all panels, over them."""
    names = {one.contestant for one in measurements}
    handles = [Line2D([], [], color=_COLOURS[name], label=name) for name in (OURS, LIBRARY, PLAIN) if name in names]
    if any(_is_facenet(one.case) for one in measurements):
        images, images_per_identity = FACENET
        label = f"FaceNet's batch: B = {images:,} with K = {images_per_identity}"
        handles.append(Line2D([], [], linestyle="none", marker="D", color=INK, label=label))
    if any(one.failure for one in measurements):
        handles.append(Line2D([], [], linestyle="none", marker="x", color=INK, label="could not run"))
    figure.legend(handles=handles, loc="upper left", bbox_to_anchor=(0.008, 0.94), ncols=len(handles), borderpad=0)


def _size_in_words(members: Sequence[Measurement]) -> str:
    one = next((one.case for one in members if not _is_facenet(one.case)), members[0].case)
    return f"identities C (B = {one.images:,})" if one.classes else f"images B (K = {one.images_per_identity})"


def _sizes(axes: Axes, members: Sequence[Measurement]) -> None:
    softmax = members[0].case.series == "cosface"
    sizes = sorted({_size(one.case) for one in members if not _is_facenet(one.case)})
    if softmax:
        axes.xaxis.set_major_locator(LogLocator(numticks=12))
        axes.xaxis.set_major_formatter(FuncFormatter(_short))
    else:
        axes.xaxis.set_major_locator(FixedLocator(sizes[::2] if len(sizes) > 4 else sizes))
        axes.xaxis.set_major_formatter(FuncFormatter(lambda size, _: f"{size:,.0f}"))
    axes.xaxis.set_minor_locator(NullLocator())


def _short(number: float, _: object) -> str:
    for unit, name in ((1e6, " M"), (1e3, " k")):
        if number >= unit:
            return f"{number / unit:g}{name}"
    return f"{number:g}"


def _seconds(one: Measurement) -> float | None:
    return one.median


def _bytes(one: Measurement) -> float | None:
    return None if one.peak is None else max(one.peak, NOISE)


def _size(case: Case) -> int:
    return case.classes or case.images


def _is_facenet(case: Case) -> bool:
    return (case.images, case.images_per_identity) == FACENET
