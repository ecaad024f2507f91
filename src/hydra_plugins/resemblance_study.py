"""Hydra's way to run a study: only what is not finished yet, and tuned settings where they are asked for.

Hydra takes sweepers from the package ``hydra_plugins`` alone; what this one does lies in :mod:`resemblance.studies`.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from hydra._internal.core_plugins.basic_sweeper import BasicSweeper
from hydra.core.override_parser.overrides_parser import OverridesParser
from omegaconf import OmegaConf


class StudySweeper(BasicSweeper):
    """Every combination of what is swept, in one multirun directory that can be gone on with.

    Args:
        max_batch_size: jobs handed to the launcher at once; None hands over all.
        params: ``KEY: VALUES`` as on the command line, which takes precedence.
    """

    def __init__(self, max_batch_size: int | None, params: dict[str, str] | None = None) -> None:
        super().__init__(max_batch_size, params)

    def sweep(self, arguments: list[str]) -> Any:
        """Run what is not finished of the combinations of ``arguments``."""
        from resemblance.studies.running import run_study
        from resemblance.studies.settings import check_option

        assert self.hydra_context is not None
        assert self.config is not None
        check_option(self.config.hydra.runtime.choices.get("sweep"))
        overrides = OverridesParser.create(config_loader=self.hydra_context.config_loader).parse_overrides(
            [*self._parse_config(), *arguments]
        )
        combinations = [job for batch in self.split_arguments(overrides, None) for job in batch]
        directory = Path(self.config.hydra.sweep.dir)
        directory.mkdir(parents=True, exist_ok=True)
        OmegaConf.save(self.config, directory / "multirun.yaml")
        return run_study(self, combinations, directory)

    def configured(self, overrides: Sequence[str]) -> tuple[dict[str, Any], Mapping[str, str]]:
        """What overrides compose to, as plain containers, and the option that is taken of each group."""
        from resemblance.config import to_plain

        assert self.hydra_context is not None
        assert self.config is not None
        composed = self.hydra_context.config_loader.load_sweep_config(self.config, list(overrides))
        choices = {str(group): str(option) for group, option in composed.hydra.runtime.choices.items()}
        plain = OmegaConf.create({key: value for key, value in composed.items_ex(resolve=False) if key != "hydra"})
        return to_plain(plain), choices

    def launch(self, jobs: Sequence[tuple[Sequence[str], str]]) -> None:
        """Hand overrides and folder of each job to the launcher; a job that fails says so in its folder.

        Args:
            jobs: at least one.
        """
        assert self.launcher is not None
        batches = [[*overrides, f"hydra.sweep.subdir={folder}"] for overrides, folder in jobs]
        number = 0
        for batch in self.split_overrides_to_chunks(batches, self.max_batch_size):
            for job in self.launcher.launch(batch, initial_job_idx=number):
                _ = job.return_value  # raises what the callback could not record
            number += len(batch)
