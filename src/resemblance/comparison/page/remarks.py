"""What speaks against the comparison: warnings, runs that were refused, and what else is to be said."""

from resemblance.comparison.page.markup import Markup, element, markup
from resemblance.comparison.page.report import Report, Section


def remarks(report: Report) -> Section:
    """Always there: that there is no warning is worth a sentence too."""
    return Section("remarks", "Warnings and refused runs", markup(_warnings(report), _refused(report), _notes(report)))


def _warnings(report: Report) -> Markup:
    told = [(test_set, test_set.warnings) for test_set in report.study.test_sets if test_set.warnings]
    if not told:
        return element("p", "Nothing was found that would make these runs incomparable.")
    several = len(report.study.test_sets) > 1
    return markup(
        [
            [
                element("h4", f"On {test_set.name}") if several else None,
                element("ul", [element("li", warning) for warning in warnings], class_="warnings"),
            ]
            for test_set, warnings in told
        ]
    )


def _refused(report: Report) -> Markup:
    refused = report.study.refused
    if not refused:
        return element("p", "No run directory was refused.")
    items = [
        element("li", element("code", place), element("br"), reason) for place, reason in refused.items()
    ]  # fmt: skip
    return markup(element("h4", "Refused"), element("ul", items, class_="warnings"))


def _notes(report: Report) -> Markup | None:
    notes = report.study.notes
    return element("ul", [element("li", one) for one in notes]) if notes else None
