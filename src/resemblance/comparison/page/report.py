"""What the sections of the page share: the study, its signs, its files once read, and the numbers of its figures."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from resemblance.comparison.evidence.history import History, read_history
from resemblance.comparison.evidence.looks import looks_of
from resemblance.comparison.page.chart import Chart
from resemblance.comparison.page.markup import Content, Markup, element, markup
from resemblance.comparison.page.signs import Signs
from resemblance.comparison.runs import Run
from resemblance.comparison.study import Study, TestSet
from resemblance.tracking.names import short_name


@dataclass(frozen=True)
class Section:
    """A part of the page.

    Attributes:
        name: in its address.
        title: above it, and in the contents.
        body: what it says.
    """

    name: str
    title: str
    body: Markup


@dataclass
class Report:
    """One page in the making.

    Attributes:
        study: what it tells.
        images: whether the pairs' images may be shown.
        charts: that have been drawn so far.
    """

    study: Study
    images: bool = True
    charts: list[Chart] = field(default_factory=list)
    _figures: int = 0
    _tables: int = 0

    @cached_property
    def signs(self) -> Signs:
        """Of all contestants."""
        return Signs(looks_of(self.study))

    @cached_property
    def runs(self) -> dict[str, Run]:
        """By directory, each once."""
        return {
            str(run.path): run for test_set in self.study.test_sets for one in test_set.contestants for run in one.runs
        }

    @cached_property
    def histories(self) -> Mapping[str, History]:
        """Of each run by its directory; empty where it has none."""
        return {name: read_history(run.paths.history) for name, run in self.runs.items()}

    def label(self, key: str) -> str:
        """What a figure is called, as the runs that have it say; without what they add on its interval."""
        found = next((run.scalars[key].label for run in self.runs.values() if key in run.scalars), None)
        return short_name(key).removeprefix("val ") if found is None else re.sub(r" \(±[^)]*\)", "", found)

    def chart(self, chart: Chart, names: Sequence[str], caption: Content, more: Content = None) -> Markup:
        """Add a chart with a legend of these contestants."""
        self.charts.append(chart)
        return chart.markup(self.figure_caption(caption), self.signs.keys(names), more)

    def figure_caption(self, text: Content) -> Markup:
        """With the number of the next figure."""
        self._figures += 1
        return markup(element("b", f"Figure {self._figures}."), " ", text)

    def table_caption(self, text: Content) -> Markup:
        """With the number of the next table."""
        self._tables += 1
        return markup(element("b", f"Table {self._tables}."), " ", text)

    def each(self, draw: Callable[[TestSet, str], Content]) -> Markup:
        """What is drawn for each test set, under its name where there are several; its second argument is unique."""
        several = len(self.study.test_sets) > 1
        return markup(
            [
                [
                    element("h3", test_set.name, class_="test-set") if several else None,
                    draw(test_set, f"{place}" if several else "0"),
                ]
                for place, test_set in enumerate(self.study.test_sets)
            ]
        )


def absent(sentence: Content) -> Markup:
    """Said in the place of a picture that there is nothing for."""
    return element("p", sentence, class_="absent")


def note(sentence: Content) -> Markup:
    """Small print below a table or picture."""
    return element("p", sentence, class_="note")


def folded(title: Content, *body: Content, opened: bool = False) -> Markup:
    """What is shown when asked for, and always on paper."""
    return element("details", element("summary", title), element("div", *body), open=opened)


def names_of(test_set: TestSet) -> list[str]:
    """Of its contestants, in their order."""
    return [one.name for one in test_set.contestants]
