"""The settings of a study's contestants, from trials of its own."""

from collections.abc import Mapping
from pathlib import Path

from rich.console import Console

from resemblance.errors import ConfigurationError, TrainingError
from resemblance.studies.contestants import said
from resemblance.studies.search import Search
from resemblance.studies.settings import Tune
from resemblance.studies.space import Space, Value, search_space, value_at
from resemblance.studies.sweeper import Overrides, Sweeper
from resemblance.studies.trials import Trials
from resemblance.studies.tuning import Tuned, known_tuning, tune, write_tuning
from resemblance.tracking.names import improves_downwards
from resemblance.tracking.paths import TRIALS, TUNING
from resemblance.wording import agreeing, counted


def tuned_here(
    sweeper: Sweeper,
    contestants: Mapping[str, Overrides],
    seeds: set[int],
    directory: Path,
    settings: Tune,
    console: Console,
) -> tuple[dict[str, Tuned], list[str]]:
    """Find each contestant's settings, with the same number of trials for all.

    Args:
        sweeper: composes and launches.
        contestants: overrides of each.
        seeds: of the runs that follow.
        directory: of the study.
        settings: ``conf/sweep/tune.yaml``.
        console: where it is told.

    Returns:
        What was found for each contestant, and what went wrong in sentences.

    Raises:
        ConfigurationError: for what can't be tuned so, before anything is trained.
        TrainingError: if every trial of every contestant fails.
    """
    if settings.seed in seeds:
        raise ConfigurationError(
            f"sweep.seed={settings.seed} is also a seed of the study, whose seeds must be fresh; choose another one."
        )
    before = known_tuning(directory / TUNING)  # of contestants that are not asked for this time, too
    spaces = {name: _space(sweeper, name, overrides) for name, overrides in contestants.items()}
    _check_metric(sweeper, contestants, settings.metric)
    higher_is_better = not improves_downwards(settings.metric)
    searches = {
        name: Search(space, higher_is_better, settings.seed, _unchanged(sweeper, contestants[name], space))
        for name, space in spaces.items()
    }
    console.print(
        f"tuning {counted(len(contestants), 'contestant')}, {counted(settings.trials, 'trial')} of "
        f"{counted(settings.epochs, 'epoch')} each, by {settings.metric}",
        highlight=False,
    )
    trials = Trials(sweeper, contestants, directory, settings, console)

    def after_round(tuned: Mapping[str, Tuned]) -> None:
        if trials.trained:  # until then, the file of an earlier start knows more
            write_tuning(directory / TUNING, {**before, **tuned})

    tuned = tune(
        searches,
        trials,
        trials=settings.trials,
        metric=settings.metric,
        epochs=settings.epochs,
        seed=settings.seed,
        higher_is_better=higher_is_better,
        after_round=after_round,
    )
    write_tuning(directory / TUNING, {**before, **tuned})
    if trials.finished:
        asked = sum(len(found.trials) for found in tuned.values())
        console.print(
            f"{counted(trials.finished, 'trial')} of {asked} finished before with the same configuration: skipped",
            highlight=False,
        )
    problems = []
    for name, found in tuned.items():
        if found.value is None:
            reasons = list(dict.fromkeys(trial.reason for trial in found.trials if trial.reason))
            problems.append(f"{name} was left out, for all its trials failed ({reasons[0].rstrip('.')}).")
            continue
        changes = " ".join(found.overrides) or "as it is"
        few = f", {counted(len(found.trials), 'trial')}: there is no more to try" * (
            len(found.trials) < settings.trials
        )
        failed = sum(trial.value is None for trial in found.trials)
        few += f", {counted(failed, 'trial')} failed" * bool(failed)
        console.print(
            f"  {name}: {changes} ({settings.metric} {found.value:.4f}{few})", highlight=False, soft_wrap=True
        )
    if len(problems) == len(tuned):
        raise TrainingError(f"Nothing could be tuned: {' '.join(problems)} The folders below {TRIALS}/ say more.")
    if trials.lost:
        problems.append(
            f"{counted(len(trials.lost), 'trial')} {agreeing(len(trials.lost), 'was', 'were')} lost with "
            f"{agreeing(len(trials.lost), 'its', 'their')} processes; start the study again to make up for that."
        )
    return tuned, problems


def _space(sweeper: Sweeper, name: str, overrides: Overrides) -> Space:
    """The contestant's search space without what the user has set."""
    set_already = {said(override)[0] for override in overrides}
    config, choices = sweeper.configured(overrides)
    space = search_space(choices["loss"], config)
    left = {setting: part for setting, part in space.items() if setting not in set_already}
    if not left:
        raise ConfigurationError(
            f"Everything that may be tuned of {name} has been set ({', '.join(space)}); leave one out, or sweep=tune."
        )
    return left


def _unchanged(sweeper: Sweeper, overrides: Overrides, space: Space) -> dict[str, Value]:
    """What the settings of a space are in the contestant's configuration as it is."""
    config = sweeper.configured(overrides)[0]
    found = {setting: value_at(config, setting) for setting in space}
    return {setting: value for setting, value in found.items() if value is None or isinstance(value, Value)}


def _check_metric(sweeper: Sweeper, contestants: Mapping[str, Overrides], metric: str) -> None:
    """Refuse a figure that trials are not going to have."""
    from resemblance.parts import validation_keys

    protocols: list[object] = []
    for overrides in contestants.values():
        config = sweeper.configured(overrides)[0]
        if config["protocol"] in protocols:
            continue
        protocols.append(config["protocol"])
        if metric not in (keys := validation_keys(config)):
            raise ConfigurationError(f"sweep.metric is '{metric}', but should be one of {', '.join(sorted(keys))}.")
