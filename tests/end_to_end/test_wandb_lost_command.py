"""``train.py`` while W&B's network, server or disk is lost: the training ends, with one warning."""

import json
import os
import subprocess
import sys
import time

import pytest

from resemblance.tracking import dashboard
from tests.helpers import REPOSITORY
from tests.tracking.conftest import read_offline_run
from tests.tracking.wandb_server import KEY, wandb_server

pytestmark = pytest.mark.slow
SMOKE = ("trainer=smoke", "output_dir=run", "seed=3")


def started(folder, *arguments, **environment):
    quick = {"WANDB_INIT_TIMEOUT": "3", "WANDB_FINISH_TIMEOUT": "3", "WANDB_HTTP_TIMEOUT": "3"}
    return subprocess.Popen(
        [sys.executable, str(REPOSITORY / "train.py"), *SMOKE, *arguments],
        cwd=folder,
        env={**os.environ, **quick, "HOME": str(folder), "WANDB_API_KEY": KEY, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def ended(process):
    output, errors = process.communicate(timeout=300)
    assert process.returncode == 0, errors
    assert "Traceback" not in output + errors
    return " ".join(output.split()), errors


def check_finished(folder, output):
    assert json.loads((folder / "run" / "metrics.json").read_text())["test/verification/auc"]
    assert output.count("warning:") == 1


def test_no_network(tmp_path):
    process = started(tmp_path, "logger.mode=online", WANDB_BASE_URL="http://127.0.0.1:9")
    output, _ = ended(process)
    check_finished(tmp_path, output)
    assert "warning: W&B can't be reached (Post " in output
    (folder,) = (tmp_path / "run" / "wandb").glob("offline-run-*")
    found = read_offline_run(folder)
    assert found.exit_code == 0
    assert found.summary["test/verification/auc"] > 0

    # The dashboard asks for nothing that is not there.
    logged = {key.partition("._type")[0] for row in found.history for key in row} | set(found.summary)
    asked = (*dashboard.HEADLINES, *dashboard.COSTS, *dashboard.LOGGED_EACH_EPOCH, *dashboard.MINING)
    assert {*asked, *dashboard.HARDEST, *dashboard.PICTURES, "test/roc_table"} <= logged


def test_a_server_that_dies(tmp_path):
    with wandb_server() as server:
        process = started(tmp_path, "logger.mode=online", WANDB_BASE_URL=server.url)
        while not server.posted and process.poll() is None:
            time.sleep(0.05)
        server.die()
        output, _ = ended(process)
    check_finished(tmp_path, output)
    assert "warning: W&B has stopped taking what is logged" in output
    assert "`wandb sync " in output


def test_a_full_disk(tmp_path):
    disk = tmp_path / "run" / "wandb"
    disk.mkdir(parents=True)
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=100k", "tmpfs", str(disk)], capture_output=True)
    if mounted.returncode:
        pytest.skip("a small file system can only be mounted by root")
    try:
        output, _ = ended(started(tmp_path))
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=True)
    check_finished(tmp_path, output)
    assert "No space left on device" in output
