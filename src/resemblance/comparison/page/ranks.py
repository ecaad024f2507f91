"""Mean ranks over data sets as Demšar draws them: whoever shares a bar is not told apart."""

import math

from resemblance.comparison.page.markup import Markup, element, markup
from resemblance.comparison.page.report import Report, Section
from resemblance.comparison.study import Ranks

WIDTH, EDGE, AXIS, ROW, BAR = 640, 24, 46, 24, 13


def ranks(report: Report) -> Section | None:
    """None where data sets were not ranked."""
    if not report.study.ranks:
        return None
    return Section("ranks", "Ranks over data sets", markup([_figure(report, one) for one in report.study.ranks]))


def _figure(report: Report, found: Ranks) -> Markup:
    caption = report.figure_caption(
        f"Mean ranks at {found.label} over {len(found.data_sets)} data sets ({', '.join(found.data_sets)}). Ranks less "
        f"than the critical difference {found.critical_difference:.2f} apart are not told apart, and share a bar. "
        f"{found.test.capitalize()}: p {'< 0.001' if found.p < 0.001 else f'= {found.p:.3f}'}."
    )
    drawing = element("div", _drawing(report, found), class_="scroll", tabindex=0, role="group", aria_label="Diagram")
    return element("figure", drawing, element("figcaption", caption), class_="chart")


def _drawing(report: Report, found: Ranks) -> Markup:
    names = list(found.mean_ranks)
    most = max(len(names), 2)
    half = math.ceil(len(names) / 2)

    def across(rank: float) -> float:
        return EDGE + 130 + (WIDTH - 2 * EDGE - 260) * (rank - 1) / (most - 1)

    bars = [group for group in found.groups if len(group) > 1]
    below = AXIS + 12 + BAR * len(bars)
    height = below + ROW * half + 12
    ticks = [
        [
            element("path", d=f"M{across(rank):.1f} {AXIS - 6}V{AXIS}", class_="axis"),
            element("text", rank, x=f"{across(rank):.1f}", y=AXIS - 10, text_anchor="middle"),
        ]
        for rank in range(1, most + 1)
    ]
    critical = min(found.critical_difference, most - 1)
    scale = [
        element("path", d=f"M{across(1):.1f} 8v8m0-4H{across(1 + critical):.1f}m0-4v8", class_="axis"),
        element("text", f"CD {found.critical_difference:.2f}", x=f"{across(1 + critical) + 8:.1f}", y=16),
    ]
    lines = [
        _contestant(report, name, across(found.mean_ranks[name]), below, place, len(names), half)
        for place, name in enumerate(names)
    ]
    groups = [
        element(
            "path",
            d=f"M{across(found.mean_ranks[group[0]]) - 4:.1f} {AXIS + 12 + BAR * row}"
            f"H{across(found.mean_ranks[group[-1]]) + 4:.1f}",
            class_="bar",
        )
        for row, group in enumerate(bars)
    ]
    return element(
        "svg",
        element("path", d=f"M{across(1):.1f} {AXIS}H{across(most):.1f}", class_="axis"),
        markup(ticks, scale, lines, groups),
        class_="ranks",
        viewBox=f"0 0 {WIDTH} {height}",
        role="img",
        aria_label="; ".join(f"{name}: mean rank {rank:.2f}" for name, rank in found.mean_ranks.items()),
    )


def _contestant(report: Report, name: str, x: float, below: float, place: int, number: int, half: int) -> Markup:
    """The better half is named on the left, the other on the right, from the outside in."""
    left = place < half
    row = place if left else number - 1 - place
    y = below + ROW * row + 10
    end, anchor = (EDGE + 118, "end") if left else (WIDTH - EDGE - 118, "start")
    text = name if len(name) <= 20 else f"{name[:19]}…"
    return element(
        "g",
        element("path", d=f"M{x:.1f} {AXIS}V{y:.1f}H{end}"),
        report.signs.symbol(name, x, AXIS, 4),
        element(
            "text", element("title", name), text, x=end + (-6 if left else 6), y=f"{y + 4:.1f}", text_anchor=anchor
        ),
        style=f"color:var(--who-{report.signs.who(name)})",
        class_="ranked",
    )
