"""Settings of runs as flat mappings, and what differs among them."""

from collections.abc import Mapping, Sequence
from typing import Any

from resemblance.comparison.runs import Run
from resemblance.tracking.run_record import configuration_hash, settings_that_count

MISSING = "-"
"""What stands for a setting that a configuration does not have."""

GIVEN = ("pairs", "templates", "distractors")
"""Files of an evaluation that decide what is compared with what: with others it is another test."""
NOT_ITS_OWN = ("seed", "protocol", *GIVEN)
"""Settings in which the runs of one contestant may differ: its seeds, and what it was asked."""


def configuration_of(run: Run) -> str:
    """By what a contestant is known on one test set."""
    return configuration_hash(run.config, without=NOT_ITS_OWN)


def settings_of(config: Mapping[str, Any], without: Sequence[str] = ("seed",)) -> dict[str, object]:
    """The settings that can change a figure, by dotted key; lists become tuples.

    >>> settings_of({"seed": 1, "loss": {"margin": 0.2}, "backbone": {"widths": [16, 48]}})
    {'loss.margin': 0.2, 'backbone.widths': (16, 48)}
    """
    return flat(settings_that_count(config, without))


def flat(section: Mapping[str, Any], above: str = "") -> dict[str, object]:
    """A nested mapping by dotted key."""
    found: dict[str, object] = {}
    for name, value in section.items():
        key = f"{above}{name}"
        if isinstance(value, Mapping) and value:
            found |= flat(value, f"{key}.")
        else:
            found[key] = tuple(value) if isinstance(value, list) else str(value) if isinstance(value, dict) else value
    return found


def differing(many: Sequence[Mapping[str, object]]) -> list[str]:
    """Keys whose values are not the same in all mappings, in the order in which they first appear.

    >>> differing([{"a": 1, "b": 2}, {"a": 1, "b": 3, "c": 4}])
    ['b', 'c']
    """
    keys = dict.fromkeys(key for each in many for key in each)
    return [key for key in keys if len({repr(each.get(key, MISSING)) for each in many}) > 1]


def choice(run: Run, group: str) -> str | None:
    """The option that a run took of a group, such as ``triplet`` of ``loss``."""
    choices = run.config.get("choices")
    found = choices.get(group) if isinstance(choices, Mapping) else None
    return None if found is None else str(found)


def shown(value: object) -> str:
    """A setting's value as it stands in names and tables.

    >>> shown(0.2), shown(None), shown(True), shown((16, 48)), shown("semihard")
    ('0.2', 'none', 'true', '[16,48]', 'semihard')
    """
    if value is None:
        return "none"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, tuple):
        return f"[{','.join(map(shown, value))}]"
    return str(value)
