"""Two processes that train every case once, for all tests of a session."""

import fcntl
import json
import os
import subprocess
import sys

import pytest
import torch

from resemblance.process_group import meeting_place
from tests.distributed.cases import configurations
from tests.distributed.training import WORLD_SIZE
from tests.helpers import REPOSITORY


@pytest.fixture(scope="session")
def two_processes(tmp_path_factory):
    """``(folder, results of rank 0, results of rank 1)``; pytest's own parallel workers share them."""
    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent
    folder = folder / "two_processes"
    folder.mkdir(exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "done").exists():
            _run(folder)
            (folder / "done").touch()
    return folder, *(torch.load(folder / f"rank_{rank}.pt", weights_only=True) for rank in range(WORLD_SIZE))


def _run(folder):
    (folder / "two.json").write_text(json.dumps(configurations(WORLD_SIZE)))
    store = meeting_place(WORLD_SIZE)
    started = []
    try:
        for rank in range(WORLD_SIZE):
            with (folder / f"rank_{rank}.log").open("wb") as log:
                command = [sys.executable, "-m", "tests.distributed.training", str(folder), str(rank), str(store.port)]
                started.append(
                    subprocess.Popen(
                        command, cwd=REPOSITORY, stdin=subprocess.PIPE, stdout=log, stderr=subprocess.STDOUT
                    )
                )
        for rank, process in enumerate(started):
            assert process.wait(timeout=400) == 0, (folder / f"rank_{rank}.log").read_text()
    finally:
        for process in started:
            process.kill()
