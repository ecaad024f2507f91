"""Rates in keys and labels."""

from decimal import Decimal


def rate_label(rate: float) -> str:
    """A rate as the field writes it, without losing a digit.

    >>> rate_label(0.001), rate_label(0.025)
    ('1e-3', '2.5e-2')
    """
    return f"{Decimal(repr(float(rate))).normalize():e}"


def rate_key(rate: float) -> str:
    """The same with the characters that W&B can sort and filter by.

    >>> rate_key(0.001), rate_key(0.025)
    ('1e_3', '2_5e_2')
    """
    return rate_label(rate).replace("-", "_").replace(".", "_").replace("+", "")
