"""Figures that some runs do not have: who lacks them, and why, as the runs themselves have said."""

from collections.abc import Iterable, Sequence

from resemblance.comparison.runs import Run
from resemblance.comparison.study import Contestant
from resemblance.errors import DataError
from resemblance.tracking.reading import read_results


def without_figure(key: str, contestants: Sequence[Contestant], having: Sequence[Contestant]) -> list[str]:
    """Sentences where a figure can't be compared at all, or not among everybody, one for each reason.

    Args:
        key: of the figure.
        contestants: of a test set.
        having: those whose runs all have it.
    """
    lacking = [one for one in contestants if one not in having]
    if not lacking:
        return []
    some = any(key in run.scalars for one in contestants for run in one.runs)
    unknown = "not all of their runs have it" if some else "no run has it"
    by_reason: dict[str, list[str]] = {}
    for one in lacking:
        run = next(run for run in one.runs if key not in run.scalars)
        by_reason.setdefault(_reason(key, run) or unknown, []).append(one.name)
    if having:
        return [f"{key} is compared without {', '.join(names)}: {why}." for why, names in by_reason.items()]
    if len(by_reason) == 1:
        return [f"{key} is not compared here: {why}." for why in by_reason]
    told = "; ".join(f"{why} ({', '.join(names)})" for why, names in by_reason.items())
    return [f"{key} is not compared here: {told}."]


def why_lacking(keys: Iterable[str], run: Run) -> list[str]:
    """Of figures that a run does not have, those for which it says why, in a sentence each."""
    return [f"{key} is not compared: {why}." for key in keys if (why := _reason(key, run))]


def _reason(key: str, run: Run) -> str | None:
    """Why a protocol has refused a figure, from its table ``…/refused``."""
    protocol, _, figure = key.rpartition("/")
    try:
        table = read_results(run.path).tables.get(f"{protocol}/refused")
    except DataError:
        return None
    for label, reason in () if table is None else table.rows:
        if _as_key(str(label)) == figure:
            return str(reason).rstrip(".")
    return None


def _as_key(label: str) -> str:
    """``TAR@FAR=1e-3`` as keys have it.

    >>> _as_key("TAR@FAR=1e-3 (pairsDevTest)"), _as_key("rank-1")
    ('tar_at_far_1e_3', 'rank_1')
    """
    plain = label.partition(" (")[0].lower()
    return plain.replace("@", "_at_").replace("=", "_").replace("-", "_").replace(" ", "_")
