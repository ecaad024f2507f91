"""The reservation about figures that rest on few errors."""

from collections.abc import Mapping

from resemblance.results import RULE_OF_30, THINLY_SUPPORTED


def thin(errors: int | Mapping[str, int], noun: str = "errors") -> str | None:
    """The note of the rule of 30, or None where there are errors enough of each kind.

    Args:
        errors: their number, or that of each kind.
        noun: what is counted.

    >>> thin(29), thin(30)
    ('thinly supported: fewer than 30 errors', None)
    >>> thin({"impostor": 7, "genuine": 400})
    'thinly supported: fewer than 30 impostor errors'
    >>> thin({"false positive": 7, "missed": 4}, "searches")
    'thinly supported: fewer than 30 false positive and missed searches'
    """
    kinds = {"": errors} if isinstance(errors, int) else errors
    few = [kind for kind, count in kinds.items() if count < RULE_OF_30]
    if not few:
        return None
    return f"{THINLY_SUPPORTED}: fewer than {RULE_OF_30} {' and '.join(few)} {noun}".replace("  ", " ")


def noted(*notes: str | None) -> str | None:
    """Several notes as one, thin support first."""
    return "; ".join(sorted(filter(None, notes), key=lambda note: not note.startswith(THINLY_SUPPORTED))) or None
