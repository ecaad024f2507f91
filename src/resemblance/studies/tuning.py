"""Tuning with equal budgets: every contestant gets the same number of trials, and the rest of the study its best."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from resemblance.atomic import write_text
from resemblance.errors import ConfigurationError, TrainingError
from resemblance.studies.search import Search
from resemblance.studies.space import Space, Value
from resemblance.tracking.sweep_report import TRIALS

TUNING = "tuning.json"
"""In a study's directory."""


@dataclass(frozen=True)
class Trial:
    """One of a contestant's trials.

    Attributes:
        settings: what differed from the YAML files.
        value: of the metric on validation identities; None if it failed.
        seconds: of its fit, or None where nobody knows.
    """

    settings: Mapping[str, Value]
    value: float | None
    seconds: float | None = None


@dataclass(frozen=True)
class Tuned:
    """What was found for one contestant.

    Attributes:
        metric: that trials were judged by.
        epochs: of a trial.
        seed: of the trials.
        trials: all of them, in their order.
        best: settings of the best one; empty where the YAML files were best.
        value: its metric.
    """

    metric: str
    epochs: int
    seed: int
    trials: tuple[Trial, ...]
    best: Mapping[str, Value]
    value: float

    @property
    def overrides(self) -> tuple[str, ...]:
        """The best settings as ``key=value``."""
        return tuple(f"{setting}={value}" for setting, value in self.best.items())


RunTrials = Callable[[Sequence[tuple[str, int, Mapping[str, Value]]]], Sequence[Trial]]
"""Contestant, number and settings of some trials to what they gave."""


def tune(
    spaces: Mapping[str, Space],
    run_trials: RunTrials,
    *,
    trials: int,
    metric: str,
    epochs: int,
    seed: int,
    higher_is_better: bool,
) -> dict[str, Tuned]:
    """Search each contestant's space, a trial of each at a time.

    Args:
        spaces: by contestant.
        run_trials: trains one round of trials, those that are finished already not again.
        trials: of each contestant.
        metric: that trials are judged by.
        epochs: of a trial.
        seed: of trials and samplers.
        higher_is_better: which way the metric improves.

    Raises:
        TrainingError: if all trials of a contestant failed.
    """
    searches = {name: Search(space, higher_is_better, seed) for name, space in spaces.items()}
    found: dict[str, list[Trial]] = {name: [] for name in spaces}
    for number in range(trials):
        asked = [(name, number, search.ask()) for name, search in searches.items()]
        for (name, _, settings), trial in zip(asked, run_trials(asked), strict=True):
            searches[name].tell(dict(settings), trial.value)
            found[name].append(trial)
    sign = 1 if higher_is_better else -1
    tuned = {}
    for name, done in found.items():
        ended = [trial for trial in done if trial.value is not None]
        if not ended:
            raise TrainingError(f"All {trials} trials of {name} failed; the folders below {TRIALS}/ say why.")
        best = max(ended, key=lambda trial: sign * (trial.value or 0.0))
        assert best.value is not None
        tuned[name] = Tuned(metric, epochs, seed, tuple(done), best.settings, best.value)
    return tuned


def write_tuning(path: Path, tuned: Mapping[str, Tuned]) -> None:
    """Write what was found, by contestant."""
    write_text(path, json.dumps({name: asdict(found) for name, found in tuned.items()}, indent=1) + "\n")


def read_tuning(path: Path) -> dict[str, Tuned]:
    """What :func:`write_tuning` wrote.

    Raises:
        ConfigurationError: if it is not there, or not one of ours.
    """
    try:
        written: dict[str, dict[str, Any]] = json.loads(path.read_text("utf-8"))
        return {
            name: Tuned(**{**found, "trials": tuple(Trial(**trial) for trial in found["trials"])})
            for name, found in written.items()
        }
    except OSError as error:
        raise ConfigurationError(
            f"The tuned settings '{path}' can't be read ({error.strerror}); name the tuning.json of a study that has "
            f"been tuned."
        ) from error
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise ConfigurationError(f"'{path}' is damaged, or not the tuning.json of a study.") from error
