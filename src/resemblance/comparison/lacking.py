"""Why an interval of a leaderboard is not there: one seed, no replicates and replicates that don't move are reasons."""

from collections.abc import Sequence

from resemblance.comparison.findings import Findings, Standing
from resemblance.comparison.measured import OF_TRAINING


def lacking(findings: Findings) -> list[str]:
    """A sentence for each reason.

    That all seeds gave the same figure is among the :attr:`~resemblance.comparison.findings.Findings.notes` already.
    """
    told = []
    if len(findings.seeds) < 2:
        told.append("With one seed there is no interval over seeds.")
    if findings.key.startswith(OF_TRAINING):
        return told  # no test subject takes part in it
    without = [one for one in findings.standings if one.over_subjects is None]
    bare = [one for one in without if not one.has_replicates]
    at_an_end = [one for one in without if one.has_replicates and not {0, 1}.isdisjoint(one.values)]
    still = [one for one in without if one not in bare and one not in at_an_end]
    if bare and len(bare) == len(findings.standings):
        told.append("Not all of these runs have replicates of this figure: there is no interval over subjects.")
    elif bare:
        told.append(f"Without replicates there is no interval over subjects: {_listed(bare)}.")
    if still:
        told.append(
            f"A figure that no draw of other subjects moves, with one seed or more, has no interval over them: "
            f"{_listed(still)}."
        )
    if at_an_end:
        told.append(
            f"A rate of exactly 0 or 1, with one seed or more, has no interval over subjects: {_listed(at_an_end)}."
        )
    return told


def _listed(standings: Sequence[Standing]) -> str:
    return ", ".join(one.contestant for one in standings)
