"""Numbers as every output of a comparison writes them: four decimals, and more where they would hide something."""

import math
from collections.abc import Mapping, Sequence

from resemblance.comparison.findings import Bounds, Difference
from resemblance.comparison.settings_of import shown
from resemblance.comparison.student import ALPHA

MINUS = "\N{MINUS SIGN}"
NOTHING = "-"
"""Where nothing can be known or nothing was measured."""
_FEWEST, _MOST = 4, 9
"""Decimals; what has none within the most is the noise of arithmetic."""


def figure(value: float) -> str:
    """A figure, not rounded to 0 or up to 1 unless it is that.

    >>> figure(0.98155), figure(0.99999), figure(1.0), figure(0.00002)
    ('0.9816', '0.99999', '1.0000', '0.00002')
    """
    return _figure(value, decimals([value], rates=True))


def bounds(found: Bounds | None) -> str:
    """The interval of a figure, both ends with as many decimals.

    >>> bounds(Bounds(0.98, 0.99999)), bounds(None)
    ('0.98000–0.99999', '-')
    """
    if found is None:
        return NOTHING
    places = decimals([found.low, found.high], rates=True)
    return f"{_figure(found.low, places)}–{_figure(found.high, places)}"


def signed(value: float, places: int | None = None) -> str:
    """A difference with its sign: ``+0.0310``.

    >>> signed(0.031), signed(-0.01), signed(0.0), signed(-0.00003), signed(1e-17)
    ('+0.0310', '−0.0100', '0.0000', '−0.00003', '0.0000')
    """
    text = f"{abs(value):.{decimals([value]) if places is None else places}f}"
    return text if float(text) == 0 else f"{'+' if value > 0 else MINUS}{text}"


def estimate(one: Difference) -> str:
    """The mean difference of a pair, with as many decimals as its interval."""
    return signed(one.estimate, _of_pair(one))


def difference_bounds(one: Difference) -> str:
    """The simultaneous interval of a pair."""
    if one.low is None or one.high is None:
        return NOTHING
    return f"[{signed(one.low, _of_pair(one))}, {signed(one.high, _of_pair(one))}]"


def signed_bounds(found: Bounds | None) -> str:
    """Another interval of a difference.

    >>> signed_bounds(Bounds(-0.00002, 0.01)), signed_bounds(None)
    ('−0.00002 to +0.01000', '-')
    """
    if found is None:
        return NOTHING
    places = decimals([found.low, found.high])
    return f"{signed(found.low, places)} to {signed(found.high, places)}"


def lead(one: Difference) -> str:
    """By how much the first is better, whichever way the figure improves: ``0.0310 [0.0120, 0.0500]``."""
    places = _of_pair(one)
    by = _figure(abs(one.estimate), places)
    if one.low is None or one.high is None:
        return by
    low, high = (one.low, one.high) if one.estimate >= 0 else (-one.high, -one.low)
    return f"{by} [{_figure(low, places)}, {_figure(high, places)}]"


def p_value(one: Difference) -> str:
    """Three decimals, and more where those would hide on which side of 5 % it lies; never a zero."""
    if one.p is None:
        return NOTHING
    if one.p < 0.001:
        return "<0.001"
    texts = [f"{one.p:.{places}f}" for places in range(3, _MOST + 1)]
    return next((text for text in texts if float(text) != ALPHA), texts[0])


def amount(values: Sequence[float]) -> str:
    """A cost as the mean over seeds, with three digits that count, and all of a whole number above that.

    >>> amount([80.25, 79.75]), amount([712_345]), amount([8.35]), amount([45.678]), amount([0.01234]), amount([])
    ('80', '712,345', '8.35', '45.7', '0.0123', '-')
    """
    if not values:
        return NOTHING
    mean = sum(values) / len(values)
    rounded = float(f"{mean:.3g}")
    if rounded == 0 or float(mean).is_integer():
        return f"{mean:,.0f}"
    return f"{mean:,.{max(0, 2 - math.floor(math.log10(abs(rounded))))}f}"


def setting(key: str, value: object) -> str:
    """A setting with its value: ``loss.margin=0.2``."""
    return f"{key}={shown(tuple(value) if isinstance(value, list) else value)}"


def settings(chosen: Mapping[str, object]) -> str:
    """Settings that a tuning chose."""
    return ", ".join(setting(key, value) for key, value in chosen.items()) or "as in the YAML files"


def decimals(values: Sequence[float], *, rates: bool = False) -> int:
    """As many, four or more, as it takes that none of the values looks like 0, and no rate like 1, that is not."""
    for places in range(_FEWEST, _MOST + 1):
        rounded = [round(value, places) for value in values]
        hides = any(
            (short == 0 and round(value, _MOST) != 0) or (rates and short == 1 and round(value, _MOST) != 1)
            for short, value in zip(rounded, values, strict=True)
        )
        if not hides:
            return places
    return _FEWEST


def _of_pair(one: Difference) -> int:
    return decimals([value for value in (one.estimate, one.low, one.high) if value is not None])


def _figure(value: float, places: int) -> str:
    text = f"{value:.{places}f}"
    return text.removeprefix("-") if float(text) == 0 else text.replace("-", MINUS)
