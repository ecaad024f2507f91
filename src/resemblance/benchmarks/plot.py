"""Cost against size: time above, memory below, one column a series."""

from collections.abc import Callable, Sequence
from itertools import groupby
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from resemblance.atomic import write_atomically
from resemblance.benchmarks.cases import FACENET, Case
from resemblance.benchmarks.contestants import LIBRARY, OURS, PLAIN
from resemblance.benchmarks.measuring import Measurement
from resemblance.tracking.figures.style import BLUE, GREY, INK, VERMILION, styled

_COLOURS = {OURS: BLUE, LIBRARY: VERMILION, PLAIN: GREY}
_MILLISECOND, _MEGABYTE = 1e-3, 1e6
_SMALLEST_PEAK = 1e6  # bytes; below it a peak is noise


def write_plot(path: Path, measurements: Sequence[Measurement], machine: str) -> None:
    """Write the figure as PNG, without a date or a version in it."""
    figure = draw(measurements, machine)
    write_atomically(path, lambda temporary: figure.savefig(temporary, metadata={"Software": None}))


@styled
def draw(measurements: Sequence[Measurement], machine: str) -> Figure:
    """The figure."""
    columns = [(series, list(group)) for series, group in groupby(measurements, key=lambda one: one.case.series)]
    figure = Figure(figsize=(1.6 + 2.9 * len(columns), 6.6), layout="constrained")
    rows = figure.subplots(2, len(columns), sharey="row", squeeze=False)
    for column, (series, members) in enumerate(columns):
        time_axes, memory_axes = rows[0, column], rows[1, column]
        time_axes.set_title(series, loc="left", fontsize=12, fontweight="bold", color=INK)
        _curves(time_axes, members, lambda one: one.median and one.median / _MILLISECOND)
        _curves(memory_axes, members, lambda one: one.peak and max(one.peak, _SMALLEST_PEAK) / _MEGABYTE)
        memory_axes.set_xlabel("identities C, 512 images" if series == "cosface" else "images B")
    rows[0, 0].set_ylabel("forward + backward, ms")
    rows[1, 0].set_ylabel("peak memory, MB")
    return figure


def _curves(axes: Axes, members: Sequence[Measurement], cost: Callable[[Measurement], float | None]) -> None:
    axes.set_xscale("log")
    axes.set_yscale("log")
    for contestant, colour in _COLOURS.items():
        known = [(one.case, cost(one)) for one in members if one.contestant == contestant]
        curve = [(_size(case), value) for case, value in known if value and not _is_facenet(case)]
        apart = [(_size(case), value) for case, value in known if value and _is_facenet(case)]
        axes.plot(*zip(*curve, strict=True), "-o", markersize=4, color=colour)
        if apart:
            axes.plot(*zip(*apart, strict=True), "D", markersize=6, color=colour, markeredgecolor="white")


def _size(case: Case) -> int:
    return case.classes or case.images


def _is_facenet(case: Case) -> bool:
    return (case.images, case.images_per_identity) == FACENET
