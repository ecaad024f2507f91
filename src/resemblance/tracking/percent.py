"""Rates as people read them, without rounding nearly all to all."""

from decimal import Decimal


def percent(rate: float) -> str:
    """A measured rate with three digits, or as many as it takes not to round it up to all.

    >>> percent(0.464), percent(0.0701), percent(1.234e-6), percent(0.99996), percent(1.0)
    ('46.4 %', '7.01 %', '0.000123 %', '99.996 %', '100 %')
    """
    texts = (f"{100 * rate:.{digits}g}" for digits in range(3, 12))
    return f"{_plain(next((text for text in texts if rate >= 1 or float(text) < 100), '100'))} %"


def between(low: float, high: float) -> str:
    """The ends of an interval of a rate, for the brackets behind it.

    >>> between(0.0612, 0.1)
    '6.12–10'
    """
    return f"{percent(low).removesuffix(' %')}–{percent(high).removesuffix(' %')}"


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
