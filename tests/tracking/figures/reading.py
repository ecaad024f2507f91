"""What can be read in a figure, for tests."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.text import Text
from matplotlib.transforms import Bbox


def texts(figure: Figure) -> list[str]:
    """All that can be read in a figure."""
    figure.draw_without_rendering()
    found = [text.get_text() for axes in figure.axes for text in axes.texts]
    found += [text.get_text() for text in figure.texts]
    for axes in figure.axes:
        found += [axes.get_title(loc="left"), axes.get_xlabel(), axes.get_ylabel()]
        found += [label.get_text() for axis in (axes.xaxis, axes.yaxis) for label in axis.get_ticklabels()]
        if legend := axes.get_legend():
            found += [text.get_text() for text in legend.get_texts()]
    for title in (figure._suptitle, figure._supxlabel):  # type: ignore[attr-defined]  # there is no public way
        found += [] if title is None else [title.get_text()]
    return found


def points(axes: Axes) -> list[Line2D]:
    """The dots of a panel."""
    return [line for line in axes.lines if line.get_marker() == "o"]


def intervals(axes: Axes) -> list[Line2D]:
    """The bars of a panel."""
    return [line for line in axes.lines if line.get_gid() == "interval"]


def overlapping(figure: Figure) -> list[tuple[str, str]]:
    """Pairs of texts that cover each other, within and across panels; there should be none."""
    figure.draw_without_rendering()
    labels = [text for axes in figure.axes for text in (*axes.texts, *_ticks(axes)) if text.get_text()]
    boxes: list[Bbox] = [text.get_window_extent() for text in labels]
    return [
        (labels[i].get_text(), labels[j].get_text())
        for i in range(len(labels))
        for j in range(i)
        if boxes[i].overlaps(boxes[j]) and not _same(boxes[i], boxes[j], labels[i].get_text() == labels[j].get_text())
    ]


def _ticks(axes: Axes) -> list[Text]:
    """Labels of the ticks that lie on the axes; matplotlib keeps some beyond them, and draws none of these."""
    found = []
    for axis in (axes.xaxis, axes.yaxis):
        low, high = sorted(axis.get_view_interval())
        room = 1e-9 * (high - low)
        found += [tick.label1 for tick in axis.get_major_ticks() if low - room <= tick.get_loc() <= high + room]
    return [label for label in found if label.get_visible()]


def beyond(figure: Figure) -> list[str]:
    """Texts that leave the figure."""
    figure.draw_without_rendering()
    across, down = figure.canvas.get_width_height()
    return [
        text.get_text()
        for axes in figure.axes
        for text in (*axes.texts, axes.title, axes._left_title, axes.xaxis.label, axes.yaxis.label)  # type: ignore[attr-defined]
        if text.get_text() and not _inside(text.get_window_extent(), across, down)
    ]


def _inside(box: Bbox, across: float, down: float) -> bool:
    return bool(box.x0 >= -1 and box.y0 >= -1 and box.x1 <= across + 1 and box.y1 <= down + 1)


def _same(first: Bbox, second: Bbox, text: bool) -> bool:
    return text and np.allclose(first.get_points(), second.get_points(), atol=1)
