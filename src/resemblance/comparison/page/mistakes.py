"""The hardest pairs of each contestant: what a number of errors looks like."""

from resemblance.comparison.digits import figure
from resemblance.comparison.evidence.hardest import KINDS, Pair, hardest_pairs
from resemblance.comparison.page.markup import Content, Markup, element, markup, table
from resemblance.comparison.page.report import Report, Section, absent, folded, note
from resemblance.comparison.runs import Run
from resemblance.comparison.study import Contestant, TestSet
from resemblance.errors import DataError

MOST, FEWEST = 8, 2
"""Pairs of a kind."""
BUDGET = 240
"""Pairs with images on a page, about 2.5 MB."""


def mistakes(report: Report) -> Section | None:
    """None where there is no test set."""
    if not report.study.test_sets:
        return None
    return Section("mistakes", "Hardest pairs", report.each(lambda *of: _of_set(report, *of)))


def _of_set(report: Report, test_set: TestSet, number: str) -> Content:
    most = _most(report)
    parts = [_contestant(report, test_set, one, most, opened=place == 0 and number == "0")
             for place, one in enumerate(test_set.contestants)]  # fmt: skip
    found = [part for part in parts if part is not None]
    if not found:
        return absent(f"No run on {test_set.name} has kept its hardest pairs (hardest_pairs.csv).")
    lacking = [one.name for one, part in zip(test_set.contestants, parts, strict=True) if part is None]
    said = f" Without such pairs: {', '.join(lacking)}." if lacking else ""
    about = f"The comparisons that one run of each contestant gets most wrong on {test_set.name}: of the seed whose "
    about += f"headline figure is nearest to the mean.{said}"
    return [element("p", about), *found]


def _most(report: Report) -> int:
    panels = sum(len(test_set.contestants) for test_set in report.study.test_sets) * len(KINDS)
    return max(FEWEST, min(MOST, BUDGET // max(1, panels)))


def _contestant(report: Report, test_set: TestSet, one: Contestant, most: int, *, opened: bool) -> Markup | None:
    run = typical(one, test_set)
    try:
        kinds = {kind: hardest_pairs(run, kind, most, report.images) for kind in KINDS}
    except DataError as error:
        return markup(element("p", report.signs.named(one.name)), note(str(error)))
    if not any(kinds.values()):
        return None
    body = [_kind(kind, pairs, report.images) for kind, pairs in kinds.items() if pairs]
    return folded(markup(report.signs.named(one.name), f" · seed {run.seed}"), *body, opened=opened)


def typical(one: Contestant, test_set: TestSet) -> Run:
    """The run whose headline figure is nearest to the contestant's mean; the first where there is none."""
    key = test_set.findings[0].key if test_set.findings else ""
    values = [run.scalars[key].value for run in one.runs if key in run.scalars]
    if len(values) != len(one.runs):
        return one.runs[0]
    mean = sum(values) / len(values)
    return min(one.runs, key=lambda run: (abs(run.scalars[key].value - mean), run.seed))


def _kind(kind: str, pairs: list[Pair], images: bool) -> Markup:
    heading = element("h4", KINDS[kind][1])
    if any(pair.image for pair in pairs):
        return markup(heading, element("div", [_tile(kind, pair) for pair in pairs], class_="pairs"))
    rows = [[pair.first, pair.second, element("td", figure(pair.score), class_="number")] for pair in pairs]
    why = "" if images else "Images are left out of this page."
    return markup(heading, table(["First", "Second", "Score"], rows, wide=False), note(why) if why else None)


def _tile(kind: str, pair: Pair) -> Markup:
    names = markup(element("span", pair.first), element("span", pair.second))
    return element(
        "figure",
        element("img", src=pair.image, alt=f"{kind}: {pair.first} and {pair.second}"),
        element("figcaption", names, element("span", f"score {figure(pair.score)}", class_="small")),
        class_="pair-of-images",
    )
