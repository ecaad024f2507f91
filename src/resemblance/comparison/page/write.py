"""Puts the page together and writes it, whole or not at all."""

from collections.abc import Callable
from importlib import resources
from pathlib import Path

from resemblance.atomic import write_text
from resemblance.comparison.page.chart import page_data
from resemblance.comparison.page.commands import commands
from resemblance.comparison.page.conclusions import conclusions
from resemblance.comparison.page.cost import cost
from resemblance.comparison.page.design import design
from resemblance.comparison.page.embedding_map import maps
from resemblance.comparison.page.leaderboard import leaderboard
from resemblance.comparison.page.markup import Markup, element, markup
from resemblance.comparison.page.mistakes import mistakes
from resemblance.comparison.page.pairwise import pairwise
from resemblance.comparison.page.ranks import ranks
from resemblance.comparison.page.remarks import remarks
from resemblance.comparison.page.report import Report, Section
from resemblance.comparison.page.roc import roc
from resemblance.comparison.page.seeds import seeds
from resemblance.comparison.page.training import mining, training
from resemblance.comparison.page.tuning import tuning
from resemblance.comparison.study import Study
from resemblance.wording import counted

SECTIONS: tuple[Callable[[Report], Section | None], ...] = (
    conclusions,
    leaderboard,
    pairwise,
    ranks,
    roc,
    seeds,
    training,
    mining,
    cost,
    mistakes,
    maps,
    design,
    tuning,
    remarks,
    commands,
)
SCRIPTS = ("theme.js", "charts.js", "keys.js", "paper.js")
_POLICY = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data: blob:"
"""The browser itself sees to it that the page asks nobody for anything."""


def write_page(study: Study, path: Path, *, images: bool = True) -> None:
    """Write a comparison as one HTML file that needs no other and no network.

    Args:
        study: what was found.
        path: of the file.
        images: whether the images of the hardest pairs are shown; without, their names stand alone, as where
            photographs may not be published.

    Raises:
        OutputError: if the file can't be written.
    """
    write_text(path, page(study, images=images))


def page(study: Study, *, images: bool = True) -> str:
    """The HTML of :func:`write_page`; the same study gives the same text."""
    report = Report(study, images)
    sections = [section for make in SECTIONS if (section := make(report)) is not None]
    head = markup(
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=_POLICY),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="color-scheme", content="light dark"),
        element("title", study.title),
        _raw("style", report.signs.style() + _read("page.css")),
    )
    body = markup(
        element("a", "To the conclusions", href="#conclusions", class_="skip"),
        _title(report),
        element("div", _contents(sections), element("main", [_section(one) for one in sections]), class_="columns"),
        element("noscript", element("p", "The charts need JavaScript; tables, maps and verdicts do not.")),
        _footer(),
        Markup(f'<script type="application/json" id="data">{page_data(report.signs.looks, report.charts)}</script>'),
        _scripts() if report.charts else None,
    )
    return f'<!DOCTYPE html>\n<html lang="en"><head>{head}</head>\n<body>{body}</body></html>\n'


def _title(report: Report) -> Markup:
    study = report.study
    names = {one.name for test_set in study.test_sets for one in test_set.contestants}
    sets = [test_set.name for test_set in study.test_sets]
    told = [counted(len(names), "contestant"), counted(len(report.runs), "run")]
    if study.test_sets and study.test_sets[0].findings:
        first = study.test_sets[0].findings[0]
        told += [counted(len(first.seeds), "seed"), f"headline {first.label}, δ = {first.delta:g}"]
    tested = element("p", "Tested on ", ", ".join(sets), ".", class_="sets") if sets else None
    return element(
        "header",
        element("p", "Comparison of losses", class_="kind"),
        element("h1", study.title),
        element("p", " · ".join(told), class_="about"),
        tested,
    )


def _contents(sections: list[Section]) -> Markup:
    items = [element("li", element("a", section.title, href=f"#{section.name}")) for section in sections]
    return element("nav", element("h2", "Contents"), element("ol", items), aria_label="Contents")


def _section(section: Section) -> Markup:
    heading = element("h2", section.title, id=f"{section.name}-title")
    return element("section", heading, section.body, id=section.name, aria_labelledby=f"{section.name}-title")


def _footer() -> Markup:
    told = "Intervals are 95 %. A verdict holds at its operating point, on its test set and for its budget."
    return element("footer", element("p", told))


def _scripts() -> Markup:
    from plotly.offline import get_plotlyjs

    return markup(_raw("script", get_plotlyjs()), _raw("script", "".join(map(_read, SCRIPTS))))


def _raw(name: str, text: str) -> Markup:
    """An element whose content is no HTML; only its own end could end it."""
    inside = text.replace(f"</{name}", f"<\\/{name}")
    return Markup(f"<{name}>{inside}</{name}>")


def _read(name: str) -> str:
    return resources.files(__package__).joinpath(name).read_text("utf-8")
