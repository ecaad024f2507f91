"""Why an interval of a leaderboard is not there: one seed, no replicates and a rate of 0 or 1 are three reasons."""

from resemblance.comparison.findings import Findings


def lacking(findings: Findings) -> list[str]:
    """A sentence for each reason.

    That all seeds gave the same figure is among the :attr:`~resemblance.comparison.findings.Findings.notes` already.
    """
    told = []
    if len(findings.seeds) < 2:
        told.append("With one seed there is no interval over seeds.")
    without = [one for one in findings.standings if one.over_subjects is None]
    at_an_end = [one.contestant for one in without if one.mean in (0, 1)]
    inside = [one.contestant for one in without if one.mean not in (0, 1)]
    if inside and len(without) == len(findings.standings):
        told.append("Not all of these runs kept replicates: there is no interval over subjects.")
    elif inside:
        told.append(f"No draw of other subjects moves the figure, so it has no interval over them: {_listed(inside)}.")
    if at_an_end:
        told.append(f"A rate of exactly 0 or 1 has no interval over subjects: {_listed(at_an_end)}.")
    return told


def _listed(names: list[str]) -> str:
    return ", ".join(names)
