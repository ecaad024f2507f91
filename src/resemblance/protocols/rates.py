"""False accept rates as settings, in keys and in labels."""

from resemblance.errors import ConfigurationError
from resemblance.metrics.rate_names import rate_key as rate_key
from resemblance.metrics.rate_names import rate_label as rate_label


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
