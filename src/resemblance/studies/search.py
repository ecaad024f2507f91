"""The search for one contestant's settings: Optuna proposes, a trial on validation identities answers."""

from typing import Any

from resemblance.errors import ConfigurationError
from resemblance.studies.space import Choice, Interval, Space, Value

RANDOM_TRIALS = 3
"""Trials before the sampler begins to learn from earlier ones, of the few that a laptop can pay for."""
_DIGITS = 3
"""Of a proposed number: what differs less is the same setting, and names stay readable."""


class Search:
    """Asks for trials and is told what they gave; the same answers lead to the same questions.

    The first trial leaves every setting as the YAML files have it, so that tuning never ends below them on the
    validation identities. The others come from Optuna's tree-structured Parzen estimator (Bergstra et al. 2011).

    Args:
        space: what may be tried.
        higher_is_better: which way the answer improves.
        seed: of the sampler.

    Raises:
        ConfigurationError: if Optuna is not installed.
    """

    def __init__(self, space: Space, higher_is_better: bool, seed: int) -> None:
        try:
            import optuna
        except ImportError as error:
            raise ConfigurationError("sweep=tune needs Optuna; pip install 'resemblance[tune]'.") from error
        optuna.logging.set_verbosity(optuna.logging.WARNING)
        sampler = optuna.samplers.TPESampler(seed=seed, n_startup_trials=RANDOM_TRIALS)
        self._study = optuna.create_study(direction="maximize" if higher_is_better else "minimize", sampler=sampler)
        self._distributions = {setting: _distribution(optuna, part) for setting, part in space.items()}
        self._asked: list[Any] = []
        self._trials: list[tuple[dict[str, Value], float | None]] = []

    def ask(self) -> dict[str, Value]:
        """Settings of the next trial; nothing for the first."""
        if not self._trials and not self._asked:
            self._asked.append(None)
            return {}
        trial = self._study.ask(self._distributions)
        self._asked.append(trial)
        return {setting: _rounded(value) for setting, value in trial.params.items()}

    def tell(self, settings: dict[str, Value], value: float | None) -> None:
        """What the trial that was asked for last has given; None if it failed."""
        from optuna.trial import TrialState

        trial = self._asked.pop()
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


def _distribution(optuna: Any, part: Interval | Choice) -> Any:
    if isinstance(part, Choice):
        return optuna.distributions.CategoricalDistribution(part.options)
    if part.whole:
        return optuna.distributions.IntDistribution(int(part.low), int(part.high), log=part.log)
    return optuna.distributions.FloatDistribution(part.low, part.high, log=part.log)


def _rounded(value: Value) -> Value:
    return float(f"{value:.{_DIGITS}g}") if isinstance(value, float) else value
