"""A study from beginning to end: tuning where it is asked for, and then every job that is not finished."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from rich.console import Console

from resemblance.known_keys import check_keys
from resemblance.settings import check_settings
from resemblance.studies.announcing import design_told, device_of, trained_otherwise
from resemblance.studies.carried import carried_over
from resemblance.studies.contestants import contestants
from resemblance.studies.jobs import Job, planned
from resemblance.studies.launching import known_folders, launched, running_elsewhere
from resemblance.studies.settings import NoSweep, Tune, sweep_settings
from resemblance.studies.sweeper import Overrides, Sweeper
from resemblance.studies.tuned import tuned_here
from resemblance.tracking.paths import FAILURE
from resemblance.tracking.sweep_jobs import StudyJobs, read_jobs, write_jobs
from resemblance.wording import counted


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
    for overrides in combinations:
        check_keys(*sweeper.configured(overrides), "train")
    settings = sweep_settings(sweeper.configured(combinations[0])[0].get("sweep"))
    problems: list[str] = []
    if told := design_told(sweeper, combinations):
        console.print(f"what this design can show: {told}", style="dim", highlight=False)
    if not isinstance(settings, NoSweep):
        names = contestants(sweeper, combinations)
        first: dict[str, Overrides] = {}
        for name, overrides in zip(names, combinations, strict=True):
            first.setdefault(name, overrides)
        if isinstance(settings, Tune):
            configurations = [sweeper.configured(overrides)[0] for overrides in combinations]
            for configuration in configurations:  # trials have an epochs and a seed of their own, and would not find it
                check_settings(configuration)
            seeds = {int(configuration["seed"]) for configuration in configurations}
            tuned, problems = tuned_here(sweeper, first, seeds, directory, settings, console)
        else:
            tuned = carried_over(sweeper, first, directory, str(settings.settings), console)
        combinations = [
            [*tuned[name].overrides, *overrides]
            for name, overrides in zip(names, combinations, strict=True)
            if tuned[name].value is not None
        ]  # what the user has said comes last, and wins
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
