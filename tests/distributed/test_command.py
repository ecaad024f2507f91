"""``python train.py trainer.devices=2``: real processes, what they leave behind, and how they end."""

import csv
import os
import signal
import subprocess
import time
from io import StringIO

import pytest
import torch
from omegaconf import OmegaConf
from rich.console import Console

from resemblance import checkpoints, parts
from resemblance.config import to_plain
from resemblance.devices import number_of_devices
from resemblance.errors import ConfigurationError, TrainingError
from resemblance.processes import check_not_launched, started_workers
from resemblance.settings import check_settings
from resemblance.tracking.run_directory import RunDirectory
from resemblance.tracking.run_record import configuration_hash, read_record
from resemblance.trainers import check_trainer
from resemblance.training import train
from tests import prewarmed
from tests.helpers import composed

ON_TWO = ("trainer.devices=2", "trainer.accelerator=cpu", "backbone.widths=[8]")


def start(folder, *arguments):
    return prewarmed.start("train.py", *ON_TWO, *arguments, cwd=folder)


def workers(of):
    """Process ids of the workers that this process has started."""
    listed = subprocess.run(["ps", "-eo", "pid=,ppid=,args="], capture_output=True, text=True, check=True).stdout
    rows = [line.split(maxsplit=2) for line in listed.splitlines()]
    return [int(pid) for pid, parent, command in rows if int(parent) == of and "resemblance.worker" in command]


def lives(pid):
    """Whether it runs; a zombie, which nobody has asked for its exit code yet, doesn't."""
    state = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True).stdout.strip()
    return bool(state) and not state.startswith("Z")


def until(condition):
    deadline = time.monotonic() + 240
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_one_call_trains_on_two_processes_and_leaves_this_one_as_it_was(tmp_path):
    environment, threads = dict(os.environ), torch.get_num_threads()
    config = composed(*ON_TWO, "trainer=smoke", "logger=none", "epochs=2")
    outcome = train(config, tmp_path / "run", (), Console(file=StringIO()))
    written = {path.name for path in (tmp_path / "run").iterdir()}
    assert {"metrics.json", "results.json", "history.csv", "config.yaml", "embeddings.safetensors"} <= written
    assert not [name for name in written if name.startswith("worker")]
    with (tmp_path / "run" / "history.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [row["epoch"] for row in rows] == ["1", "2"]
    # Each process has embedded its part of the validation set; at the end the first has measured all of it again.
    chosen_by = max(float(row["val/verification/auc"]) for row in rows)
    assert outcome.trained.validation.scalars["verification/auc"].value == pytest.approx(chosen_by, abs=1e-6)
    network, _ = checkpoints.load(tmp_path / "run" / "checkpoints" / "best.ckpt")
    test_set = parts.build_source(to_plain(config)).test()
    vectors = network.embed(test_set.images, flip_average=True).detach()
    torch.testing.assert_close(vectors, outcome.trained.embeddings.vectors, rtol=1e-4, atol=1e-5)
    assert not torch.distributed.is_initialized()
    assert torch.get_num_threads() == threads
    record = read_record(tmp_path / "run")
    assert (record.threads, record.configuration) == (max(1, threads // 2), configuration_hash(to_plain(config)))
    assert {k: v for k, v in os.environ.items() if not k.startswith("PL_")} == {
        k: v for k, v in environment.items() if not k.startswith("PL_")
    }


def test_a_multirun_gives_each_job_a_run_directory_and_a_wandb_run(tmp_path):
    process = start(tmp_path, "loss=triplet,cosface", "trainer=smoke", "hydra.sweep.dir=sweep", "-m")
    _, errors = process.communicate(timeout=400)
    assert process.returncode == 0, errors
    assert not errors.strip(), "workers and Lightning are silent"
    for job in ("0", "1"):
        assert (tmp_path / "sweep" / job / "metrics.json").exists()
        assert len(list((tmp_path / "sweep" / job / "wandb").glob("offline-run-*"))) == 1
    assert (tmp_path / "sweep" / "runs.csv").read_text().count("\n") == 3


@pytest.fixture
def endless(tmp_path):
    """``(process, its worker)`` of a training that would go on for hours, after its first epoch."""
    process = start(tmp_path, "output_dir=run", "logger=none", "trainer=smoke", "epochs=100000")
    try:
        until(lambda: (tmp_path / "run" / "checkpoints" / "last.ckpt").exists() or process.poll() is not None)
        (worker,) = workers(process.pid)
        yield process, worker
    finally:
        process.kill()
        process.communicate()
    assert not (tmp_path / "run" / "metrics.json").exists()


def test_a_worker_that_is_killed_ends_the_run_in_one_sentence(endless, tmp_path):
    process, worker = endless
    os.kill(worker, signal.SIGKILL)
    _, errors = process.communicate(timeout=240)
    assert process.returncode == 1
    assert "Traceback" not in errors
    last = errors.strip().splitlines()[-1]
    log = tmp_path / "run" / "worker_1.log"
    assert last == f"resemblance: Process 2 of 2 was killed by SIGKILL; what it wrote is in '{log}'."
    assert log.exists()


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT, pytest.param(signal.SIGTERM, marks=pytest.mark.slow)])
def test_no_worker_outlives_its_run(endless, how):
    process, worker = endless
    process.send_signal(how)
    _, errors = process.communicate(timeout=240)
    assert process.returncode != 0
    assert ("resemblance: interrupted" in errors) == (how == signal.SIGINT)
    until(lambda: not lives(worker))


def joined(folder, config):
    if config is not None:
        (folder / "config.yaml").write_text(OmegaConf.to_yaml(config))
    with started_workers(folder, 2) as workers, workers.joined(torch.device("cpu")):
        pass


def test_the_mistake_that_ends_a_worker_is_the_runs(tmp_path):
    config = composed(*ON_TWO, "trainer=smoke", "batch.identities=98")
    with pytest.raises(
        TrainingError, match="^A batch of 98 identities can't be drawn from a training set of 16; lower"
    ):
        joined(tmp_path, config)


def test_a_defect_of_a_worker_is_named_with_the_place_of_its_traceback(tmp_path):
    with pytest.raises(TrainingError, match=r"^Process 2 of 2 failed \(FileNotFoundError: .*worker_1.log'\.$"):
        joined(tmp_path, None)
    assert "Traceback" in (tmp_path / "worker_1.log").read_text()
    RunDirectory(tmp_path).begin("epochs: 1")
    assert not (tmp_path / "worker_1.log").exists(), "the next run there begins anew"


def checked(*overrides):
    config = to_plain(composed("trainer.accelerator=cpu", *overrides))
    check_settings(config)
    check_trainer(config, parts.validation_keys(config))


@pytest.mark.parametrize(
    ("override", "sentence"),
    [
        (
            "trainer.devices=3",
            "batch.identities=32 can't be shared equally by trainer.devices=3 processes; set it to a",
        ),
        ("trainer.devices=0", "trainer.devices is 0, but should be"),
        ("trainer.devices=all", "trainer.devices is 'all', but should be"),
        ("trainer.gather=maybe", "trainer.gather is 'maybe', but should be"),
    ],
)
def test_what_can_not_work_is_refused_when_the_configuration_is_read(override, sentence):
    with pytest.raises(ConfigurationError, match=f"^{sentence}"):
        checked(override)
    checked("trainer.devices=2")


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_more_devices_than_there_are_gpus_are_refused():
    assert number_of_devices(to_plain(composed("trainer.devices=auto"))["trainer"]) == 1
    with pytest.raises(ConfigurationError, match="PyTorch can't use trainer.accelerator=gpu here"):
        checked("trainer.devices=2", "trainer.accelerator=gpu")


@pytest.mark.parametrize("variable", ["WORLD_SIZE", "SLURM_STEP_NUM_TASKS"])
def test_a_launcher_that_has_started_several_is_refused(variable):
    with pytest.raises(ConfigurationError, match=f"{variable}=4 says .* use python train.py trainer.devices=4"):
        check_not_launched({variable: "4"})
    check_not_launched({variable: "1"})
    check_not_launched({})
