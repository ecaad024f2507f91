"""A grid of false accept rates that every run shares, so that their ROC curves can be laid over one another."""

from bisect import bisect_right

from resemblance.results import Curve

DECADES, PER_DECADE = 8, 60
COMMON_FARS = tuple(10 ** (-step / PER_DECADE) for step in range(DECADES * PER_DECADE, -1, -1))
"""481 rates from 1e-8 to 1, evenly spaced in log FAR, with the round ones among them."""
_ROUNDING = 1 + 1e-9


def on_common_fars(roc: Curve) -> list[tuple[float, float]]:
    """``(FAR, TAR)`` at those of the common rates that the comparisons can measure.

    TAR at a rate is that of the largest measured FAR that does not exceed it, so that no more impostors are accepted
    than the rate allows; rates below the smallest measured FAR above 0 have none.

    >>> on_common_fars(Curve((0.0, 0.01, 0.1, 1.0), (0.2, 0.5, 0.5, 1.0), "FAR", "TAR"))[0]
    (0.01, 0.5)

    Args:
        roc: TAR against FAR, ascending in FAR.
    """
    smallest = next((far for far in roc.x if far > 0), None)
    if smallest is None:
        return []
    return [
        (far, roc.y[bisect_right(roc.x, far * _ROUNDING) - 1]) for far in COMMON_FARS if far * _ROUNDING >= smallest
    ]
