"""Hydra's command line with our configurations and sweeper, and a training that takes no time."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

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

Run = Callable[..., list[str]]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    """``train.py -m`` within this process; gives back the folders of the jobs that ran, in their order."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HYDRA_FULL_ERROR", "1")
    for name in [name for name in os.environ if name.startswith("WANDB_")]:
        monkeypatch.delenv(name)
    ran: list[str] = []

    def quick_training(config: DictConfig) -> None:
        """Its figure is best at margin 0.3 and a learning rate of 0.002; a margin above 0.45 fails."""
        plain = to_plain(config)
        folder = Path(HydraConfig.get().runtime.output_dir)
        ran.append(str(folder.relative_to(tmp_path / "study")))
        directory = RunDirectory(folder)
        directory.write_config(OmegaConf.to_yaml(OmegaConf.create(plain)))
        margin = plain["loss"].get("margin", 0.0)
        if margin > 0.45:
            raise TrainingError("The loss became nan.")
        value = 0.9 - (margin - 0.3) ** 2 - (plain["optimizer"]["lr"] - 0.002)
        figures = {"val/verification/auc": Scalar(value, "AUC"), "train/seconds": Scalar(1.5, "seconds")}
        directory.finish(Result(figures), record_of(plain, list(HydraConfig.get().overrides.task), 1))

    def command(*arguments: str) -> list[str]:
        ran.clear()
        arguments = ("-m", "logger=none", f"hydra.sweep.dir={tmp_path / 'study'}", *arguments)
        monkeypatch.setattr("sys.argv", ["train.py", *arguments])
        GlobalHydra.instance().clear()
        hydra.main(version_base="1.3", config_path=str(config_dir()), config_name="train")(quick_training)()
        return list(ran)

    yield command
    GlobalHydra.instance().clear()
