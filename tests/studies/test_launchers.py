"""The presets of ``conf/hydra/launcher`` fit the launchers that are installed, whose schemas check them."""

from importlib.util import find_spec

import pytest
from hydra import compose, initialize_config_dir
from hydra.core.global_hydra import GlobalHydra

from resemblance.config import config_dir


@pytest.fixture(autouse=True)
def hydra():
    GlobalHydra.instance().clear()
    with initialize_config_dir(str(config_dir()), version_base="1.3"):
        yield


@pytest.mark.parametrize(
    ("launcher", "plugin", "setting"),
    [
        ("processes", "hydra_joblib_launcher", "n_jobs=4"),
        ("slurm", "hydra_submitit_launcher", "gpus_per_node=2"),
        ("submitit_local", "hydra_submitit_launcher", "timeout_min=5"),
        ("cluster", "hydra_ray_launcher", "ray.remote.num_gpus=2"),
    ],
)
def test_a_launcher_composes_and_takes_its_settings(launcher, plugin, setting):
    if find_spec(f"hydra_plugins.{plugin}") is None:
        pytest.skip(f"{plugin} is not installed")
    config = compose(
        "train", [f"hydra/launcher={launcher}", f"hydra.launcher.{setting}"], return_hydra_config=True
    ).hydra.launcher
    key, _, value = setting.partition("=")
    for part in key.split("."):
        config = config[part]
    assert str(config) == value


def test_jobs_of_slurm_leave_their_logs_in_the_study(tmp_path):
    pytest.importorskip("hydra_plugins.hydra_submitit_launcher")
    config = compose(
        "train", ["hydra/launcher=slurm", f"hydra.sweep.dir={tmp_path}"], return_hydra_config=True
    ).hydra.launcher
    assert config._target_.endswith("SlurmLauncher")
    assert config.submitit_folder == f"{tmp_path}/.submitit/%j"
