"""Every contestant against every other: a matrix of verdicts, and the differences that they rest on."""

from collections.abc import Sequence
from dataclasses import replace

from resemblance.comparison.claims import IF_TRUE, is_within
from resemblance.comparison.digits import difference_bounds, estimate, p_value, signed, signed_bounds
from resemblance.comparison.findings import Bounds, Difference, Findings, Verdict
from resemblance.comparison.page.markup import Content, Markup, element, markup, table
from resemblance.comparison.page.report import Report, Section, folded, note
from resemblance.comparison.page.strip import Scale, difference_strip
from resemblance.comparison.shown import left_out, shown_pairs
from resemblance.comparison.study import TestSet
from resemblance.wording import counted

SIGNS = {"better": "▲", "worse": "▽", "equivalent": "≈", "undecided": "?"}
"""Shape tells them apart, and the word stands beside it."""
MOST_IN_MATRIX = 20
"""Contestants: a wider matrix nobody reads, and a hundred would make the page ten times as large."""


def pairwise(report: Report) -> Section | None:
    """None where there are not two contestants."""
    if not any(findings.differences for test_set in report.study.test_sets for findings in test_set.findings):
        return None
    return Section("pairwise", "Pairwise verdicts", report.each(lambda *of: _of_set(report, *of)))


def _of_set(report: Report, test_set: TestSet, _: str) -> Markup:
    found = [findings for findings in test_set.findings if findings.differences]
    return markup(
        [
            whole if place == 0 else folded(f"Verdicts at {findings.label}", whole)
            for place, findings in enumerate(found)
            for whole in [_of_figure(report, test_set, findings)]
        ]
    )


def _of_figure(report: Report, test_set: TestSet, findings: Findings) -> Markup:
    return markup(
        _matrix(report, test_set, findings),
        note(findings.procedure),
        folded(f"{_number(findings)} at {findings.label}", _differences(report, findings)),
    )


def _number(findings: Findings) -> str:
    shown, there = len(shown_pairs(findings)), len(findings.differences)
    all_of_them = f"the {there:,} differences" if there > 1 else "the difference"
    return f"{shown} of {all_of_them}" if shown < there else all_of_them.capitalize()


def _matrix(report: Report, test_set: TestSet, findings: Findings) -> Markup:
    names = [standing.contestant for standing in findings.standings[:MOST_IN_MATRIX]]
    by_pair = {(one.first, one.second): one for one in findings.differences}
    rows = [
        [report.signs.named(row), *(_cell(findings, row, column, by_pair) for column in names)]
        for row in names
    ]  # fmt: skip
    caption = report.table_caption(
        markup(
            element("b", findings.label), f" on {test_set.name}: the row against the column. ",
            [[element("span", sign, class_="sign"), f" {word}; "] for word, sign in SIGNS.items()][:-1],
            [element("span", SIGNS["undecided"], class_="sign"), " undecided"],
            f". Equivalent: the simultaneous 95 % interval lies within ±{findings.delta:g}. "
            "Numbers: the row's mean minus the column's.",
            f" The {len(names)} best of {len(findings.standings)}." if len(names) < len(findings.standings) else None,
            _further(findings),
        )
    )  # fmt: skip
    head = [element("span", "Row against column", class_="corner"), *(report.signs.named(name) for name in names)]
    return table(head, rows, caption=caption, class_="matrix")


def _further(findings: Findings) -> str:
    """What a number of more seeds beside a verdict means, where there is one."""
    given = any(one.more_seeds is not None for one in findings.differences)
    return f" More seeds: as many would decide {IF_TRUE}." if given else ""


def _cell(findings: Findings, row: str, column: str, by_pair: dict[tuple[str, str], Difference]) -> Markup:
    if row == column:
        return element("td", "·", class_="self", aria_label="itself")
    straight = (row, column) in by_pair
    one = by_pair.get((row, column)) or by_pair.get((column, row))
    if one is None:
        return element("td", "–")
    word = str(one.verdict) if straight or one.verdict is not Verdict.BETTER else "worse"
    further = None
    if one.more_seeds is not None:
        further = element("span", counted(one.more_seeds, "more seed"), class_="small")
    elif one.verdict is Verdict.BETTER and is_within(findings, one):
        further = element("span", f"within ±{findings.delta:g}", class_="small")
    difference = estimate(one if straight else replace(one, estimate=-one.estimate))
    return element(
        "td",
        element("span", SIGNS[word], class_="sign", aria_hidden="true"),
        element("span", word, class_="word"),
        element("span", difference, class_="by"),
        further,
        class_=f"verdict {word}",
    )


def _differences(report: Report, findings: Findings) -> Markup:
    pairs = shown_pairs(findings)
    scale = Scale(_seen(findings.delta, pairs), zero=True)
    head = [
        "First, second",
        "Difference",
        "Simultaneous 95 %",
        "over seeds",
        "over subjects",
        "p",
        "Verdict",
        element("div", element("span", signed(scale.low)), element("span", signed(scale.high)), class_="scale"),
    ]
    notes = {one.note for one in pairs}
    shared = notes.pop() if len(notes) == 1 else None
    rows = [_row(report, findings, scale, one, one.note if shared is None else None) for one in pairs]
    caption = report.table_caption(
        f"Differences of {findings.label}, the first minus the second, paired by seed. Drawn: the zone within "
        f"±{findings.delta:g}, the simultaneous interval (thin), that over seeds alone (thick).{_further(findings)}"
    )
    small_print = [note(sentence) for sentence in (shared, left_out(findings)) if sentence]
    return markup(table(head, rows, caption=caption, class_="differences"), small_print)


def _row(report: Report, findings: Findings, scale: Scale, one: Difference, remark: str | None) -> list[Content]:
    whole = None if one.low is None or one.high is None else Bounds(one.low, one.high)
    within = f" within ±{findings.delta:g}" if one.verdict is Verdict.BETTER and is_within(findings, one) else ""
    seeds = "" if one.more_seeds is None else f", {counted(one.more_seeds, 'more seed')}"
    said = None if remark is None else element("span", remark, class_="small")
    return [
        element("div", report.signs.named(one.first), report.signs.named(one.second), class_="pair"),
        element("td", element("strong", estimate(one)), class_="number"),
        element("td", difference_bounds(one), class_="number"),
        element("td", signed_bounds(one.over_seeds), class_="number"),
        element("td", signed_bounds(one.over_subjects), class_="number"),
        element("td", p_value(one), class_="number"),
        element("td", f"{SIGNS[str(one.verdict)]} {one.verdict}{within}{seeds}", said, class_="told"),
        element("td", difference_strip(scale, one.estimate, whole, one.over_seeds, findings.delta), class_="drawn"),
    ]  # fmt: skip


def _seen(delta: float, pairs: Sequence[Difference]) -> list[float]:
    seen = [-delta, delta]
    for one in pairs:
        seen.append(one.estimate)
        seen += [end for end in (one.low, one.high) if end is not None]
        seen += [] if one.over_seeds is None else [one.over_seeds.low, one.over_seeds.high]
    return seen
