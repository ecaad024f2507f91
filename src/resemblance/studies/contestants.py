"""What takes part in a study: its combinations of overrides without their seeds."""

from collections.abc import Sequence

from resemblance.studies.sweeper import Overrides, Sweeper

_NO_PART_OF_A_NAME = ("loss", "seed")
"""It begins with the loss, whoever has chosen that, and a seed makes no contestant."""


def said(override: str) -> tuple[str, str]:
    """Key and value of an override.

    >>> said("++seed=1")
    ('seed', '1')
    """
    key, _, value = override.partition("=")
    return key.lstrip("+"), value


def contestants(sweeper: Sweeper, combinations: Sequence[Overrides]) -> list[str]:
    """What each combination is called without its seed: ``triplet``, ``triplet data.train_identities=100``.

    That is its loss, so that what was found for one is never taken for another's, and the values of the settings in
    which combinations differ.
    """
    split = [dict(map(said, overrides)) for overrides in combinations]
    keys = dict.fromkeys(key for settings in split for key in settings if key not in _NO_PART_OF_A_NAME)
    varying = [key for key in keys if len({settings.get(key) for settings in split}) > 1]
    losses = [sweeper.configured(overrides)[1]["loss"] for overrides in combinations]
    return [
        " ".join([loss, *(f"{key}={settings.get(key)}" for key in varying)])
        for loss, settings in zip(losses, split, strict=True)
    ]
