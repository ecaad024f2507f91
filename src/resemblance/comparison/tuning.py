"""What was spent on finding settings: ``tuning.json`` of the studies that runs belong to."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from resemblance.comparison.settings_of import MISSING, choice, settings_of, shown
from resemblance.comparison.study import Contestant
from resemblance.errors import DataError
from resemblance.readable import check_readable
from resemblance.tracking.sweep_report import TRIALS
from resemblance.wording import counted


def read_tuning(path: Path) -> dict[str, dict[str, Any]]:
    """Of each contestant: ``trials``, ``epochs``, ``metric``, ``seconds``, ``best`` and ``values``.

    Raises:
        DataError: if the file is damaged.
    """
    check_readable(path)
    try:
        written = json.loads(path.read_text("utf-8"))
        return {str(name): _told(found) for name, found in written.items()}
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
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


def _told(found: Mapping[str, Any]) -> dict[str, Any]:
    trials = found["trials"]
    told: dict[str, Any] = {"epochs": int(found["epochs"]), "metric": str(found["metric"]), "best": dict(found["best"])}
    if isinstance(trials, int):
        return {**told, "trials": trials, "seconds": found.get("seconds"), "values": list(found.get("values", ()))}
    seconds = [trial.get("seconds") for trial in trials]
    known = [second for second in seconds if second is not None]
    return {
        **told,
        "trials": len(trials),
        "seconds": sum(known) if known else None,
        "values": [trial.get("value") for trial in trials],
    }
