"""What takes part in a study: its combinations of overrides without their seeds."""

from collections.abc import Sequence

from resemblance.studies.sweeper import Overrides, Sweeper

_NOT_A_CONTESTANT = "seed"


def contestants(sweeper: Sweeper, combinations: Sequence[Overrides]) -> list[str]:
    """What each combination is called without its seed: the values of the settings in which combinations differ."""
    split = [dict(override.split("=", 1) for override in overrides) for overrides in combinations]
    keys = list(dict.fromkeys(key for settings in split for key in settings if key != _NOT_A_CONTESTANT))
    varying = [key for key in keys if len({settings.get(key) for settings in split}) > 1]
    if not varying:
        return [sweeper.configured(combinations[0])[1]["loss"]] * len(combinations)
    named = ["loss", *(key for key in varying if key != "loss")] if "loss" in varying else varying
    return [
        " ".join(str(settings.get(key)) if key == "loss" else f"{key}={settings.get(key)}" for key in named)
        for settings in split
    ]


def seed_of(sweeper: Sweeper, overrides: Overrides) -> int:
    """The seed of a combination, composed only where it is not said."""
    said = [value for key, _, value in (override.partition("=") for override in overrides) if key == "seed"]
    return int(said[-1]) if said and said[-1].isdecimal() else int(sweeper.configured(overrides)[0]["seed"])
