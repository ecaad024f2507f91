"""The first section: what can be said, at which operating point, and how wide the intervals are."""

from textwrap import shorten

from resemblance.comparison.claims import claims, leading
from resemblance.comparison.findings import Findings
from resemblance.comparison.page.markup import Content, Markup, element, markup
from resemblance.comparison.page.report import Report, Section, absent
from resemblance.comparison.page.sentences import sentence
from resemblance.comparison.study import TestSet
from resemblance.comparison.telling import operating_point, ranking
from resemblance.wording import agreeing, counted


def conclusions(report: Report) -> Section:
    """Always there."""
    study = report.study
    if not study.test_sets:
        return Section("conclusions", "Conclusions", absent("No run could be compared; see the refused runs below."))
    ranks = [element("p", ranking(one)) for one in study.ranks]
    found = report.each(lambda *of: _of_set(report, *of))
    return Section("conclusions", "Conclusions", markup(_caution(report), found, ranks))


def _of_set(report: Report, test_set: TestSet, _: str) -> Markup:
    if not test_set.findings:
        return absent("No figure was compared on this test set.")
    first, *rest = test_set.findings
    blocks = [_block(report, test_set, first, headline=True)]
    return markup(blocks, element("div", [_block(report, test_set, one) for one in rest], class_="claims"))


def _block(report: Report, test_set: TestSet, findings: Findings, *, headline: bool = False) -> Markup:
    claimed = [element("li", sentence(claim, report.signs)) for claim in claims(findings)]
    return element(
        "div",
        element("p", _at(findings, test_set), class_="at"),
        element("p", sentence(leading(findings), report.signs), class_="lead"),
        element("ul", claimed, class_="claimed") if claimed else None,
        _small_print(findings),
        class_="claim headline" if headline else "claim",
    )


def _at(findings: Findings, test_set: TestSet) -> Content:
    return markup(element("b", findings.label), " ", operating_point(findings, test_set))


def _small_print(findings: Findings) -> Markup:
    lines = [findings.resolution_note, *findings.notes]
    return element("p", " ".join(filter(None, lines)), class_="note")


def _caution(report: Report) -> Content:
    """Nobody should read a verdict before what speaks against it."""
    warnings = [warning for test_set in report.study.test_sets for warning in test_set.warnings]
    refused = report.study.refused
    if not warnings and not refused:
        return None
    told: list[Content] = []
    if warnings:
        number = counted(len(warnings), "warning")
        told.append(
            markup(
                element("b", f"{number} on whether these runs are comparable"),
                ": ",
                shorten(warnings[0], 220, placeholder=" …"),
            )
        )
    if refused:
        were = agreeing(len(refused), "was", "were")
        told.append(f"{counted(len(refused), 'run directory', 'run directories')} {were} refused.")
    link = element("a", "All of them", href="#remarks")
    return element("div", element("p", [[one, " "] for one in told], link, "."), class_="caution", role="note")
