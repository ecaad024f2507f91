"""A study as a user has it: tuned, killed, gone on with, compared; by the command line and with real trainings."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest

from tests.helpers import REPOSITORY

STUDY = [
    "-m",
    "sweep=tune",
    "sweep.trials=2",
    "sweep.epochs=1",
    "trainer=smoke",
    "logger=none",
    "loss=cosface,triplet_hard",
    "seed=1,2",
    "hydra.sweep.dir=study",
    "hydra/launcher=processes",
]


@pytest.mark.slow
def test_a_study_that_was_killed_ends_as_if_it_had_not_been(tmp_path):
    environment = {**os.environ, "RESEMBLANCE_CACHE": str(tmp_path / "cache")}
    command = [sys.executable, str(REPOSITORY / "train.py"), *STUDY]
    killed = subprocess.Popen(command, cwd=tmp_path, env=environment, start_new_session=True)
    deadline = time.monotonic() + 300
    while len(list(tmp_path.glob("study/tuning/*/*/metrics.json"))) < 3:
        assert time.monotonic() < deadline
        assert killed.poll() is None
        time.sleep(0.2)
    os.killpg(killed.pid, signal.SIGKILL)
    killed.wait()
    finished = {path: path.stat().st_mtime_ns for path in tmp_path.glob("study/**/metrics.json")}

    went_on = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=600)
    assert went_on.returncode == 0, went_on.stderr
    assert {path: path.stat().st_mtime_ns for path in finished} == finished, "nothing is trained twice"
    tuned = json.loads((tmp_path / "study" / "tuning.json").read_text())
    assert {name: len(found["trials"]) for name, found in tuned.items()} == {"cosface": 2, "triplet_hard": 2}
    assert len(list(tmp_path.glob("study/[0-9]/metrics.json"))) == 4

    compared = subprocess.run(
        [sys.executable, str(REPOSITORY / "compare.py"), "runs=study", "output_dir=compared"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert compared.returncode == 0, compared.stderr
    assert "cosface" in compared.stdout
    assert (tmp_path / "compared" / "report.html").is_file()
