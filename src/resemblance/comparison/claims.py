"""What may be claimed of one figure: sentences in pieces, so that text and page say the same words.

A claim that a contestant is better carries by how much, the interval, and, where that lies within ±δ, that it is less
than counts; one on further seeds carries that it holds only if what was seen is the truth.
"""

from collections.abc import Sequence

from resemblance.comparison import digits
from resemblance.comparison.findings import Difference, Findings, Verdict
from resemblance.wording import agreeing, counted

IF_TRUE = "if what was seen is the truth"
Sentence = tuple[str, ...]
"""Pieces; joined they are the text."""


class Who(str):
    """The name of a contestant within a sentence."""

    __slots__ = ()


class Word(str):
    """A verdict within a sentence."""

    __slots__ = ()


class Number(str):
    """An amount with its interval within a sentence."""

    __slots__ = ()


def leading(findings: Findings) -> Sentence:
    """Who comes first, with which mean, and what that is worth against each of the others."""
    first = findings.standings[0]
    over = f" over {counted(len(findings.seeds), 'seed')}"
    extreme = "highest" if findings.higher_is_better else "lowest"
    if len(findings.standings) == 1:
        reached = (Who(first.contestant), f" reaches {findings.label} ", Number(digits.figure(first.mean)), over)
        return (*reached, "; there is nothing to compare it with.")
    parts = []
    for verdict, link in ((Verdict.BETTER, " than "), (Verdict.EQUIVALENT, " to "), (Verdict.UNDECIDED, " against ")):
        if pairs := _of(findings, first.contestant, verdict):
            after = f" within ±{findings.delta:g}" if verdict is Verdict.EQUIVALENT else ""
            parts.append((Word(verdict.value), link, *_whom(findings, pairs), after))
    mean = Number(digits.figure(first.mean))
    opening = (Who(first.contestant), f" has the {extreme} {findings.label}, ", mean, f"{over}. It is ")
    return (*opening, *_listed(parts), ".")


def claims(findings: Findings) -> list[Sentence]:
    """Who is better than whom and by how much, who is equivalent, and how much is undecided."""
    better = "better" if findings.higher_is_better else "better (lower)"
    told: list[Sentence] = []
    for first in dict.fromkeys(one.first for one in findings.differences):
        if won := _of(findings, first, Verdict.BETTER):
            whom = [(Who(one.second), " by ", Number(digits.lead(one)), less_than_counts(findings, one)) for one in won]
            told.append((Who(first), " is ", Word(better), " than ", *_listed(whom), "."))
    for one in findings.differences:
        if one.verdict is Verdict.EQUIVALENT:
            both = (Who(one.first), " and ", Who(one.second), " are ", Word("equivalent"))
            difference = Number(f"{digits.estimate(one)} {digits.difference_bounds(one)}")
            told.append((*both, f" within ±{findings.delta:g}: the difference is ", difference, "."))
    undecided = [one for one in findings.differences if one.verdict is Verdict.UNDECIDED]
    return [*told, _undecided(findings, undecided)] if undecided else told


def is_within(findings: Findings, one: Difference) -> bool:
    """Whether the simultaneous interval of a pair lies inside ±δ."""
    return one.low is not None and one.high is not None and max(-one.low, one.high) < findings.delta


def less_than_counts(findings: Findings, one: Difference) -> str:
    """What is said of a better contestant whose lead lies within ±δ; nothing of others."""
    if one.verdict is not Verdict.BETTER or not is_within(findings, one):
        return ""
    return f" (within ±{findings.delta:g}, less than counts)"


def _of(findings: Findings, first: str, verdict: Verdict) -> list[Difference]:
    return [one for one in findings.differences if one.first == first and one.verdict is verdict]


def _whom(findings: Findings, pairs: Sequence[Difference]) -> Sentence:
    said = [
        (Who(one.second), less_than_counts(findings, one), _if_more(one))
        for one in pairs
    ]  # fmt: skip
    if len(pairs) == len(findings.standings) - 1 > 1 and not any(one[1] or one[2] for one in said):
        return (f"all {len(pairs)} others",)
    return _listed(said)


def _if_more(one: Difference) -> str:
    return "" if one.more_seeds is None else f" ({counted(one.more_seeds, 'more seed')} {IF_TRUE})"


def _undecided(findings: Findings, undecided: Sequence[Difference]) -> Sentence:
    pairs, not_equal = len(findings.differences), ", which is not the same as equal"
    if pairs == 1:
        (one,) = undecided
        subject: Sentence = (Who(one.first), " against ", Who(one.second), " is ")
    else:
        verb = agreeing(len(undecided), "is", "are")
        subject = (f"{len(undecided)} of {counted(pairs, 'pair')} {verb} ",)
    return (*subject, Word("undecided"), not_equal, _seeds_needed(undecided), ".")


def _seeds_needed(undecided: Sequence[Difference]) -> str:
    """How many more seeds would decide the pairs for which a number is known."""
    known = sorted(one.more_seeds for one in undecided if one.more_seeds is not None)
    if not known:
        return ""
    span = counted(known[-1], "more seed") if known[0] == known[-1] else f"{known[0]:,} to {known[-1]:,} more seeds"
    if len(known) == len(undecided):
        of = "it" if len(known) == 1 else "them"
    else:
        of = f"{len(known)} of them"
    return f": {span} would decide {of} {IF_TRUE}"


def _listed(parts: Sequence[Sentence]) -> Sentence:
    """``a, b and c``, in pieces."""
    told: list[str] = []
    for place, part in enumerate(parts):
        if place:
            told.append(" and " if place == len(parts) - 1 else ", ")
        told += part
    return tuple(told)
