"""``conf/sweep/wandb.yaml`` and W&B's own agent: what it starts is the run that the sweep has opened."""

import json
import os
import subprocess
import sys

import pytest
import yaml
from hydra import compose, initialize_config_dir
from wandb.sdk.launch.sweeps.utils import create_sweep_command_args, load_sweep_config

from resemblance.config import config_dir
from tests.helpers import REPOSITORY
from tests.tracking.conftest import read_offline_run
from tests.tracking.wandb_server import KEY, wandb_server

SWEEP = REPOSITORY / "conf" / "sweep" / "wandb.yaml"


@pytest.fixture
def sweep():
    return load_sweep_config(str(SWEEP))


def drawn(sweep, end):
    """The arguments of one run of the sweep, each parameter at an end of its range."""
    values = {name: {"value": about["value"] if "value" in about else about[end]} for name, about in sweep.items()}
    return create_sweep_command_args({"args": values})["args_no_hyphens"]


@pytest.mark.parametrize("end", ["min", "max"])
def test_what_the_sweep_draws_is_a_training(sweep, end):
    arguments = drawn(sweep["parameters"], end)
    with initialize_config_dir(str(config_dir()), version_base="1.3"):
        config = compose("train", arguments)
    assert config.loss["_target_"].endswith("CosFaceLoss")
    assert config.loss.margin == sweep["parameters"]["loss.margin"][end]
    assert config.loss.scale == sweep["parameters"]["loss.scale"][end]
    assert config.optimizer.lr == sweep["parameters"]["optimizer.lr"][end]
    assert config.measure_test is False, "nothing is chosen by the test identities"


def test_the_sweep_asks_for_what_a_training_logs(sweep):
    with initialize_config_dir(str(config_dir()), version_base="1.3"):
        config = compose("train")
    assert sweep["metric"] == {"name": config.selection.metric, "goal": "maximize"}
    assert sweep["project"] == config.logger.project
    assert (REPOSITORY / sweep["program"]).is_file()
    assert sweep["command"] == ["${env}", "${interpreter}", "${program}", "${args_no_hyphens}"]
    assert sweep["run_cap"] > 0
    assert sweep["early_terminate"]["min_iter"] < config.epochs


def environment(folder, **more):
    path = f"{os.path.dirname(sys.executable)}:{os.environ['PATH']}"
    return {**os.environ, "PATH": path, "HOME": str(folder), "WANDB_API_KEY": KEY, **more}


@pytest.mark.slow
def test_a_run_of_an_agent_is_the_run_that_the_sweep_has_opened(tmp_path):
    ended = subprocess.run(
        [sys.executable, str(REPOSITORY / "train.py"), "trainer=smoke", "output_dir=run", "measure_test=false"],
        cwd=tmp_path,
        env=environment(
            tmp_path,
            WANDB_MODE="offline",
            WANDB_SWEEP_ID="abcd1234",
            WANDB_RUN_ID="run00001",
            WANDB_PROJECT="elsewhere",
            WANDB_ENTITY="us",
        ),
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert ended.returncode == 0, ended.stderr
    assert "Ignoring" not in ended.stderr
    (folder,) = (tmp_path / "run" / "wandb").glob("offline-run-*")
    found = read_offline_run(folder)
    assert (found.run["run_id"], found.run["sweep_id"], found.run["project"]) == ("run00001", "abcd1234", "elsewhere")
    assert found.run["job_type"] == "tune"
    assert found.summary["val/verification/auc"] > 0
    assert not any(key.startswith("test/") for key in found.summary)


@pytest.mark.slow
def test_the_agent_trains_what_it_is_told(tmp_path):
    short = {**yaml.safe_load(SWEEP.read_text()), "program": str(REPOSITORY / "train.py")}
    short["parameters"]["trainer"] = {"value": "smoke"}
    file = tmp_path / "sweep.yaml"
    file.write_text(yaml.safe_dump(short))
    arguments = {name: {"value": about.get("value", about.get("min"))} for name, about in short["parameters"].items()}
    with wandb_server() as server:
        server.commands = [
            [{"type": "run", "run_id": "run00001", "program": short["program"], "args": arguments}],
        ]
        told = environment(tmp_path, WANDB_BASE_URL=server.url, WANDB_ENTITY="us")

        def wandb(*command):
            return subprocess.run(
                [sys.executable, "-m", "wandb", *command],
                cwd=tmp_path,
                env=told,
                capture_output=True,
                text=True,
                timeout=300,
            )

        made = wandb("sweep", str(file))
        assert "wandb agent us/resemblance/abcd1234" in made.stderr, made.stderr
        ended = wandb("agent", "us/resemblance/abcd1234")
    assert ended.returncode == 0, ended.stderr
    opened = server.asked("UpsertBucket")
    assert {(run["name"], run["sweep"], run["entity"], run["project"]) for run in opened if run["sweep"]} == {
        ("run00001", "abcd1234", "us", "resemblance")
    }, ended.stderr
    assert opened[0]["jobType"] == "tune"
    (metrics,) = (tmp_path / "runs").rglob("metrics.json")
    assert "val/verification/auc" in json.loads(metrics.read_text())
