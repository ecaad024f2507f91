"""Which figures are compared, and what difference of each is called none."""

import difflib
import math
from collections.abc import Iterable, Mapping, Sequence

from resemblance.errors import ConfigurationError
from resemblance.tracking.names import has_a_better

DEFAULTS = {
    "test/verification/auc": 0.005,
    "test/verification/tar_at_far_1e_3": 0.02,
    "test/verification/eer": 0.01,
    "test/identification/rank_1": 0.02,
}
"""Figures with δ: half a point of AUC, one of EER, two of a rate at an operating point. Of these, what some run has is
compared where nobody asks for anything else."""
_BY_MEASURE = {"auc": 0.005, "eer": 0.01}
_ELSE = 0.02


def asked_figures(setting: object) -> dict[str, float | None]:
    """δ by figure, as the user has put it, None where the usual one is meant; empty where no figure is named.

    Args:
        setting: nothing, a name, a list of names, or names with δ.

    Raises:
        ConfigurationError: for anything else, or a δ that is not a number above 0.
    """
    if setting is None:
        return {}
    if isinstance(setting, str):
        setting = [setting]
    if isinstance(setting, list | tuple) and setting and all(isinstance(name, str) for name in setting):
        return dict.fromkeys(setting)
    if isinstance(setting, Mapping) and setting:
        for name, delta in setting.items():
            if delta is not None and not _is_delta(delta):
                raise ConfigurationError(f"δ of '{name}' in figures= is {delta!r}, but should be a number above 0.")
        return {str(name): None if delta is None else float(delta) for name, delta in setting.items()}
    raise ConfigurationError(
        f"figures is {setting!r}, but should be a list such as [auc,rank_1], or figures with their δ: "
        f"'figures={{auc: 0.005}}'."
    )


def resolved(asked: Mapping[str, float | None], known: Iterable[str]) -> dict[str, float]:
    """Full keys with their δ.

    A figure may be called by the end of its key, ``auc`` or ``verification/auc``, where that fits one figure of the
    test set alone, or the one of ``verification`` or ``identification`` among several.

    Args:
        asked: from :func:`asked_figures`; where it is empty, the usual figures that some run has are meant.
        known: keys that some run has.

    Raises:
        ConfigurationError: for a name that fits none or several, a figure of which neither more nor less is better, or
            where no run has any of the usual figures.
    """
    there = list(dict.fromkeys(known))
    if not asked:
        usual = {key: delta for key, delta in DEFAULTS.items() if key in there}
        if not usual:
            raise ConfigurationError(
                f"No run has any of the figures that are compared unasked ({', '.join(DEFAULTS)}); name some with "
                f"figures=, {_choice(there)}."
            )
        return usual
    found = {_key(name, there): delta if delta is not None else usual_delta(name) for name, delta in asked.items()}
    for key in found:
        if not has_a_better(key):
            raise ConfigurationError(
                f"'{key}' in figures= can't be compared, as neither more nor less of it is better; leave it out of "
                f"figures=."
            )
    return found


def _is_delta(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < math.inf


def usual_delta(key: str) -> float:
    """Of a figure for which nobody has said another.

    >>> usual_delta("test/pairs/auc"), usual_delta("test/verification/eer"), usual_delta("test/retrieval/r_at_1")
    (0.005, 0.01, 0.02)
    """
    return DEFAULTS.get(key, _BY_MEASURE.get(key.rpartition("/")[2], _ELSE))


def _key(name: str, there: Sequence[str]) -> str:
    if name in there:
        return name
    fitting = [key for key in there if key.startswith("test/") and key.endswith(f"/{name}")]
    usual = [key for key in fitting if key.split("/")[1] in ("verification", "identification")]
    for found in (fitting, usual):
        if len(found) == 1:
            return found[0]
    if fitting:
        raise ConfigurationError(f"'{name}' in figures= fits several figures: {', '.join(fitting)}; name one of them.")
    tested = [key for key in there if key.startswith("test/")]
    close = [key for key in tested if name in key.rpartition("/")[2]][:2]  # tar is a part of tar_at_far_1e_3
    close = close or difflib.get_close_matches(
        name if "/" in name else f"test/verification/{name}", tested, n=1, cutoff=0.4
    )
    hint = f"did you mean {' or '.join(map(repr, close))}? " if close else ""
    raise ConfigurationError(f"No run has a figure '{name}'; {hint}{_choice(there)}.")


def _choice(there: Sequence[str]) -> str:
    """Figures of a test set that can be compared."""
    tested = [key for key in there if key.startswith("test/") and has_a_better(key)]
    return f"there are: {', '.join(tested)}" if tested else "but there are none of a test set"
