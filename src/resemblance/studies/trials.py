"""The trials of a tuning: jobs of their own below ``tuning/``, and what they gave."""

import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from rich.console import Console

from resemblance.errors import DataError
from resemblance.studies.contestants import said
from resemblance.studies.jobs import Job, planned
from resemblance.studies.launching import known_folders, launched, running_elsewhere
from resemblance.studies.settings import Tune
from resemblance.studies.space import Value, as_override
from resemblance.studies.sweeper import Overrides, Sweeper
from resemblance.studies.tuning import Trial
from resemblance.tracking.paths import FAILURE, TRIALS
from resemblance.tracking.reading import read_metrics

_BETWEEN_LOOKS = 0.5
"""Seconds."""


class Trials:
    """Trains rounds of trials, those that are finished already not again.

    One that an earlier command has left running is waited for: what is asked next depends on its answer.

    Args:
        sweeper: composes and launches.
        contestants: overrides of each.
        directory: of the study.
        settings: ``conf/sweep/tune.yaml``.
        console: where it is told for whom a round waits.
    """

    def __init__(
        self,
        sweeper: Sweeper,
        contestants: Mapping[str, Overrides],
        directory: Path,
        settings: Tune,
        console: Console,
    ) -> None:
        self._sweeper = sweeper
        self._contestants = contestants
        self._directory = directory
        self._settings = settings
        self._console = console
        self._folders = _folders(list(contestants))
        self._told_seconds: set[str] = set()
        self.trained = 0
        """Trials of the last round that were not finished before."""
        self.finished = 0
        """Trials of all rounds that were finished before."""
        self.lost: dict[str, str] = {}
        """Why trials were lost with their process, by folder."""

    def __call__(self, asked: Sequence[tuple[str, int, Mapping[str, Value]]]) -> list[Trial]:
        """One round: contestant, number and settings of each trial to what it gave."""
        settings = self._settings
        of_a_trial = [f"seed={settings.seed}", f"epochs={settings.epochs}", "measure_test=false"]
        combinations, folders = [], []
        for name, number, proposed in asked:
            kept = [override for override in self._contestants[name] if said(override)[0] not in ("seed", "epochs")]
            combinations.append([*kept, *of_a_trial, *(as_override(*pair) for pair in proposed.items())])
            folders.append(f"{TRIALS}/{self._folders[name]}/{number}")
        jobs = self._planned(combinations, folders)
        todo = [job for job in jobs if job.to_do]
        self.trained = len(todo)
        self.finished += sum(job.finished for job in jobs)
        self.lost |= launched(self._sweeper, todo, self._directory)
        return [self._answer(job, proposed) for job, (_, _, proposed) in zip(jobs, asked, strict=True)]

    def _planned(self, combinations: Sequence[Overrides], folders: Sequence[str]) -> list[Job]:
        told: set[str] = set()
        while True:
            known = known_folders(self._directory)
            jobs = planned(
                combinations, lambda overrides: self._sweeper.configured(overrides)[0], self._directory, folders, known
            )
            todo = [job for job in jobs if job.to_do]
            if not running_elsewhere(todo, self._directory):
                return jobs
            while elsewhere := running_elsewhere(todo, self._directory):
                for folder in sorted(elsewhere.keys() - told):
                    where = self._directory / folder
                    text = f"'{where}' is still run by {elsewhere[folder]}: waiting for it"
                    self._console.print(text, highlight=False, soft_wrap=True)
                told |= elsewhere.keys()
                time.sleep(_BETWEEN_LOOKS)

    def _answer(self, job: Job, proposed: Mapping[str, Value]) -> Trial:
        run = self._directory / job.folder
        try:
            scalars = read_metrics(run)
        except DataError as error:
            failure = run / FAILURE
            said = failure.read_text("utf-8").partition("\n")[0] if failure.is_file() else str(error)
            return Trial(proposed, None, reason=said)
        if (figure := scalars.get(self._settings.metric)) is None:
            return Trial(proposed, None, reason=f"'{run}' has no {self._settings.metric}.")
        seconds = scalars.get("train/seconds") if job.folder not in self._told_seconds else None
        self._told_seconds.add(job.folder)
        return Trial(proposed, figure.value, None if seconds is None else seconds.value)


def _folders(names: Sequence[str]) -> dict[str, str]:
    """A folder for each contestant; no two share one."""
    found: dict[str, str] = {}
    for name in names:
        folder = "".join(letter if letter.isalnum() or letter in "._=-" else "_" for letter in name).strip(".") or "_"
        while folder in found.values():
            folder += "_"
        found[name] = folder
    return found
