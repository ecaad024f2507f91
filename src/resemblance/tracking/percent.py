"""Rates as people read them, without rounding nearly all to all."""

import math
from decimal import Decimal


def percent(rate: float) -> str:
    """A measured rate with three digits, or as many as it takes not to round it up to all.

    >>> percent(0.464), percent(0.0701), percent(1.234e-6), percent(0.99996), percent(1.0)
    ('46.4 %', '7.01 %', '0.000123 %', '99.996 %', '100 %')
    """
    texts = (f"{100 * rate:.{digits}g}" for digits in range(3, 12))
    return f"{_plain(next((text for text in texts if rate >= 1 or float(text) < 100), '100'))} %"


def with_interval(rate: float, low: float, high: float) -> str:
    """A measured rate with its interval, all with as many decimals as give the rate three digits; 0 and 100 are exact.

    >>> with_interval(0.0701, 0.06, 0.0822), with_interval(1.0, 0.975, 1.0), with_interval(0.989, 0.96, 0.99996)
    ('7.01 % (6.00–8.22)', '100 % (97.5–100)', '98.900 % (96.000–99.996)')
    """
    rates = rate, low, high
    leading = next((one for one in rates if 0 < one < 1), 1.0)
    fewest = max(0, 2 - math.floor(math.log10(100 * leading)))
    written = [[_decimals(one, decimals) for one in rates] for decimals in range(fewest, fewest + 9)]
    value, below, above = next(filter(all, written), [f"{100 * one:.{fewest}f}" for one in rates])
    return f"{value} % ({below}–{above})"


def _decimals(rate: float, decimals: int) -> str:
    """In per cent; nothing where it would look like none or all, and is neither."""
    if rate in (0, 1):
        return f"{100 * rate:.0f}"
    text = f"{100 * rate:.{decimals}f}"
    return text if 0 < float(text) < 100 else ""


def share(rate: float) -> str:
    """A measured share of 1 with three decimals, or as many as it takes not to round it up to 1.

    >>> share(0.98155), share(0.99998), share(1.0)
    ('0.982', '0.99998', '1.000')
    """
    texts = (f"{rate:.{decimals}f}" for decimals in range(3, 12))
    return next((text for text in texts if rate >= 1 or float(text) < 1), "1.000")


def tick_percent(rate: float) -> str:
    """A round rate as it stands on an axis, without digits that say nothing.

    >>> tick_percent(0.001), tick_percent(0.2), tick_percent(0.999), tick_percent(0.0)
    ('0.1 %', '20 %', '99.9 %', '0 %')
    """
    return f"{_plain(f'{100 * rate:.4g}')} %"


def _plain(number: str) -> str:
    """Without an exponent, which nobody reads as a rate."""
    return f"{Decimal(number):f}"
