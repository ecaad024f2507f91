"""A study from beginning to end: tuning where it is asked for, and then every job that is not finished."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from rich.console import Console

from resemblance.errors import ConfigurationError, DataError
from resemblance.studies.jobs import Job, planned
from resemblance.studies.settings import NoSweep, Tune, sweep_settings
from resemblance.studies.space import Space, Value, search_space
from resemblance.studies.tuning import TUNING, Trial, Tuned, read_tuning, tune, write_tuning
from resemblance.tracking.names import improves_downwards
from resemblance.tracking.reading import read_metrics
from resemblance.tracking.sweep_report import TRIALS
from resemblance.wording import counted

Overrides = Sequence[str]
_NOT_A_CONTESTANT = "seed"


class Sweeper(Protocol):
    """What Hydra's side of a study can do."""

    def configured(self, overrides: Overrides) -> tuple[dict[str, Any], Mapping[str, str]]:
        """What overrides compose to, and the option that is taken of each group."""
        ...

    def launch(self, jobs: Sequence[tuple[Overrides, str]]) -> None:
        """Run jobs, each with its overrides and its folder."""
        ...


def run_study(sweeper: Sweeper, combinations: Sequence[Overrides], directory: Path) -> list[Job]:
    """Run every combination that is not finished, each in a folder below the directory.

    Args:
        sweeper: composes and launches.
        combinations: overrides of each job.
        directory: of the multirun.

    Returns:
        The jobs, those that had been finished before among them.

    Raises:
        ConfigurationError: for a configuration that can't work, before anything is trained.
        TrainingError: if all trials of a contestant failed.
    """
    console = Console()
    settings = sweep_settings(sweeper.configured(combinations[0])[0].get("sweep"))
    if not isinstance(settings, NoSweep):
        tuned = _tuned(sweeper, combinations, directory, settings, console)
        names = contestants(sweeper, combinations)
        combinations = [
            [*tuned[name].overrides, *overrides] for name, overrides in zip(names, combinations, strict=True)
        ]  # what the user has said comes last, and wins
    _tell_design(sweeper, combinations, console)
    jobs = planned(combinations, lambda overrides: sweeper.configured(overrides)[0], directory)
    todo = [job for job in jobs if job.finished is None]
    if len(todo) < len(jobs):
        done = counted(len(jobs) - len(todo), "job")
        console.print(
            f"{done} of {len(jobs)} finished before with the same configuration: skipped, {len(todo)} to do",
            highlight=False,
        )
    if todo:
        sweeper.launch([(job.overrides, job.folder) for job in todo])
    return jobs


def _tell_design(sweeper: Sweeper, combinations: Sequence[Overrides], console: Console) -> None:
    """What the study can show at best, before it costs anything."""
    from resemblance.comparison.resolution import design

    losses = len(set(contestants(sweeper, combinations)))
    seeds = len(combinations) // losses
    if losses > 1 and seeds > 1:
        console.print(f"what this design can show: {design(losses, seeds)}", style="dim", highlight=False)


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


def _tuned(
    sweeper: Sweeper, combinations: Sequence[Overrides], directory: Path, settings: Any, console: Console
) -> dict[str, Tuned]:
    names = contestants(sweeper, combinations)
    first: dict[str, Overrides] = {}
    for name, overrides in zip(names, combinations, strict=True):
        first.setdefault(name, overrides)
    if not isinstance(settings, Tune):
        tuned = read_tuning(Path(settings.settings))
        if missing := [name for name in first if name not in tuned]:
            raise ConfigurationError(
                f"'{settings.settings}' holds no settings of {', '.join(missing)}, only of {', '.join(sorted(tuned))}."
            )
        return tuned
    seeds = {sweeper.configured(overrides)[0]["seed"] for overrides in combinations}
    if settings.seed in seeds:
        raise ConfigurationError(
            f"sweep.seed={settings.seed} is also a seed of the study, whose seeds must be fresh; choose another one."
        )
    spaces = {name: _space(sweeper, name, overrides) for name, overrides in first.items()}
    console.print(
        f"tuning {counted(len(first), 'contestant')}, {counted(settings.trials, 'trial')} of "
        f"{counted(settings.epochs, 'epoch')} each, by {settings.metric}",
        highlight=False,
    )
    tuned = tune(
        spaces,
        _trial_runner(sweeper, first, directory, settings),
        trials=settings.trials,
        metric=settings.metric,
        epochs=settings.epochs,
        seed=settings.seed,
        higher_is_better=not improves_downwards(settings.metric),
    )
    write_tuning(directory / TUNING, tuned)
    for name, found in tuned.items():
        changes = ", ".join(found.overrides) or "as it is"
        console.print(f"  {name}: {changes} ({settings.metric} {found.value:.4f})", highlight=False, soft_wrap=True)
    return tuned


def _space(sweeper: Sweeper, name: str, overrides: Overrides) -> Space:
    """The contestant's search space without what the user has set."""
    said = {override.lstrip("+").partition("=")[0] for override in overrides}
    space = search_space(sweeper.configured(overrides)[1]["loss"])
    left = {setting: part for setting, part in space.items() if setting not in said}
    if not left:
        raise ConfigurationError(
            f"Everything that may be tuned of {name} has been set ({', '.join(space)}); leave one out, or sweep=tune."
        )
    return left


def _trial_runner(
    sweeper: Sweeper, contestants: Mapping[str, Overrides], directory: Path, settings: Tune
) -> Callable[[Sequence[tuple[str, int, Mapping[str, Value]]]], list[Trial]]:
    """Trains rounds of trials below ``tuning/``, and reads what they gave."""
    of_a_trial = [f"seed={settings.seed}", f"epochs={settings.epochs}", "measure_test=false"]

    def run(asked: Sequence[tuple[str, int, Mapping[str, Value]]]) -> list[Trial]:
        combinations, folders = [], []
        for name, number, proposed in asked:
            kept = [override for override in contestants[name] if not override.startswith(("seed=", "epochs="))]
            combinations.append([*kept, *of_a_trial, *(f"{setting}={value}" for setting, value in proposed.items())])
            folders.append(f"{TRIALS}/{_folder(name)}/{number}")
        jobs = planned(combinations, lambda overrides: sweeper.configured(overrides)[0], directory, folders)
        if todo := [job for job in jobs if job.finished is None]:
            sweeper.launch([(job.overrides, job.folder) for job in todo])
        return [
            _answer(job.finished or directory / job.folder, proposed, settings.metric)
            for job, (_, _, proposed) in zip(jobs, asked, strict=True)
        ]

    return run


def _answer(run: Path, settings: Mapping[str, Value], metric: str) -> Trial:
    try:
        scalars = read_metrics(run)
    except DataError:  # failed.txt lies there and says why
        return Trial(settings, None)
    seconds = scalars.get("train/seconds")
    return Trial(settings, scalars[metric].value, None if seconds is None else seconds.value)


def _folder(name: str) -> str:
    return "".join(letter if letter.isalnum() or letter in "._=-" else "_" for letter in name)
