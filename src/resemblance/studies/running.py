"""A study from beginning to end: tuning where it is asked for, and then every job that is not finished."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from rich.console import Console

from resemblance.errors import ConfigurationError, TrainingError
from resemblance.studies.announcing import design_told, device_of, trained_otherwise
from resemblance.studies.carried import carried_over
from resemblance.studies.contestants import contestants, seed_of
from resemblance.studies.jobs import Job, planned
from resemblance.studies.launching import known_folders, launched, running_elsewhere
from resemblance.studies.search import Search
from resemblance.studies.settings import NoSweep, Tune, sweep_settings
from resemblance.studies.space import Space, Value, search_space
from resemblance.studies.sweeper import Overrides, Sweeper
from resemblance.studies.trials import Trials
from resemblance.studies.tuning import Tuned, tune, write_tuning
from resemblance.tracking.names import improves_downwards
from resemblance.tracking.paths import FAILURE, TRIALS, TUNING
from resemblance.tracking.sweep_jobs import StudyJobs, read_jobs, write_jobs
from resemblance.wording import agreeing, counted


def run_study(sweeper: Sweeper, combinations: Sequence[Overrides], directory: Path) -> list[Job]:
    """Run every combination that is not finished, each in a folder below the directory.

    Args:
        sweeper: composes and launches.
        combinations: overrides of each job.
        directory: of the multirun; nobody else may be running it.

    Returns:
        The jobs, those that had been finished before among them.

    Raises:
        ConfigurationError: for a configuration that can't work, before anything is trained.
        TrainingError: if nothing of what was asked for could be trained.
    """
    console = Console()
    settings = sweep_settings(sweeper.configured(combinations[0])[0].get("sweep"))
    problems: list[str] = []
    if not isinstance(settings, NoSweep):
        names = contestants(sweeper, combinations)
        first: dict[str, Overrides] = {}
        for name, overrides in zip(names, combinations, strict=True):
            first.setdefault(name, overrides)
        if isinstance(settings, Tune):
            seeds = {seed_of(sweeper, overrides) for overrides in combinations}
            tuned, problems = _tuned(sweeper, first, seeds, directory, settings, console)
        else:
            tuned = carried_over(sweeper, first, directory, str(settings.settings), console)
        combinations = [
            [*tuned[name].overrides, *overrides]
            for name, overrides in zip(names, combinations, strict=True)
            if tuned[name].value is not None
        ]  # what the user has said comes last, and wins
    if told := design_told(sweeper, combinations):
        console.print(f"what this design can show: {told}", style="dim", highlight=False)
    known = known_folders(directory)
    jobs = planned(combinations, lambda overrides: sweeper.configured(overrides)[0], directory, known=known)
    _keep(directory, jobs, problems)
    elsewhere = running_elsewhere([job for job in jobs if job.to_do], directory)
    todo = [job for job in jobs if job.to_do and job.folder not in elsewhere]
    _tell(sweeper, jobs, todo, directory, console)
    for folder, who in elsewhere.items():
        console.print(f"'{directory / folder}' is still run by {who}: left to it", highlight=False, soft_wrap=True)
    launched(sweeper, todo, directory)
    return jobs


def _keep(directory: Path, jobs: Sequence[Job], problems: Sequence[str]) -> None:
    """Write down what was asked for, and let nothing that an earlier try has left speak against a finished job."""
    asked = tuple(dict.fromkeys(job.folder for job in jobs))
    before = read_jobs(directory) or StudyJobs()
    write_jobs(directory, replace(before, asked=asked, problems=tuple(problems)))
    for job in jobs:
        if job.finished:
            (directory / job.folder / FAILURE).unlink(missing_ok=True)


def _tell(sweeper: Sweeper, jobs: Sequence[Job], todo: Sequence[Job], directory: Path, console: Console) -> None:
    if repeated := sum(job.repeated for job in jobs):
        console.print(f"{counted(repeated, 'job')} of {len(jobs)} would repeat another: left out", highlight=False)
    if not (finished := sum(job.finished for job in jobs)):
        return
    done = counted(finished, "job")
    console.print(
        f"{done} of {len(jobs)} finished before with the same configuration: skipped, {len(todo)} to do",
        highlight=False,
    )
    if todo and (told := trained_otherwise(jobs, directory, device_of(sweeper, todo[0].overrides))):
        console.print(told, style="yellow", highlight=False, soft_wrap=True)


def _tuned(
    sweeper: Sweeper,
    contestants: Mapping[str, Overrides],
    seeds: set[int],
    directory: Path,
    settings: Tune,
    console: Console,
) -> tuple[dict[str, Tuned], list[str]]:
    """What was found for each contestant, and what went wrong in sentences."""
    if settings.seed in seeds:
        raise ConfigurationError(
            f"sweep.seed={settings.seed} is also a seed of the study, whose seeds must be fresh; choose another one."
        )
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
    trials = Trials(sweeper, contestants, directory, settings)

    def after_round(tuned: Mapping[str, Tuned]) -> None:
        if trials.trained:  # until then, the file of an earlier start knows more
            write_tuning(directory / TUNING, tuned)

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
    write_tuning(directory / TUNING, tuned)
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
    said = {override.lstrip("+").partition("=")[0] for override in overrides}
    space = search_space(sweeper.configured(overrides)[1]["loss"])
    left = {setting: part for setting, part in space.items() if setting not in said}
    if not left:
        raise ConfigurationError(
            f"Everything that may be tuned of {name} has been set ({', '.join(space)}); leave one out, or sweep=tune."
        )
    return left


def _unchanged(sweeper: Sweeper, overrides: Overrides, space: Space) -> dict[str, Value]:
    """What the settings of a space are in the contestant's configuration as it is."""
    found: dict[str, Value] = {}
    for setting in space:
        value: object = sweeper.configured(overrides)[0]
        for part in setting.split("."):
            value = value.get(part) if isinstance(value, Mapping) else None
        if value is None or isinstance(value, float | int | str | bool):
            found[setting] = value
    return found


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
