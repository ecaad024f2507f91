"""The untrained network beside the trained one, wherever it has the same curve."""

from typing import NamedTuple

from resemblance.results import Curve, Result
from resemblance.tracking.figures.style import BLUE, GREY

UNTRAINED, TRAINED = "untrained", "trained"


class Shown(NamedTuple):
    """One curve of a figure."""

    who: str
    """:data:`UNTRAINED`, :data:`TRAINED`, or nothing where there is one curve only."""
    colour: str
    result: Result
    """Whose it is."""
    curve: Curve


def beside(baseline: Result | None, trained: Result, key: str) -> list[Shown]:
    """The curves of a key in the order of drawing: that of the untrained network, if it has one, then the trained one.

    Raises:
        KeyError: if the trained network has no such curve.
    """
    curve = trained.curves[key]
    before = None if baseline is None else baseline.curves.get(key)
    if baseline is None or before is None:
        return [Shown("", BLUE, trained, curve)]
    return [Shown(UNTRAINED, GREY, baseline, before), Shown(TRAINED, BLUE, trained, curve)]
