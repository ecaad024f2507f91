"""Studies in real processes that are killed."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.helpers import REPOSITORY

PROCESSES = ["hydra/launcher=processes", "hydra.launcher.n_jobs=2"]


def start(study: Path, *arguments: str, **told: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [
            sys.executable,
            "-m",
            "tests.studies.light_training",
            "-m",
            "logger=none",
            f"hydra.sweep.dir={study}",
            *arguments,
        ],
        cwd=REPOSITORY,
        env={**os.environ, **told},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def end(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    try:
        out, err = process.communicate(timeout=240)
    finally:
        process.kill()
    assert "Traceback" not in err, err
    return process.returncode, out, err


@pytest.mark.slow
def test_a_killed_process_ends_its_job_alone_and_the_next_start_makes_up_for_it(tmp_path):
    study = tmp_path / "study"
    jobs = [*PROCESSES, "loss=cosface,triplet,angular", "seed=0,1"]
    code, _, err = end(start(study, *jobs, LIGHT_KILL="0"))
    assert code == 1
    finished = {path.parent.name for path in study.glob("*/metrics.json")}
    failed = {path.parent.name: path.read_text() for path in study.glob("*/failed.txt")}
    assert "0" in failed
    assert set(failed) <= {"0", "1"}, "joblib ends all workers with one; what they had not begun is begun again"
    assert finished == set("012345") - set(failed)
    assert failed["0"].startswith("The job's process was lost: TerminatedWorkerError: A worker process")
    assert err.splitlines()[-1] == f"resemblance: {len(failed)} of 6 jobs did not finish; the table above says why."
    before = {path: path.stat().st_mtime_ns for path in study.glob("*/metrics.json")}
    assert end(start(study, *jobs))[0] == 0
    assert {path: path.stat().st_mtime_ns for path in before} == before
    assert not [*study.rglob("failed.txt"), *study.rglob(".running")]


@pytest.mark.slow
def test_a_trial_that_is_lost_with_its_process_does_not_end_the_study(tmp_path):
    study = tmp_path / "study"
    jobs = [*PROCESSES, "sweep=tune", "sweep.trials=2", "loss=cosface,triplet", "seed=0"]
    code, _, err = end(start(study, *jobs, LIGHT_KILL="tuning/cosface/1"))
    assert code == 1
    assert "lost with" in err.splitlines()[-1]
    assert "start the study again to make up for that" in err.splitlines()[-1]
    tuned = json.loads((study / "tuning.json").read_text())
    assert tuned["cosface"]["trials"][1]["value"] is None
    assert "process was lost" in tuned["cosface"]["trials"][1]["reason"]
    assert len(list(study.glob("[01]/metrics.json"))) == 2, "the study itself went on"
    assert end(start(study, *jobs))[0] == 0
    tuned = json.loads((study / "tuning.json").read_text())
    assert all(trial["value"] is not None for of in tuned.values() for trial in of["trials"])


@pytest.mark.slow
def test_a_cluster_that_gives_a_job_up_does_not_end_the_others(tmp_path):
    study = tmp_path / "study"
    jobs = ["hydra/launcher=submitit_local", "hydra.launcher.timeout_min=5", "loss=cosface,triplet", "seed=0"]
    code, _, err = end(start(study, *jobs, LIGHT_KILL="0"))
    assert code == 1
    assert err.splitlines()[-1] == "resemblance: 1 of 2 jobs did not finish; the table above says why."
    assert "process was lost" in (study / "0" / "failed.txt").read_text()
    assert (study / "1" / "metrics.json").exists()


def test_a_second_start_is_refused_while_the_first_lives_and_not_when_it_was_killed(tmp_path):
    study = tmp_path / "study"
    first = start(study, "loss=cosface", "seed=0", LIGHT_WAIT=str(tmp_path / "go"))
    try:
        while not (study / "0" / ".running").exists():
            assert first.poll() is None
            time.sleep(0.05)
        code, _, err = end(start(study, "loss=cosface", "seed=0,1"))
    finally:
        first.kill()
        first.communicate()
    assert code == 1
    assert err.startswith(f"resemblance: The study '{study}' is being run by process {first.pid} on ")
    assert len(err.splitlines()) == 1
    (tmp_path / "go").touch()
    assert end(start(study, "loss=cosface", "seed=0"))[0] == 0
