"""Which pairs are shown where all of them would be too many to read: one rule for console, files, page and pictures."""

from collections.abc import Sequence

from resemblance.comparison.findings import Difference, Findings, Verdict

LEADERS = 10
"""Contestants whose pairs among each other are always worth showing."""
MOST_PAIRS = LEADERS * (LEADERS - 1) // 2
"""Of one figure."""


def shown_pairs(findings: Findings) -> Sequence[Difference]:
    """All pairs of a figure up to :data:`MOST_PAIRS`; of more, those that were decided.

    Where none was, or these are too many as well, those of the :data:`LEADERS` best among each other. They stay in the
    order of the standings.
    """
    return _shown(findings)[0]


def left_out(findings: Findings) -> str:
    """Which pairs are shown and where the others are, in a sentence; nothing where all are shown."""
    pairs, which = _shown(findings)
    more = len(findings.differences) - len(pairs)
    if not more:
        return ""
    return f"Shown are the pairs {which}; {more:,} more are in differences.csv, which formats=[csv] writes."


def _shown(findings: Findings) -> tuple[Sequence[Difference], str]:
    if len(findings.differences) <= MOST_PAIRS:
        return findings.differences, ""
    decided = [one for one in findings.differences if one.verdict is not Verdict.UNDECIDED]
    if 0 < len(decided) <= MOST_PAIRS:
        return decided, "that were decided"
    best = {one.contestant for one in findings.standings[:LEADERS]}
    among = [one for one in findings.differences if one.first in best and one.second in best]
    return among, f"of the {LEADERS} best"
