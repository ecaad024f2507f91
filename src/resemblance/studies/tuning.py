"""Tuning with equal budgets: every contestant gets the same number of trials, and the rest of the study its best."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from resemblance.atomic import write_text
from resemblance.errors import ConfigurationError
from resemblance.studies.search import Search
from resemblance.studies.space import Value, as_override


@dataclass(frozen=True)
class Trial:
    """One of a contestant's trials.

    Attributes:
        settings: what differed from the YAML files.
        value: of the metric on validation identities; None if it failed.
        seconds: of its fit, or None where nobody knows or another trial has told them already.
        reason: why it failed, in one sentence.
    """

    settings: Mapping[str, Value]
    value: float | None
    seconds: float | None = None
    reason: str | None = None


@dataclass(frozen=True)
class Tuned:
    """What was found for one contestant.

    Attributes:
        metric: that trials were judged by.
        epochs: of a trial.
        seed: of the trials.
        trials: all of them, in their order; no two of one contestant are alike.
        best: settings of the best one; empty where the YAML files were best.
        value: its metric; None if every trial failed.
        origin: the file that this was read from, where another study has found it.
    """

    metric: str
    epochs: int
    seed: int
    trials: tuple[Trial, ...]
    best: Mapping[str, Value]
    value: float | None
    origin: str | None = None

    @property
    def overrides(self) -> tuple[str, ...]:
        """The best settings as ``key=value``, in Hydra's words."""
        return tuple(as_override(setting, value) for setting, value in self.best.items())


RunTrials = Callable[[Sequence[tuple[str, int, Mapping[str, Value]]]], Sequence[Trial]]
"""Contestant, number and settings of some trials to what they gave."""


def tune(
    searches: Mapping[str, Search],
    run_trials: RunTrials,
    *,
    trials: int,
    metric: str,
    epochs: int,
    seed: int,
    higher_is_better: bool,
    after_round: Callable[[Mapping[str, Tuned]], None] = lambda _: None,
) -> dict[str, Tuned]:
    """Search each contestant's space, a trial of each at a time.

    A contestant whose space holds no more gets fewer; one whose trials all fail ends without a best.

    Args:
        searches: by contestant.
        run_trials: trains one round of trials, those that are finished already not again.
        trials: of each contestant.
        metric: that trials are judged by.
        epochs: of a trial.
        seed: of trials and samplers.
        higher_is_better: which way the metric improves.
        after_round: is told what has been found so far.
    """
    found: dict[str, list[Trial]] = {name: [] for name in searches}
    tuned: dict[str, Tuned] = {}
    for number in range(trials):
        proposed = {name: search.ask() for name, search in searches.items()}
        asked = [(name, number, settings) for name, settings in proposed.items() if settings is not None]
        if not asked:
            break
        for (name, _, settings), trial in zip(asked, run_trials(asked), strict=True):
            searches[name].tell(settings, trial.value)
            found[name].append(trial)
        tuned = {name: _judged(done, metric, epochs, seed, higher_is_better) for name, done in found.items()}
        after_round(tuned)
    return tuned


def _judged(done: Sequence[Trial], metric: str, epochs: int, seed: int, higher_is_better: bool) -> Tuned:
    sign = 1 if higher_is_better else -1
    ended = [(sign * trial.value, -number) for number, trial in enumerate(done) if trial.value is not None]
    if not ended:
        return Tuned(metric, epochs, seed, tuple(done), {}, None)
    best = done[-max(ended)[1]]  # the earliest of equal ones
    return Tuned(metric, epochs, seed, tuple(done), best.settings, best.value)


def write_tuning(path: Path, tuned: Mapping[str, Tuned]) -> None:
    """Write what was found, by contestant."""
    write_text(path, json.dumps({name: asdict(found) for name, found in tuned.items()}, indent=1) + "\n")


def known_tuning(path: Path) -> dict[str, Tuned]:
    """What a study's own file holds already; nothing where there is none.

    Raises:
        ConfigurationError: if it is damaged.
    """
    return read_tuning(path) if path.exists() else {}


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
        raise ConfigurationError(
            f"'{path}' is damaged, or not the tuning.json of a study; name another, or remove it and tune again."
        ) from error
