"""The search for one contestant's settings: Optuna proposes, a trial on validation identities answers."""

import random
from collections.abc import Mapping
from itertools import product
from typing import Any

from resemblance.errors import ConfigurationError
from resemblance.studies.space import Choice, Interval, Space, Value

RANDOM_TRIALS = 3
"""Trials before the sampler begins to learn from earlier ones, of the few that a laptop can pay for."""
_DIGITS = 3
"""Of a proposed number: what differs less is the same setting, and names stay readable."""
_REPEATS = 50
"""Proposals of what has been tried, after which the sampler is not asked again."""
_MOST_LISTED = 10_000
"""Points of a finite space that are listed to find those that have not been tried."""

Point = frozenset[tuple[str, bool, Value]]


class Search:
    """Asks for trials and is told what they gave; the same answers lead to the same questions, and none comes twice.

    The first trial leaves every setting as the YAML files have it, so that tuning never ends below them on the
    validation identities. The others come from Optuna's tree-structured Parzen estimator (Bergstra et al. 2011). What
    it proposes again is not trained again: it is asked for something else, and where a finite space is nearly used up,
    the next point is drawn among those that are left.

    Args:
        space: what may be tried.
        higher_is_better: which way the answer improves.
        seed: of the sampler.
        unchanged: value of each setting in the YAML files, which the first trial has.

    Raises:
        ConfigurationError: if Optuna is not installed.
    """

    def __init__(
        self, space: Space, higher_is_better: bool, seed: int, unchanged: Mapping[str, Value] | None = None
    ) -> None:
        try:
            import optuna
        except ImportError as error:
            raise ConfigurationError("sweep=tune needs Optuna; pip install 'resemblance[tune]'.") from error
        optuna.logging.set_verbosity(optuna.logging.WARNING)
        sampler = optuna.samplers.TPESampler(seed=seed, n_startup_trials=RANDOM_TRIALS)
        self._study = optuna.create_study(direction="maximize" if higher_is_better else "minimize", sampler=sampler)
        self._distributions = {setting: _distribution(optuna, part) for setting, part in space.items()}
        self._space = space
        self._random = random.Random(seed)
        self._unchanged = {setting: value for setting, value in (unchanged or {}).items() if setting in space}
        self._tried: set[Point] = set()
        self._asked: Any = None
        self._trials: list[tuple[dict[str, Value], float | None]] = []

    def ask(self) -> dict[str, Value] | None:
        """Settings of the next trial; nothing for the first, and None when the space has no other left."""
        settings = self._next() if self._tried else {}
        if settings is not None:
            self._tried.add(self._point(settings))
        return settings

    def _next(self) -> dict[str, Value] | None:
        from optuna.trial import TrialState

        for _ in range(_REPEATS):
            trial = self._study.ask(self._distributions)
            settings = {setting: _rounded(value) for setting, value in trial.params.items()}
            if self._point(settings) not in self._tried:
                self._asked = trial
                return settings
            self._study.tell(trial, state=TrialState.FAIL)  # teaches the sampler nothing
        left = [point for point in self._listed() if self._point(point) not in self._tried]
        if not left:
            return None
        self._study.enqueue_trial(settings := self._random.choice(left))
        self._asked = self._study.ask(self._distributions)
        return settings

    def tell(self, settings: dict[str, Value], value: float | None) -> None:
        """What the trial that was asked for last has given; None if it failed."""
        from optuna.trial import TrialState

        trial, self._asked = self._asked, None
        self._trials.append((settings, value))
        if trial is None:
            return  # where the YAML files stand in the space is nobody's business: they may lie outside
        if value is None:
            self._study.tell(trial, state=TrialState.FAIL)
        else:
            self._study.tell(trial, value)

    @property
    def trials(self) -> list[tuple[dict[str, Value], float | None]]:
        """Settings and answer of each trial so far."""
        return list(self._trials)

    def _point(self, settings: Mapping[str, Value]) -> Point:
        """By what settings are known: 1 and 1.0 are one value, 1 and true are two."""
        values = {**self._unchanged, **settings}
        return frozenset((setting, isinstance(value, bool), value) for setting, value in values.items())

    def _listed(self) -> list[dict[str, Value]]:
        """All points of a small finite space; none of any other."""
        values: list[list[Value]] = []
        size = 1
        for part in self._space.values():
            if isinstance(part, Interval) and not part.whole:
                return []
            options: list[Value] = (
                list(part.options) if isinstance(part, Choice) else list(range(int(part.low), int(part.high) + 1))
            )
            values.append(options)
            size *= len(options)
            if size > _MOST_LISTED:
                return []
        return [dict(zip(self._space, point, strict=True)) for point in product(*values)]


def _distribution(optuna: Any, part: Interval | Choice) -> Any:
    if isinstance(part, Choice):
        return optuna.distributions.CategoricalDistribution(part.options)
    if part.whole:
        return optuna.distributions.IntDistribution(int(part.low), int(part.high), log=part.log)
    return optuna.distributions.FloatDistribution(part.low, part.high, log=part.log)


def _rounded(value: Value) -> Value:
    return float(f"{value:.{_DIGITS}g}") if isinstance(value, float) else value
