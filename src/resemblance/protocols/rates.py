"""False accept rates in keys and labels."""

from decimal import Decimal

from resemblance.errors import ConfigurationError


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


def check_rates(protocol: str, fars: tuple[float, ...]) -> None:
    """Refuse false accept rates that no test could measure, before any data is touched.

    Raises:
        ConfigurationError: for a rate outside 0 < far < 1 or one that is there twice.
    """
    for far in fars:
        if not 0 < far < 1:
            raise ConfigurationError(f"{protocol} takes fars between 0 and 1, such as 0.001, not {far}.")
    if len(set(fars)) < len(fars):
        raise ConfigurationError(f"{protocol} has a rate twice in fars={list(fars)}; name each once.")
