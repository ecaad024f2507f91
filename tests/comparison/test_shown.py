from itertools import combinations

import pytest

from resemblance.comparison.findings import Difference, Findings, Standing, Verdict
from resemblance.comparison.shown import LEADERS, left_out, shown_pairs


def findings_of(contestants: int, decided: int = 0) -> Findings:
    """Made-up findings in which the last pairs, in the order of the standings, are the decided ones."""
    names = [f"loss-{place:03}" for place in range(contestants)]
    pairs = list(combinations(names, 2))
    differences = tuple(
        Difference(first, second, 0.01, -0.01, 0.03, None, None, 0.5, verdict)
        for place, (first, second) in enumerate(pairs)
        for verdict in [Verdict.BETTER if place >= len(pairs) - decided else Verdict.UNDECIDED]
    )
    standings = tuple(Standing(name, 0.9, (0.9, 0.9), None, None) for name in names)
    return Findings("test/verification/auc", "AUC", 0.005, True, (1, 2), "", None, "", standings, differences)


def test_few_pairs_are_all_shown():
    findings = findings_of(10)
    assert shown_pairs(findings) == findings.differences
    assert left_out(findings) == ""


@pytest.mark.parametrize("decided", [1, 45])
def test_of_many_pairs_the_decided_ones_are_shown(decided):
    findings = findings_of(58, decided)
    assert tuple(shown_pairs(findings)) == findings.differences[-decided:]
    told = f"Shown are the pairs that were decided; {1653 - decided:,} more are in differences.csv"
    assert left_out(findings).startswith(told)


@pytest.mark.parametrize("decided", [0, 46, 1653])
def test_where_none_or_too_many_were_decided_the_leaders_are_shown(decided):
    findings = findings_of(58, decided)
    pairs = shown_pairs(findings)
    assert len(pairs) == 45
    best = [one.contestant for one in findings.standings[:LEADERS]]
    assert [(one.first, one.second) for one in pairs] == list(combinations(best, 2))
    assert left_out(findings).startswith("Shown are the pairs of the 10 best; 1,608 more are in differences.csv")
