"""What was found about one figure, in sentences, each claim with its operating point."""

from collections.abc import Sequence

from resemblance.comparison.findings import Difference, Findings, Verdict
from resemblance.comparison.page.markup import Content, Markup, element, markup
from resemblance.comparison.page.signs import Signs, joined
from resemblance.comparison.telling import figure
from resemblance.wording import agreeing, counted


def leader(findings: Findings, signs: Signs) -> Markup:
    """Who comes first, and what that is worth."""
    first = findings.standings[0]
    over = "from one seed" if len(findings.seeds) == 1 else f"over {len(findings.seeds)} seeds"
    extreme = "highest" if findings.higher_is_better else "lowest"
    if len(findings.standings) == 1:
        opening = markup(signs.named(first.contestant), f" reaches {findings.label} ", figure(first.mean), f" {over}. ")
        return markup(opening, "It is the only contestant, so there is nothing to compare it with.")
    opening = markup(
        signs.named(first.contestant), f" has the {extreme} {findings.label}, ", figure(first.mean), f" {over}. "
    )
    return markup(opening, "It is ", _against(findings, first.contestant), ".")


def others(findings: Findings, signs: Signs) -> list[Markup]:
    """Whoever else is better than somebody; those that are better than the same ones in one sentence."""
    winners: dict[tuple[str, ...], list[str]] = {}
    for standing in findings.standings[1:]:
        beaten = tuple(one.second for one in _second(findings, standing.contestant, Verdict.BETTER))
        if beaten:
            winners.setdefault(beaten, []).append(standing.contestant)
    return [
        markup(
            joined(signs.named(name) for name in names),
            agreeing(len(names), " is", " are"),
            " better than ",
            joined(element("span", name, class_="who") for name in beaten),
            ".",
        )
        for beaten, names in winners.items()
    ]


def tally(findings: Findings) -> str:
    """How many pairs have a winner, are equivalent and are undecided."""
    number = {verdict: sum(one.verdict == verdict for one in findings.differences) for verdict in Verdict}
    better, equal, undecided = (number[verdict] for verdict in (Verdict.BETTER, Verdict.EQUIVALENT, Verdict.UNDECIDED))
    return (
        f"Of {counted(len(findings.differences), 'pair')} "
        f"{better or 'none'} {agreeing(better, 'has', 'have')} a winner, "
        f"{equal or 'none'} {agreeing(equal, 'is', 'are')} equivalent within ±{findings.delta:g}, "
        f"{undecided or 'none'} {agreeing(undecided, 'is', 'are')} undecided."
    )


def _against(findings: Findings, name: str) -> Content:
    parts: list[Markup] = []
    for verdict, word, after in (
        (Verdict.BETTER, " than ", ""),
        (Verdict.EQUIVALENT, " to ", f" within ±{findings.delta:g}"),
        (Verdict.UNDECIDED, " against ", ""),
    ):
        found = _second(findings, name, verdict)
        if found:
            alone = len(found) == len(findings.standings) - 1 > 1
            whom = f"all {len(found)} others" if alone else _names(found)
            parts.append(markup(element("strong", str(verdict)), word, whom, after))
    return joined(parts)


def _names(differences: Sequence[Difference]) -> Markup:
    """The second ones; of an undecided pair, how many more seeds would decide it."""
    return joined(markup(element("span", one.second, class_="who"), _seeds(one)) for one in differences)


def _second(findings: Findings, name: str, verdict: Verdict) -> Sequence[Difference]:
    return [one for one in findings.differences if one.first == name and one.verdict == verdict]


def _seeds(difference: Difference) -> str:
    return "" if difference.more_seeds is None else f" ({counted(difference.more_seeds, 'more seed')})"
