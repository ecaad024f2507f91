"""What a comparison says in words, the same on the console, in files and on the page."""

from collections.abc import Sequence

from resemblance.comparison.claims import IF_TRUE, claims, is_within, leading
from resemblance.comparison.findings import Difference, Findings, Verdict
from resemblance.comparison.lacking import lacking
from resemblance.comparison.shown import left_out
from resemblance.comparison.study import Ranks, TestSet
from resemblance.results import Scalar
from resemblance.wording import counted

NOT_COUNTED = ("false_positives", "misses")
"""Entries of counts that are errors, not what a figure rests on; so is whatever ends in ``errors``."""


def conclusions(findings: Findings) -> list[str]:
    """What was found of one figure: who leads, who is better than whom, who is equivalent, and how much is undecided.

    >>> from resemblance.comparison.findings import Standing
    >>> one = Difference("a", "b", 0.031, 0.012, 0.05, None, None, 0.004, Verdict.BETTER)
    >>> both = Standing("a", 0.981, (), None, None), Standing("b", 0.95, (), None, None)
    >>> for told in conclusions(Findings("k", "AUC", 0.005, True, (0, 1), "", None, "", both, (one,))): print(told)
    a has the highest AUC, 0.9810 over 2 seeds. It is better than b.
    AUC: a is better than b by 0.0310 [0.0120, 0.0500].
    """
    if not findings.standings:
        return []
    return ["".join(leading(findings)), *(f"{findings.label}: {''.join(claim)}" for claim in claims(findings))]


def heading(findings: Findings) -> str:
    """The figure with its direction and its δ."""
    way = "higher is better" if findings.higher_is_better else "lower is better"
    return f"{findings.label} ({findings.key}): {way}, differences within ±{findings.delta:g} count as none"


def operating_point(findings: Findings, test_set: TestSet) -> str:
    """What a claim about the figure rests on: test set, seeds, and the counts of the comparisons of its runs."""
    whose = {standing.contestant for standing in findings.standings}
    scalars = [
        run.scalars[findings.key]
        for one in test_set.contestants
        for run in one.runs
        if one.name in whose and run.seed in findings.seeds and findings.key in run.scalars
    ]
    counts = counts_text(scalars)
    return f"on {test_set.name}, {seeds_text(findings.seeds)}{f'; {counts}' if counts else ''}"


def small_print(findings: Findings) -> list[str]:
    """What belongs below the tables of a figure: which pairs they show, procedure, resolution and notes."""
    told = [left_out(findings), findings.procedure, findings.resolution_note, *lacking(findings), *findings.notes]
    if any(one.more_seeds is not None for one in findings.differences):
        told.append(f"More seeds: as many would decide the pair {IF_TRUE}.")
    return [sentence for sentence in told if sentence]


def seeds_text(seeds: Sequence[int]) -> str:
    """Which seeds, neighbours as a range.

    >>> seeds_text([0, 1, 2, 3, 4]), seeds_text([1, 2, 5]), seeds_text([3]), seeds_text([0, 1])
    ('seeds 0–4', 'seeds 1, 2, 5', 'seed 3', 'seeds 0, 1')
    """
    if len(seeds) > 2 and list(seeds) == list(range(seeds[0], seeds[0] + len(seeds))):
        return f"seeds {seeds[0]}–{seeds[-1]}"
    return f"seed{'s' if len(seeds) != 1 else ''} {', '.join(map(str, seeds))}"


def counts_text(scalars: Sequence[Scalar]) -> str:
    """``100 subjects, 6,580 to 6,600 genuine``: what the figures of several runs rest on, without their errors."""
    names = dict.fromkeys(name for scalar in scalars for name in scalar.counts)
    told = []
    for name in names:
        found = [scalar.counts.get(name, 0) for scalar in scalars]
        if any(found) and not name.endswith("errors") and name not in NOT_COUNTED:
            low, high = f"{min(found):,}", f"{max(found):,}"
            told.append(f"{low if low == high else f'{low} to {high}'} {name.replace('_', ' ')}")
    return ", ".join(told)


def verdict(findings: Findings, one: Difference) -> str:
    """``undecided (3 more seeds)``, ``better (within ±0.005)``."""
    if one.verdict is Verdict.BETTER and is_within(findings, one):
        return f"{one.verdict} (within ±{findings.delta:g})"
    if one.verdict is not Verdict.UNDECIDED or one.more_seeds is None:
        return str(one.verdict)
    return f"undecided ({counted(one.more_seeds, 'more seed')})"


def who(test_set: TestSet) -> str:
    """``rendered_faces: 7 contestants, seeds 0, 1, 2, 3, 4``."""
    seeds = test_set.contestants[0].seeds if test_set.contestants else ()
    return f"{test_set.name}: {counted(len(test_set.contestants), 'contestant')}, {seeds_text(seeds)}"


def trained_on(test_set: TestSet) -> str:
    """On what the costs of a test set's runs were measured, and when their times can be compared."""
    runs = [run for one in test_set.contestants for run in one.runs]
    devices = sorted({run.record.device or "an unknown device" for run in runs})
    threads = sorted({run.record.threads for run in runs})
    number = counted(threads[0], "CPU thread") if len(threads) == 1 else f"{'/'.join(map(str, threads))} CPU threads"
    alone = "Times are comparable only if nothing else ran beside them."
    told = alone if len(devices) == 1 else "Times of different devices are not comparable."
    return f"Trained on {', '.join(devices)}, {number} a process. {told}"


def ranking(ranks: Ranks) -> str:
    """Mean ranks in one sentence."""
    order = ", ".join(f"{name} {rank:.2f}" for name, rank in ranks.mean_ranks.items())
    p = "< 0.001" if ranks.p < 0.001 else f"= {ranks.p:.3f}"
    return (
        f"{ranks.label}, mean ranks over {len(ranks.data_sets)} data sets: {order}; ranks closer than "
        f"{ranks.critical_difference:.2f} are not told apart ({ranks.test} p {p})."
    )
