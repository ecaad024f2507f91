"""Amounts as the page writes them; figures and differences are written as everywhere in a comparison."""

import math


def amount(value: float) -> str:
    """A cost with three digits that count, and all of a whole number above that.

    >>> amount(1234567), amount(0.01234), amount(45.678), amount(812.3), amount(0)
    ('1,234,567', '0.0123', '45.7', '812', '0')
    """
    if value == 0:
        return "0"
    digits = max(0, 2 - math.floor(math.log10(abs(value))))
    return f"{value:,.{digits}f}"
