"""``python evaluate.py`` as a user meets it: help, sentences, multiruns, a run that is killed."""

import csv
import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
import yaml

from resemblance.config import config_dir
from resemblance.tracking.reading import read_results
from tests import prewarmed
from tests.helpers import REPOSITORY, options
from tests.tracking.conftest import read_offline_run


@pytest.fixture
def command(tmp_path):
    def run(*arguments):
        environment = {**os.environ, "HOME": str(tmp_path), "RESEMBLANCE_CACHE": str(tmp_path / "cache")}
        return prewarmed.run("evaluate.py", *arguments, cwd=tmp_path, env=environment)

    return run


@pytest.fixture
def vectors(tmp_path):
    """A function that writes some embeddings of 20 people or more."""

    def write(name, seed=0, people=20):
        generator = np.random.default_rng(seed)
        names = [f"P{person:04d}_{number:04d}" for person in range(people) for number in range(1, 7)]
        emb = np.repeat(generator.normal(size=(people, 16)), 6, 0) + generator.normal(size=(6 * people, 16))
        np.savez(tmp_path / name, names=np.array(names), emb=emb)

    return write


def test_help_lists_groups_and_options_at_once(tmp_path):
    words = [sys.executable, str(REPOSITORY / "evaluate.py"), "--help"]
    ended = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert ended.returncode == 0
    for group in ("model", "data", "protocol", "logger"):
        (line,) = [line for line in ended.stdout.splitlines() if line.startswith(f"{group}: ")]
        assert line == f"{group}: {', '.join(options(group))}"
    for setting in yaml.safe_load((config_dir() / "evaluate.yaml").read_text()):
        documented = (REPOSITORY / "docs" / "evaluate.md").read_text()
        assert setting in ("defaults", "hydra") or f"`{setting}" in documented, setting


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["protocl=faces"], "no setting 'protocl'; did you mean 'protocol'?"),
        (["dat.root=x"], "no setting 'dat'; did you mean 'data'?"),
        (["loss=cosface"], "no group 'loss' in evaluate.py; python evaluate.py --help"),
        (["protocol=face"], "no protocol called 'face'; protocol is one of breakdown, faces"),
        (["protocol.verification.fars=[0.1]"], "A setting of 'protocol' needs a choice of it"),
        (["identity_pattern=(.*)_"], "can't be read as key=value; put a value with brackets"),
        (["embeddings=v.npz", "evaluation.batchsize=3"], "did you mean 'evaluation.batch_size'?"),
        (["checkpoint=nowhere"], "There is no checkpoint 'nowhere'"),
    ],
)
def test_a_mistake_ends_in_one_sentence_and_leaves_no_directory(command, tmp_path, arguments, sentence):
    ended = command(*arguments)
    assert ended.returncode == 1
    last = ended.stderr.strip().splitlines()[-1]
    assert sentence in last
    assert last.startswith("resemblance: ")
    assert last.endswith(".")
    assert "Traceback" not in ended.stderr + ended.stdout
    assert not list(tmp_path.rglob("config.yaml"))


def test_a_multirun_gives_a_row_for_each_and_goes_on_after_a_failure(command, tmp_path, vectors):
    vectors("a.npz", seed=0)
    vectors("b.npz", seed=1)
    (tmp_path / "c.npz").write_bytes(b"nonsense")
    ended = command("-m", "embeddings=a.npz,c.npz,b.npz", "logger=none", "hydra.sweep.dir=sweep")
    assert ended.returncode == 1
    assert "'c.npz' can't be read as embeddings" in ended.stderr
    assert "Traceback" not in ended.stderr
    with (tmp_path / "sweep" / "runs.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [(row["name"], row["status"]) for row in rows] == [
        ("a", "finished"),
        ("embeddings=c.npz logger=none", "failed"),
        ("b", "finished"),
    ]
    assert float(rows[0]["test/verification/auc"]) != float(rows[2]["test/verification/auc"])


def test_an_evaluation_is_logged_offline_as_one(command, tmp_path, vectors):
    vectors("a.npz")
    ended = command("embeddings=a.npz", "output_dir=run")
    assert ended.returncode == 0, ended.stderr
    assert "wandb" in ended.stdout
    (folder,) = (tmp_path / "run" / "wandb").glob("offline-run-*")
    run = read_offline_run(folder)
    assert (run.run["job_type"], run.run["display_name"], run.exit_code) == ("evaluate", "a", 0)
    assert run.config["embeddings"] == "a.npz"
    assert run.config["choices"]["protocol"] == "faces"
    measured = read_results(tmp_path / "run")
    assert {"test/verification/auc", "test/identification/rank_1", "test/acquisition/fta"} <= measured.scalars.keys()
    for key, scalar in measured.scalars.items():
        assert run.summary[key] == pytest.approx(scalar.value), key
    assert not any(key.startswith(("baseline/", "train/")) for key in run.summary)
    assert run.table("test/roc_table")["columns"] == ["FAR", "log10 FAR", "TAR"]
    hardest = run.table("test/verification/hardest_pairs")
    assert len(hardest["data"]) == 48
    for name in ("roc", "scores", "cmc"):
        (image,) = [row for row in run.history if f"figures/{name}._type" in row]
        copied = run.folder / "files" / image[f"figures/{name}.path"]
        assert copied.read_bytes() == (tmp_path / "run" / "figures" / f"{name}.png").read_bytes()


def test_a_killed_evaluation_leaves_nothing_that_looks_finished_and_its_place_can_be_used_again(tmp_path, vectors):
    vectors("a.npz", people=5_000)  # measuring them takes far longer than it takes to kill it
    process = prewarmed.start("evaluate.py", "embeddings=a.npz", "output_dir=run", "logger=none", cwd=tmp_path)
    deadline = time.monotonic() + 120
    while not (tmp_path / "run" / "config.yaml").exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    process.kill()
    assert process.wait() == -signal.SIGKILL
    assert (tmp_path / "run" / "config.yaml").exists()
    assert not (tmp_path / "run" / "metrics.json").exists()
    vectors("a.npz")
    again = [sys.executable, str(REPOSITORY / "evaluate.py"), "embeddings=a.npz", "output_dir=run", "logger=none"]
    ended = subprocess.run(again, cwd=tmp_path, capture_output=True, text=True, timeout=300)
    assert ended.returncode == 0, ended.stderr
