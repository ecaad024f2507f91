"""What was spent on finding settings: ``tuning.json`` of the studies that runs belong to."""

import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from resemblance.comparison.settings_of import MISSING, choice, settings_of, shown
from resemblance.comparison.study import Contestant
from resemblance.errors import DataError
from resemblance.readable import check_readable
from resemblance.tracking.paths import TRIALS
from resemblance.wording import agreeing, counted


def read_tuning(path: Path) -> dict[str, dict[str, Any]]:
    """Of each contestant: ``trials``, ``epochs``, ``metric``, ``seconds``, ``best`` and ``values``.

    Where trials are listed, ``searched`` names the settings that they tried; where some value or time is no finite
    number, it counts as unknown, and ``dropped`` says how many there are.

    Raises:
        DataError: if the file is damaged.
    """
    check_readable(path)
    try:
        written = json.loads(path.read_text("utf-8"))
        return {str(name): _told(found) for name, found in written.items()}
    except (OSError, ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError) as error:
        raise DataError(f"'{path}' is damaged, or not the tuning.json of a study; its budget is not told.") from error


def is_trial(config: Mapping[str, Any]) -> bool:
    """Whether a run left the test identities alone, as trials do: its figures chose something and are no result."""
    return config.get("measure_test") is False


def lies_among_trials(path: Path, tunings: Sequence[Path]) -> bool:
    """Whether a run directory lies in a tuned study's folder of trials."""
    here = path.absolute()
    return any(here.is_relative_to(tuning.absolute().parent / TRIALS) for tuning in tunings)


def of_contestant(tuning: Mapping[str, Mapping[str, Any]], contestant: Contestant) -> Mapping[str, Any] | None:
    """What was spent on a contestant.

    A study calls its contestants by the loss and by the settings that it sweeps over, such as ``triplet`` or
    ``triplet loss.mining=hard``; of several names that fit, the one that says most is meant.
    """
    fitting = [name for name in tuning if _fits(name, contestant)]
    return tuning[max(fitting, key=lambda name: len(name.split()))] if fitting else None


def _fits(name: str, contestant: Contestant) -> bool:
    run = contestant.runs[0]
    settings = settings_of(run.config)
    for part in name.split():
        key, equals, value = part.partition("=")
        if not equals:
            if part != contestant.loss:
                return False
        elif value not in (choice(run, key), shown(settings.get(key, MISSING))):
            return False
    return True


def budget(found: Mapping[str, Any]) -> str:
    """A budget in words: ``8 trials of 4 epochs``."""
    return f"{counted(found['trials'], 'trial')} of {counted(found['epochs'], 'epoch')}"


def dropped(tuning: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """A sentence for each contestant of whose trials some value or time was no finite number."""
    return [
        f"{counted(spent['dropped'], 'value or time', 'values and times')} of the trials of {name} "
        f"{agreeing(spent['dropped'], 'is no finite number and is', 'are no finite numbers and are')} left out."
        for name, spent in tuning.items()
        if spent.get("dropped")
    ]


def _told(found: Mapping[str, Any]) -> dict[str, Any]:
    trials = found["trials"]
    told: dict[str, Any] = {
        "epochs": _number_of(found["epochs"]),
        "metric": _text(found["metric"]),
        "best": _settings(found["best"]),
    }
    if isinstance(trials, list):
        searched = {key for trial in trials for key in _settings(trial.get("settings", {}))} | set(told["best"])
        told |= {"trials": len(trials), "searched": tuple(sorted(searched))}
        times, values = [[trial.get(name) for trial in trials] for name in ("seconds", "value")]
    else:
        told |= {"trials": _number_of(trials)}
        times, values = [found.get("seconds")], _list(found.get("values", []))
    _check_numbers([*times, *values])
    known = [second for second in times if second is not None and math.isfinite(second)]
    infinite = sum(value is not None and not math.isfinite(value) for value in [*times, *values])
    told |= {
        "seconds": sum(known) if known else None,
        "values": [None if value is None or not math.isfinite(value) else value for value in values],
    }
    return {**told, "dropped": infinite} if infinite else told


def _number_of(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise ValueError(f"{value!r} is no number of anything.")
    return value


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{value!r} is no name.")
    return value


def _list(value: object) -> list[Any]:
    if not isinstance(value, list):
        raise ValueError(f"{value!r} is no list.")
    return value


def _settings(value: object) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ValueError(f"{value!r} are no settings.")
    return value


def _check_numbers(values: Sequence[object]) -> None:
    for value in values:
        if value is not None and (isinstance(value, bool) or not isinstance(value, int | float)):
            raise ValueError(f"{value!r} is no number.")
