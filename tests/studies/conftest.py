"""Hydra's command line with our configurations and sweeper, and a training that takes no time."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import hydra
import pytest
from hydra.core.global_hydra import GlobalHydra
from hydra.core.hydra_config import HydraConfig
from omegaconf import DictConfig, OmegaConf

from resemblance.config import config_dir, to_plain
from resemblance.errors import TrainingError
from resemblance.results import Result, Scalar
from resemblance.tracking.run_directory import RunDirectory
from resemblance.tracking.run_record import record_of


class Run(Protocol):
    """``train.py -m`` with arguments; gives back the folders of the jobs that ran, in their order."""

    def __call__(self, *arguments: str, study: str = "study") -> list[str]: ...


@dataclass
class Trainings:
    """What the trainings of a test are told.

    Attributes:
        fail: losses whose trainings fail.
        ran: folders of those that ran.
    """

    fail: set[str] = field(default_factory=set)
    ran: list[str] = field(default_factory=list)


@pytest.fixture
def trainings() -> Trainings:
    return Trainings()


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, trainings: Trainings) -> Iterator[Run]:
    """``train.py -m`` within this process."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HYDRA_FULL_ERROR", "1")

    def quick_training(config: DictConfig) -> None:
        """Its figure is best at margin 0.3 and a low learning rate; a margin above 0.45 fails."""
        plain = to_plain(config)
        hydra_config = HydraConfig.get()
        folder = Path(hydra_config.runtime.output_dir)
        trainings.ran.append(folder.relative_to(Path(hydra_config.sweep.dir).absolute()).as_posix())
        directory = RunDirectory(folder)
        choices = {"loss": hydra_config.runtime.choices["loss"], "backbone": "tiny", "data": "rendered_faces"}
        directory.write_config(OmegaConf.to_yaml(OmegaConf.create({**plain, "choices": choices})))
        margin = plain["loss"].get("margin", 0.0)
        if margin > 0.45 or choices["loss"] in trainings.fail:
            raise TrainingError("The loss became nan.")
        value = 0.9 - (margin - 0.3) ** 2 - (plain["optimizer"]["lr"] - 0.002)
        figures = {"val/verification/auc": Scalar(value, "AUC"), "train/seconds": Scalar(1.5, "seconds")}
        directory.finish(Result(figures), record_of(plain, list(hydra_config.overrides.task), 1))

    def command(*arguments: str, study: str = "study") -> list[str]:
        trainings.ran.clear()
        arguments = ("-m", "logger=none", f"hydra.sweep.dir={tmp_path / study}", *arguments)
        monkeypatch.setattr("sys.argv", ["train.py", *arguments])
        GlobalHydra.instance().clear()
        hydra.main(version_base="1.3", config_path=str(config_dir()), config_name="train")(quick_training)()
        return list(trainings.ran)

    yield command
    GlobalHydra.instance().clear()
