"""Two processes that train every case once, for all tests of a session."""

import fcntl
import json
import os

import pytest
import torch

from resemblance.process_group import meeting_place
from tests import prewarmed
from tests.distributed.cases import configurations
from tests.distributed.training import WORLD_SIZE


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
            started.append(prewarmed.start("tests.distributed.training", str(folder), str(rank), str(store.port)))
        for process in started:
            written = process.communicate(timeout=400)
            assert process.returncode == 0, "".join(written)
    finally:
        for process in started:
            process.kill()
