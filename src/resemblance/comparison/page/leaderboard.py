"""Who stands where, with both intervals: for other trainings, and for other people to test on."""

from resemblance.comparison.digits import bounds, figure
from resemblance.comparison.findings import Findings, Standing
from resemblance.comparison.lacking import lacking
from resemblance.comparison.page.markup import Content, Markup, element, markup, table
from resemblance.comparison.page.report import Report, Section, absent
from resemblance.comparison.page.strip import Scale, standing_strip
from resemblance.comparison.study import TestSet
from resemblance.comparison.telling import operating_point


def leaderboard(report: Report) -> Section | None:
    """None where nothing was compared."""
    if not any(test_set.findings for test_set in report.study.test_sets):
        return None
    return Section("leaderboard", "Leaderboard", report.each(lambda *of: _tables(report, *of)))


def _tables(report: Report, test_set: TestSet, _: str) -> Markup:
    return markup([_table(report, test_set, findings) for findings in test_set.findings])


def _table(report: Report, test_set: TestSet, findings: Findings) -> Markup:
    scale = Scale(_seen(findings))
    ends = [
        element("span", figure(scale.low)),
        element("span", "each dot a seed"),
        element("span", figure(scale.high)),
    ]
    head = [
        "Contestant",
        "Mean",
        "95 % over seeds",
        "95 % over subjects",
        element("div", ends, class_="scale"),
    ]
    rows = [_row(report, scale, place, standing) for place, standing in enumerate(findings.standings, 1)]
    better = "more" if findings.higher_is_better else "less"
    about = (
        f" {operating_point(findings, test_set)} ({better} is better). Over seeds (thick): other trainings, "
        "the same people. Over subjects (thin): other people, the same trainings."
    )
    caption = report.table_caption(markup(element("b", findings.label), about))
    return markup(table(head, rows, caption=caption, class_="standings"), _missing(findings))


def _row(report: Report, scale: Scale, place: int, standing: Standing) -> list[Content]:
    strip = standing_strip(
        scale, report.signs, standing.contestant, standing.mean, standing.values, standing.over_seeds,
        standing.over_subjects,
    )  # fmt: skip
    return [
        element("div", element("span", place, class_="place"), report.signs.named(standing.contestant), class_="entry"),
        _number(figure(standing.mean), strong=True),
        _number(bounds(standing.over_seeds)),
        _number(bounds(standing.over_subjects)),
        element("td", strip, class_="drawn"),
    ]


def _number(text: str, *, strong: bool = False) -> Markup:
    return element("td", element("strong", text) if strong else text, class_="number")


def _seen(findings: Findings) -> list[float]:
    seen: list[float] = []
    for standing in findings.standings:
        seen += [standing.mean, *standing.values]
        for ends in (standing.over_seeds, standing.over_subjects):
            seen += [] if ends is None else [ends.low, ends.high]
    return _within(seen, [value for standing in findings.standings for value in standing.values])


def _within(seen: list[float], values: list[float]) -> list[float]:
    """Rates lie within 0 and 1; an interval of t that does not is cut there, where it says nothing."""
    return [min(max(one, 0.0), 1.0) for one in seen] if all(0 <= value <= 1 for value in values) else seen


def _missing(findings: Findings) -> Markup | None:
    without = any(one.over_seeds is None or one.over_subjects is None for one in findings.standings)
    told = [*lacking(findings), *findings.notes] if without else []
    return absent(" ".join(told)) if told else None
