"""A chart that the reader's browser draws: traces and axes as plain data, colours by contestant and ground.

Nothing here depends on light or dark: a trace says whose it is (``meta.who``) and the script of the page gives it that
contestant's colour, so a theme that changes, a loss that is hidden and a page that is printed need no second drawing.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Any

import numpy as np

from resemblance.comparison.evidence.looks import Look
from resemblance.comparison.evidence.over_seeds import Band
from resemblance.comparison.page.markup import Content, Markup, element

Trace = dict[str, Any]
DIGITS = 5
"""Significant, of what is drawn: no eye sees more, and a page stays small."""


@dataclass(frozen=True)
class View:
    """One of the pictures that a chart can show.

    Attributes:
        name: in the list to choose from.
        traces: by plotly's names.
        layout: what differs from the page's own, by plotly's names.
        missing: contestants that have nothing to show in it.
        remark: what else is said below it, such as whose curve rests on fewer seeds.
    """

    name: str
    traces: Sequence[Trace]
    layout: Mapping[str, Any] = field(default_factory=dict)
    missing: Sequence[str] = ()
    remark: str = ""


@dataclass(frozen=True)
class Chart:
    """A figure of the page.

    Attributes:
        name: in the page's addresses, unlike any other's.
        views: at least one; the reader chooses where there are several.
        alt: what is seen, for those who do not see it.
        height: pixels.
        choose: what is chosen, such as ``figure``.
    """

    name: str
    views: Sequence[View]
    alt: str
    height: int = 420
    choose: str = "Figure"

    def markup(self, caption: Content, keys: Content, more: Content = None) -> Markup:
        """The figure with its keys above and its caption below; ``more`` follows within it."""
        return element(
            "figure",
            element("div", keys, self._chooser(), class_="above"),
            element(
                "div",
                class_="plot",
                id=self.name,
                data_chart=self.name,
                role="img",
                aria_label=self.alt,
                style=f"--height:{self.height}px",
            ),
            element("p", class_="absent", id=f"{self.name}-absent", hidden=True),
            element("figcaption", caption),
            more,
            class_="chart",
        )

    def _chooser(self) -> Markup | None:
        if len(self.views) < 2:
            return None
        options = [element("option", view.name, value=place) for place, view in enumerate(self.views)]
        return element("label", self.choose, " ", element("select", options, data_for=self.name), class_="choose")

    def data(self) -> dict[str, Any]:
        """For the script of the page."""
        return {
            "height": self.height,
            "views": [
                {
                    "traces": list(view.traces),
                    "layout": dict(view.layout),
                    "missing": list(view.missing),
                    "remark": view.remark,
                }
                for view in self.views
            ],
        }


def band_traces(who: int, name: str, band: Band, *, stairs: bool = False, marks: Sequence[int] = ()) -> list[Trace]:
    """The range over the seeds and their mean.

    Args:
        who: the contestant's place among the looks of the page.
        name: of the contestant.
        band: what is drawn.
        stairs: whether values hold until the next.
        marks: places of points that wear the contestant's symbol, so that no colour is needed.
    """
    shape: Trace = {"shape": "hv"} if stairs else {}
    x = rounded(band.x)
    mean = {
        "x": x,
        "y": rounded(band.mean),
        "name": in_plot(name),
        "mode": "lines+markers" if len(marks) or len(x) == 1 else "lines",
        "line": shape,
        "meta": {"who": who, "part": "mean"},
        "customdata": [[low, high] for low, high in zip(rounded(band.low), rounded(band.high), strict=True)],
        "hovertemplate": "%{y:.4f}"
        + (" (%{customdata[0]:.4f} to %{customdata[1]:.4f})" if band.seeds > 1 else "")
        + "<extra>%{fullData.name}</extra>",
    }
    if len(marks) and len(x) > 1:
        chosen = set(marks)
        mean["marker"] = {"size": [8 if place in chosen else 0 for place in range(len(x))]}
    if band.seeds < 2:
        return [mean]
    no_line: Trace = {**shape, "width": 0}
    edge: Trace = {"mode": "lines", "hoverinfo": "skip"}
    low: Trace = {**edge, "x": x, "y": rounded(band.low), "line": no_line, "meta": {"who": who, "part": "edge"}}
    high: Trace = {
        **edge,
        "x": x,
        "y": rounded(band.high),
        "line": no_line,
        "fill": "tonexty",
        "meta": {"who": who, "part": "band"},
    }
    return [low, high, mean]


def marked_places(points: int, who: int, of: int, number: int = 5) -> list[int]:
    """Where a line of many points wears its symbol: evenly, and each contestant elsewhere.

    >>> marked_places(100, 0, 2), marked_places(100, 1, 2)
    ([5, 25, 45, 65, 85], [15, 35, 55, 75, 95])
    """
    step = points / number
    return sorted({min(int(step * (place + (who + 0.5) / of)), points - 1) for place in range(number)})


def in_plot(text: str) -> str:
    """Text as plotly shows it, which would read a ``<b>`` within a name as markup."""
    return escape(text, quote=False)


def rounded(values: np.ndarray) -> list[float]:
    """Plain numbers with the digits that are drawn."""
    return [float(f"{value:.{DIGITS}g}") for value in np.asarray(values, float).tolist()]


def page_data(looks: Sequence[Look], charts: Sequence[Chart]) -> str:
    """What the script of the page reads, safe within an element ``script``."""
    data = {
        "looks": [
            {"name": look.name, "light": look.light, "dark": look.dark, "dash": look.dash, "symbol": look.symbol}
            for look in looks
        ],
        "charts": {chart.name: chart.data() for chart in charts},
    }
    return json.dumps(data, separators=(",", ":"), allow_nan=False, ensure_ascii=True).replace("<", "\\u003c")
