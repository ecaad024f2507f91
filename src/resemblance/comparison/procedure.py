"""The procedure that fits what the seeds show, and the sentence that names it."""

import numpy as np

from resemblance.comparison.pairs import Pairs
from resemblance.comparison.simultaneous import Holm, Simultaneous, Tukey
from resemblance.comparison.spread import Spread
from resemblance.wording import counted


def procedure_for(pairs: Pairs) -> Simultaneous | None:
    """Tukey's for variances that are alike, Holm's steps else; None where no difference can be judged."""
    if not pairs.tested.any():
        return None
    return Tukey(pairs.distinct) if pairs.blocked.pooled else Holm()


def procedure_sentence(pairs: Pairs, seeds: int, covers_subjects: bool | None) -> str:
    """What was done, with its degrees of freedom, and what it does not cover.

    Args:
        pairs: all of them.
        seeds: n.
        covers_subjects: whether there were replicates; None where no test subject takes part.
    """
    if len(pairs.first) == 0:
        return "One contestant: there is nothing to compare it with."
    if seeds < 2:
        return "One seed: nothing is known of other seeds, so there are no simultaneous intervals and no verdicts."
    if not pairs.tested.any() and (pairs.unmoved & ~pairs.constant).any():
        return (
            "Figures that no draw of other subjects moves, such as rates of exactly 0 or 1: what other subjects would "
            "show is not known, so no difference is judged."
        )
    if not pairs.tested.any():
        return "Every difference is the same with every seed: there is no variance to judge any of them by."
    spread = pairs.spread.at(pairs.tested)
    number = counted(int(pairs.tested.sum()), "pair")
    if pairs.distinct == 2:
        done = f"Paired t over {seeds} seeds ({_degrees(spread.seeds_degrees)})"
    elif pairs.blocked.pooled:
        done = (
            f"Seed-blocked analysis of variance ({_degrees(spread.seeds_degrees)}) with Tukey's simultaneous intervals "
            f"over {number}"
        )
    else:
        done = f"Paired t ({_degrees(spread.seeds_degrees)} over seeds) with Holm's steps over {number}"
    return f"{done}{_check(pairs)}; {_subjects(spread, covers_subjects)}"


def _check(pairs: Pairs) -> str:
    found = pairs.blocked
    if found.alike is None or found.largest is None:
        return ""
    seen = f"the largest is {found.largest:.1f} times the mean one, p = {found.alike:.2g}"
    if found.pooled:
        return f", the variances of the paired differences being alike ({seen})"
    return f", as the variances of the paired differences are not alike ({seen})"


def _subjects(spread: Spread, covers_subjects: bool | None) -> str:
    if covers_subjects is None:
        return "for other seeds."
    if not covers_subjects:
        return "for other seeds on these test subjects only, as there are no replicates."
    return (
        f"the variance over test subjects ({_degrees(np.array([spread.subjects_degrees]))}) added, together "
        f"{_degrees(spread.degrees)}."
    )


def _degrees(degrees: np.ndarray) -> str:
    low, high = (f"{value:,.0f}" if value >= 100 else f"{value:.3g}" for value in (degrees.min(), degrees.max()))
    if low == high:
        return f"{low} {'degree' if low == '1' else 'degrees'} of freedom"
    return f"{low} to {high} degrees of freedom"
