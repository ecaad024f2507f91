"""Hydra's way to run a study: only what is not finished yet, and tuned settings where they are asked for.

Hydra takes sweepers from the package ``hydra_plugins`` alone; what this one does lies in :mod:`resemblance.studies`.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from hydra._internal.core_plugins.basic_launcher import BasicLauncher
from hydra._internal.core_plugins.basic_sweeper import BasicSweeper
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.utils import JobReturn, JobStatus
from omegaconf import OmegaConf

_SUBDIR = "${hydra:job.num}"
"""``hydra.sweep.subdir`` of ``conf/train.yaml``."""
_LONGEST_REASON = 300


class StudySweeper(BasicSweeper):
    """Every combination of what is swept, in one multirun directory that can be gone on with.

    Args:
        max_batch_size: jobs handed to the launcher at once; None hands over all.
        params: ``KEY: VALUES`` as on the command line, which takes precedence.
    """

    def __init__(self, max_batch_size: int | None, params: dict[str, str] | None = None) -> None:
        super().__init__(max_batch_size, params)
        self._composed: dict[tuple[str, ...], tuple[dict[str, Any], Mapping[str, str]]] = {}

    def sweep(self, arguments: list[str]) -> Any:
        """Run what is not finished of the combinations of ``arguments``."""
        from resemblance.errors import ConfigurationError, OutputError
        from resemblance.studies.running import run_study
        from resemblance.studies.settings import check_no_output_dir, check_option
        from resemblance.tracking.paths import RunPaths
        from resemblance.tracking.sweep_lock import STUDY_LOCK, holder, take

        assert self.hydra_context is not None
        assert self.config is not None
        check_option(self.config.hydra.runtime.choices.get("sweep"))
        if (subdir := OmegaConf.to_container(self.config.hydra.sweep, resolve=False)["subdir"]) != _SUBDIR:  # type: ignore[index,call-overload]
            raise ConfigurationError(
                f"hydra.sweep.subdir is '{subdir}', but a study numbers its jobs itself, below hydra.sweep.dir=FOLDER; "
                f"leave it out."
            )
        said = [*self._parse_config(), *arguments]
        check_no_output_dir(said)
        overrides = OverridesParser.create(config_loader=self.hydra_context.config_loader).parse_overrides(said)
        combinations = [job for batch in self.split_arguments(overrides, None) for job in batch]
        directory = Path(self.config.hydra.sweep.dir)
        if RunPaths(directory).finished:
            raise OutputError(
                f"'{directory}' is the folder of a finished run; choose another one with hydra.sweep.dir=…."
            )
        directory.mkdir(parents=True, exist_ok=True)
        if (lock := take(directory / STUDY_LOCK)) is None:
            who = holder(directory / STUDY_LOCK) or "another process"
            raise OutputError(f"The study '{directory}' is being run by {who}; let it end, or choose another folder.")
        try:
            OmegaConf.save(self.config, directory / "multirun.yaml")
            return run_study(self, combinations, directory)
        except BaseException:  # without one, the lock is held until SweepTable has reported the end
            lock.release(remove=True)
            raise

    @property
    def here(self) -> bool:
        """Whether jobs run on this machine, and not where a cluster puts them."""
        return type(self.launcher).__name__ in ("BasicLauncher", "JoblibLauncher", "LocalLauncher")

    def configured(self, overrides: Sequence[str]) -> tuple[dict[str, Any], Mapping[str, str]]:
        """What overrides compose to, as plain containers, and the option that is taken of each group."""
        from resemblance.config import to_plain

        assert self.hydra_context is not None
        assert self.config is not None
        if (key := tuple(overrides)) not in self._composed:
            composed = self.hydra_context.config_loader.load_sweep_config(self.config, list(overrides))
            choices = {str(group): str(option) for group, option in composed.hydra.runtime.choices.items()}
            plain = OmegaConf.create({key: value for key, value in composed.items_ex(resolve=False) if key != "hydra"})
            self._composed[key] = to_plain(plain), choices
        return self._composed[key]

    def launch(self, jobs: Sequence[tuple[Sequence[str], str]]) -> list[str | None]:
        """Hand overrides and folder of each job to the launcher; a job that fails says so in its folder.

        Args:
            jobs: at least one.

        Returns:
            Of each job why its process was lost; None if it ended by itself.
        """
        assert self.launcher is not None
        batches = [[*overrides, f"hydra.sweep.subdir='{folder}'"] for overrides, folder in jobs]
        reasons: list[str | None] = []
        for batch in self.split_overrides_to_chunks(batches, self.max_batch_size):
            try:
                with _each_waited_for(self.launcher):
                    returned = self.launcher.launch(batch, initial_job_idx=len(reasons))
            except Exception as error:
                if isinstance(self.launcher, BasicLauncher):
                    raise  # the jobs ran in this process: nothing was lost with another
                reasons += [_reason(error)] * len(batch)
            else:
                reasons += [_ended(job, raises=isinstance(self.launcher, BasicLauncher)) for job in returned]
        return reasons

    def describe(self, directory: Path, overrides: Sequence[str]) -> None:
        """Leave a job that can't do so any more the configuration that was asked for."""
        from resemblance.tracking.sweep import describe

        config, choices = self.configured(overrides)
        describe(directory, config, choices, " ".join(overrides))


@contextmanager
def _each_waited_for(launcher: object) -> Iterator[None]:
    """Let submitit's launcher wait for all its jobs: it raises at the first that is lost and leaves the others."""
    if "submitit" not in type(launcher).__module__:
        yield
        return
    from submitit.core.core import Job

    results = Job.results

    def results_or_loss(self: Any) -> list[Any]:
        try:
            return results(self)
        except Exception as error:
            lost = JobReturn(status=JobStatus.FAILED)
            lost.return_value = error
            return [lost]

    Job.results = results_or_loss
    try:
        yield
    finally:
        Job.results = results


def _ended(job: JobReturn, raises: bool) -> str | None:
    try:
        _ = job.return_value
    except Exception as error:
        if raises:
            raise
        return _reason(error)
    return None


def _reason(error: BaseException) -> str:
    """The first words of a launcher's error, on one line."""
    paragraphs = [" ".join(text.split()) for text in str(error).split("\n\n")]
    told = " ".join(text for number, text in enumerate(paragraphs) if number == 0 or "exit code" in text)
    told = told if len(told) <= _LONGEST_REASON else f"{told[:_LONGEST_REASON]} …"
    return f"{type(error).__name__}: {told}"
