"""What a comparison says in words, the same on the console, in files and on the page."""

from collections.abc import Sequence

from resemblance.comparison.findings import Bounds, Difference, Findings, Verdict
from resemblance.comparison.study import Ranks, TestSet
from resemblance.results import Scalar
from resemblance.wording import agreeing, counted

MINUS = "\N{MINUS SIGN}"
NOTHING = "-"
"""Where nothing can be known or nothing was measured."""


def conclusions(findings: Findings) -> list[str]:
    """What was found of one figure: who is better than whom, who is equivalent, and how much is undecided.

    >>> from resemblance.comparison.findings import Difference
    >>> one = Difference("a", "b", 0.031, 0.012, 0.05, None, None, 0.004, Verdict.BETTER)
    >>> conclusions(Findings("k", "AUC", 0.005, True, (0, 1), "", None, "", (), (one,)))
    ['AUC: a is better than b by 0.0310 [0.0120, 0.0500].']
    """
    label, better = findings.label, "better" if findings.higher_is_better else "better (lower)"
    told = []
    for first in dict.fromkeys(one.first for one in findings.differences):
        won = [one for one in findings.differences if one.first == first and one.verdict is Verdict.BETTER]
        if won:
            told.append(f"{label}: {first} is {better} than {_listed([_by(one) for one in won])}.")
    for one in findings.differences:
        if one.verdict is Verdict.EQUIVALENT:
            told.append(
                f"{label}: {one.first} and {one.second} are equivalent within ±{findings.delta:g}: the difference is "
                f"{signed(one.estimate)} {difference_bounds(one)}."
            )
    undecided = [one for one in findings.differences if one.verdict is Verdict.UNDECIDED]
    if undecided:
        pairs = len(findings.differences)
        subject = _pair(undecided[0]) if pairs == 1 else f"{len(undecided)} of {counted(pairs, 'pair')}"
        verb = "is" if pairs == 1 else agreeing(len(undecided), "is", "are")
        told.append(f"{label}: {subject} {verb} undecided, which is not the same as equal{_seeds_needed(undecided)}.")
    if len(findings.standings) == 1:
        told.append(f"{label}: there is nothing to compare {findings.standings[0].contestant} with.")
    return told


def heading(findings: Findings) -> str:
    """The figure with its direction and its δ."""
    way = "higher is better" if findings.higher_is_better else "lower is better"
    return f"{findings.label} ({findings.key}): {way}, differences within ±{findings.delta:g} count as none"


def operating_point(findings: Findings, test_set: TestSet) -> str:
    """What a claim about the figure rests on: test set, seeds, and the counts of its comparisons."""
    counts = [
        counts_text(run.scalars[findings.key])
        for one in test_set.contestants
        for run in one.runs
        if findings.key in run.scalars
    ]
    rests = f"; {counts[0]}" if counts and len(set(counts)) == 1 and counts[0] else ""
    return f"on {test_set.name}, {seeds_text(findings.seeds)}{rests}"


def seeds_text(seeds: Sequence[int]) -> str:
    """Which seeds, neighbours as a range.

    >>> seeds_text([0, 1, 2, 3, 4]), seeds_text([1, 2, 5]), seeds_text([3]), seeds_text([0, 1])
    ('seeds 0–4', 'seeds 1, 2, 5', 'seed 3', 'seeds 0, 1')
    """
    if len(seeds) > 2 and list(seeds) == list(range(seeds[0], seeds[0] + len(seeds))):
        return f"seeds {seeds[0]}–{seeds[-1]}"
    return f"seed{'s' if len(seeds) != 1 else ''} {', '.join(map(str, seeds))}"


def counts_text(scalar: Scalar) -> str:
    """``100 subjects, 6,600 genuine, 712,800 impostor``: what a figure rests on, without its errors."""
    return ", ".join(
        f"{count:,} {name.replace('_', ' ')}"
        for name, count in scalar.counts.items()
        if count and not name.endswith("errors") and name not in ("false_positives", "misses")
    )


def verdict(difference: Difference) -> str:
    """``undecided (3 more seeds)``."""
    if difference.verdict is not Verdict.UNDECIDED or difference.more_seeds is None:
        return str(difference.verdict)
    return f"undecided ({counted(difference.more_seeds, 'more seed')})"


def figure(value: float) -> str:
    """A figure, with four decimals."""
    return f"{value:.4f}".replace("-", MINUS)


def signed(value: float) -> str:
    """A difference with its sign: ``+0.0310``.

    >>> signed(0.031), signed(-0.01), signed(0.0)
    ('+0.0310', '−0.0100', '0.0000')
    """
    text = f"{abs(value):.4f}"
    return text if float(text) == 0 else f"{'+' if value > 0 else MINUS}{text}"


def bounds(found: Bounds | None) -> str:
    """The interval of a figure."""
    return NOTHING if found is None else f"{figure(found.low)}–{figure(found.high)}"


def difference_bounds(one: Difference) -> str:
    """The simultaneous interval of a difference."""
    return NOTHING if one.low is None or one.high is None else f"[{signed(one.low)}, {signed(one.high)}]"


def p_value(one: Difference) -> str:
    """Three decimals, and never a zero."""
    if one.p is None:
        return NOTHING
    return "<0.001" if one.p < 0.001 else f"{one.p:.3f}"


def amount(key: str, values: Sequence[float]) -> str:
    """A cost, as the mean over seeds.

    >>> amount("train/seconds", [80.25, 79.75]), amount("train/parameters", [712_345]), amount("train/x", [])
    ('80', '712,345', '-')
    """
    if not values:
        return NOTHING
    mean = sum(values) / len(values)
    return f"{mean:.1f}" if abs(mean) < 10 and not mean.is_integer() else f"{mean:,.0f}"


def who(test_set: TestSet) -> str:
    """``rendered_faces: 7 contestants, seeds 0, 1, 2, 3, 4``."""
    seeds = test_set.contestants[0].seeds if test_set.contestants else ()
    return f"{test_set.name}: {counted(len(test_set.contestants), 'contestant')}, {seeds_text(seeds)}"


def ranking(ranks: Ranks) -> str:
    """Mean ranks in one sentence."""
    order = ", ".join(f"{name} {rank:.2f}" for name, rank in ranks.mean_ranks.items())
    return (
        f"{ranks.label}, mean ranks over {len(ranks.data_sets)} data sets: {order}; ranks closer than "
        f"{ranks.critical_difference:.2f} are not told apart (Friedman p = {ranks.p:.3f})."
    )


def _by(one: Difference) -> str:
    """``b by 0.0310 [0.0120, 0.0500]``: how much better, whichever way the figure improves."""
    if one.low is None or one.high is None:
        return f"{one.second} by {abs(one.estimate):.4f}"
    low, high = (one.low, one.high) if one.estimate >= 0 else (-one.high, -one.low)
    return f"{one.second} by {abs(one.estimate):.4f} [{figure(low)}, {figure(high)}]"


def _pair(one: Difference) -> str:
    return f"{one.first} against {one.second}"


def _seeds_needed(undecided: Sequence[Difference]) -> str:
    """How many more seeds would decide the pairs for which a number is known."""
    known = sorted(one.more_seeds for one in undecided if one.more_seeds is not None)
    if not known:
        return ""
    if len(undecided) == 1:
        return f": {counted(known[0], 'more seed')} would decide it if what was seen is the truth"
    span = f"{known[0]:,}" if known[0] == known[-1] else f"{known[0]:,} to {known[-1]:,}"
    of = "" if len(known) == len(undecided) else f" {len(known)} of them"
    return f": {span} more seeds would decide{of or ' them'} if what was seen is the truth"


def _listed(parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
