"""Findings made by hand, for tests of what is said of them."""

from resemblance.comparison.findings import Bounds, Difference, Findings, Standing, Verdict


def difference(first="a", second="b", estimate=0.01, low=None, high=None, verdict=Verdict.UNDECIDED, more=None, **rest):
    """A pair."""
    fields = {"over_seeds": None, "over_subjects": None, "p": None if low is None else 0.01, "note": None, **rest}
    return Difference(first, second, estimate, low, high, verdict=verdict, more_seeds=more, **fields)


SEEDS, SUBJECTS = Bounds(0.88, 0.92), Bounds(0.85, 0.95)


def standing(contestant, mean=0.9, values=None, over_seeds=SEEDS, over_subjects=SUBJECTS):
    """A row of the leaderboard."""
    return Standing(contestant, mean, (mean, mean) if values is None else values, over_seeds, over_subjects)


def findings(*differences, standings=None, delta=0.005, label="AUC", better=True, seeds=(0, 1), **rest):
    """All of one figure; the contestants in the order in which the pairs name them."""
    if standings is None:
        names = dict.fromkeys(name for one in differences for name in (one.first, one.second))
        standings = [standing(name, 0.9 - place / 100) for place, name in enumerate(names)]
    fields = {"procedure": "Paired t.", "resolution": 0.01, "resolution_note": "± 0.01.", **rest}
    return Findings(
        key="test/verification/auc", label=label, delta=delta, higher_is_better=better, seeds=seeds,
        standings=tuple(standings), differences=tuple(differences), **fields,
    )  # fmt: skip
