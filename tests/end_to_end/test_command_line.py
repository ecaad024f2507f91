"""The command line as a user meets it: sentences instead of tracebacks, exit codes, sweeps."""

import csv
import json
import os
import signal
import subprocess
import sys
import time
from importlib.util import find_spec

import pytest

from resemblance import __version__
from tests import prewarmed
from tests.helpers import REPOSITORY


@pytest.fixture
def command(tmp_path):
    def run(*arguments):
        return prewarmed.run("train.py", *arguments, cwd=tmp_path, env=without_a_home(tmp_path))

    return run


def without_a_home(folder):
    return {**os.environ, "HOME": str(folder), "RESEMBLANCE_CACHE": str(folder / "cache")}


def started_by_python(folder, *arguments, **environment):
    """As users start it, which takes the seconds of its imports."""
    return subprocess.run(
        [sys.executable, str(REPOSITORY / "train.py"), *arguments],
        cwd=folder,
        env={**without_a_home(folder), **environment},
        capture_output=True,
        text=True,
        timeout=300,
    )


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["loss=cosfac"], "no loss called 'cosfac'; loss is one of adaface, angular, arcface, batch_hard"),
        (["backbone=resnet51"], "no backbone called 'resnet51'; backbone is one of resnet18, resnet50, timm, tiny"),
        (["loss.margn=1"], "no setting 'loss.margn'; did you mean 'loss.margin'? 'loss' has: label_smoothing, margin"),
        (["bakbone=tiny"], "no setting 'bakbone'; did you mean 'backbone'? There are: augmentation, backbone, batch"),
        (["memory.size=4"], "no setting 'memory.size': this option of 'memory' has none."),
        (["batch.chunk_size=1"], "batch.chunk_size is 1, but should be greater than or equal to 2"),
        (["+loss.foo=1"], "no setting 'loss.foo'. 'loss' has: label_smoothing, margin, scale."),
        (
            ["loss=triplet", "loss.mining=x"],
            "loss.mining is 'x', but should be 'semihard', 'hard', 'all', 'hardest_semihard', 'distance_weighted' or",
        ),
        (["loss"], "'loss' is not KEY=VALUE, such as"),
        (
            ["loss=cosface,triplet"],
            "'loss=cosface,triplet' has several values; write a list as loss=[cosface,triplet], or",
        ),
        (["+foo=1"], "no setting 'foo'. There are: augmentation, backbone"),
        (["output_dir=file"], "is a file, so there can be no folder; choose another one with output_dir="),
        (["data=folder", "data.root=file"], "'file' is neither a folder nor a zip file."),
        (["-m", "loss=triplet,typo"], "no loss called 'typo'"),
        pytest.param(
            ["-m", "hydra/launcher=cluster"],
            "That launcher is not installed; pip install 'resemblance[ray]'.",
            marks=pytest.mark.skipif(find_spec("ray") is not None, reason="it is installed"),
        ),
        (["output_dir=/proc/run"], "'/proc/run' can't be used"),
        (["trainer.precision=7"], "trainer.precision is 7, but should be 'auto'"),
        (["-m", "output_dir=here", "seed=0,1"], "set that instead of output_dir"),
        (["data=lfw", "data.root=nowhere"], "nowhere"),
        (["backbone=timm", "backbone.name=resnet51", "trainer=smoke"], "timm has no network called 'resnet51'"),
        (["logger.mode=sometimes", "trainer=smoke"], "logger.mode is one of online, offline, disabled"),
        (["trainer=smoke", "batch.identities=99"], "lower batch.identities"),
    ],
)
def test_a_mistake_ends_in_one_sentence_and_exit_code_1(command, tmp_path, arguments, sentence):
    (tmp_path / "file").write_text("")
    ended = command(*arguments)
    assert ended.returncode == 1
    assert sentence in ended.stderr
    last = ended.stderr.strip().splitlines()[-1]
    assert last.startswith("resemblance: ")
    assert last.endswith(".")
    assert "Traceback" not in ended.stderr + ended.stdout
    assert not list(tmp_path.rglob("metrics.json"))


def test_help_lists_every_group_without_importing_torch(tmp_path):
    ended = started_by_python(tmp_path, "--help")
    assert ended.returncode == 0
    for line in ("loss: adaface, angular, arcface, batch_hard, circle", "backbone: resnet18", "trainer: "):
        assert line in ended.stdout
    probe = "import sys, resemblance.cli, resemblance.tracking.sweep; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", probe], check=False).returncode == 0


def test_the_version_is_ours(tmp_path):
    assert started_by_python(tmp_path, "--version").stdout == f"resemblance {__version__}\n"


def test_a_rehearsal_works_without_network_account_or_home(tmp_path):
    words = ("trainer=smoke", "output_dir=run", "backbone.widths=[8,16]")
    ended = started_by_python(tmp_path, *words, HTTPS_PROXY="http://127.0.0.1:9")
    assert ended.returncode == 0, ended.stderr
    assert "Traceback" not in ended.stderr
    assert json.loads((tmp_path / "run" / "metrics.json").read_text())
    assert list((tmp_path / "run" / "wandb").glob("offline-run-*"))
    at_home = {path.name for path in tmp_path.iterdir()} - {"run", "cache", ".cache", ".config"}
    assert not at_home


def test_a_killed_run_leaves_nothing_that_looks_finished(tmp_path):
    small = ("data.train_identities=64", "data.test_identities=10", "data.validation_identities=10")
    words = ("output_dir=run", "logger=none", "epochs=1000", *small, "data.cache_dir=null")
    process = prewarmed.start("train.py", *words, cwd=tmp_path)
    checkpoint = tmp_path / "run" / "checkpoints" / "last.ckpt"
    deadline = time.monotonic() + 240
    while not checkpoint.exists() and time.monotonic() < deadline:
        time.sleep(0.2)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert checkpoint.exists()
    assert (tmp_path / "run" / "history.csv").exists(), "the epochs that it has seen can be read"
    assert not (tmp_path / "run" / "metrics.json").exists()


def test_a_sweep_gives_a_run_and_a_wandb_run_for_each_job_and_one_table(command, tmp_path):
    ended = command("-m", "loss=triplet,angular", "trainer=smoke", "backbone.widths=[8]", "hydra.sweep.dir=sweep")
    assert ended.returncode == 0, ended.stderr
    jobs = sorted(path for path in (tmp_path / "sweep").iterdir() if (path / "metrics.json").exists())
    assert len(jobs) == 2
    assert [len(list((job / "wandb").glob("offline-run-*"))) for job in jobs] == [1, 1]
    with (tmp_path / "sweep" / "runs.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert {(row["loss"], row["backbone"], row["seed"]) for row in rows} == {
        (loss, "tiny", "0") for loss in ("triplet", "angular")
    }
    for row in rows:
        assert 0 <= float(row["test/verification/auc"]) <= 1
        assert 0 <= float(row["test/identification/rank_5"]) <= 1
    assert "angular" in ended.stdout


def test_one_failed_job_does_not_stop_the_others(command, tmp_path):
    ended = command(
        "-m", "batch.identities=4,99", "trainer=smoke", "logger=none", "backbone.widths=[8]", "hydra.sweep.dir=sweep"
    )
    assert ended.returncode == 1
    assert "lower batch.identities" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert len(list((tmp_path / "sweep").rglob("metrics.json"))) == 1
