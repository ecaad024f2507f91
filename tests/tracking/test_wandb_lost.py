"""A network that is gone, a full disk and a dead helper process: each is told once, and the run goes on."""

import os
import signal
import socket
import subprocess
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from resemblance.errors import ConfigurationError, ResemblanceWarning
from resemblance.results import Result
from resemblance.tracking.paths import RunPaths
from resemblance.tracking.run_directory import RunDirectory
from resemblance.tracking.wandb_run import wandb_tracker
from tests.tracking.conftest import OfflineRun
from tests.tracking.wandb_server import KEY, WandbServer, wandb_server

ONLINE = {"kind": "wandb", "project": "faces", "entity": None, "mode": "online"}
OFFLINE = {**ONLINE, "mode": "offline"}
CONFIG = {"choices": {"data": "rendered_faces", "loss": "cosface"}, "seed": 0}
Runs = Callable[[Path], list[OfflineRun]]


@pytest.fixture(autouse=True)
def impatient(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody's account, and little patience with a network."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("WANDB_API_KEY", KEY)
    for name in ("WANDB_INIT_TIMEOUT", "WANDB_FINISH_TIMEOUT", "WANDB_HTTP_TIMEOUT"):
        monkeypatch.setenv(name, "2")
    monkeypatch.setenv("WANDB_ERROR_REPORTING", "false")
    monkeypatch.setenv("WANDB_SILENT", "true")  # without a network, telling who is logged in takes ten seconds


@pytest.fixture(autouse=True)
def own_service() -> Iterator[None]:
    """W&B reads its environment once for each of its helper processes."""
    import wandb

    wandb.teardown()
    yield
    wandb.teardown()


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[WandbServer]:
    with wandb_server() as server:
        monkeypatch.setenv("WANDB_BASE_URL", server.url)
        for name in ("WANDB_INIT_TIMEOUT", "WANDB_HTTP_TIMEOUT"):  # it answers, on a busy machine in a while
            monkeypatch.setenv(name, "60")
        yield server


@pytest.fixture
def pictured(directory: RunDirectory) -> RunDirectory:
    """With a picture of 480 kB."""
    directory.figures.mkdir()
    noise = np.random.default_rng(0).integers(0, 256, (400, 400, 3), dtype=np.uint8)
    Image.fromarray(noise).save(directory.figures / "roc.png")
    return directory


@contextmanager
def one_warning(match: str) -> Iterator[None]:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        yield
    (told,) = [str(warning.message) for warning in caught if issubclass(warning.category, ResemblanceWarning)]
    assert match in told
    assert "\n" not in told


def log_one(
    directory: RunDirectory, everything: Result, settings: dict[str, object], after: Callable[[], object] | None = None
) -> None:
    """A training and its figures; something happens in the middle."""
    with wandb_tracker(directory, CONFIG, settings, group="g", name="n") as run:
        loggers = [] if run is None else run.lightning
        for epoch in range(4):
            for logger in loggers:
                logger.log_metrics({"train/loss": 1.0, "val/verification/auc": 0.9, "epoch": epoch}, 10 * epoch)
            if after is not None and epoch == 1:
                after()
        if run is not None:
            run.log_final(everything, directory)


def helpers() -> list[int]:
    """W&B's helper processes of this one."""
    listed = subprocess.run(["ps", "--ppid", str(os.getpid()), "-o", "pid=,comm="], capture_output=True, text=True)
    return [int(line.split()[0]) for line in listed.stdout.splitlines() if "wandb-core" in line]


@contextmanager
def closed_port() -> Iterator[int]:
    """One at which nobody answers, and that nobody else is given meanwhile."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield int(taken.getsockname()[1])


def test_without_a_network_the_run_is_logged_offline(
    pictured: RunDirectory, everything: Result, offline_runs: Runs, monkeypatch: pytest.MonkeyPatch
) -> None:
    with closed_port() as port, one_warning("W&B can't be reached (Post "):
        monkeypatch.setenv("WANDB_BASE_URL", f"http://127.0.0.1:{port}")
        log_one(pictured, everything, ONLINE)
    (found,) = offline_runs(pictured.wandb)
    assert found.exit_code == 0
    assert found.summary["test/verification/auc"] == everything.scalars["test/verification/auc"].value
    assert found.table("test/roc_table")["columns"] == ["FAR", "log10 FAR", "TAR"]
    assert list(pictured.wandb.glob("run-*")) == [], "the attempt left an empty run"


def test_an_online_run_reaches_its_server(
    pictured: RunDirectory, everything: Result, server: WandbServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WANDB_FINISH_TIMEOUT", "60")
    with wandb_tracker(pictured, CONFIG, {**ONLINE, "entity": "us"}, group="g", name="n") as run:
        assert run is not None
        run.lightning[0].log_metrics({"train/loss": 1.0, "epoch": 0}, 1)
    (first, *_) = server.asked("UpsertBucket")
    assert (first["entity"], first["project"], first["groupName"], first["displayName"]) == ("us", "faces", "g", "n")
    assert any(path.endswith("/file_stream") for path in server.posted)


def test_a_server_that_dies_stops_nothing(
    pictured: RunDirectory, everything: Result, server: WandbServer, offline_runs: Runs
) -> None:
    with one_warning("`wandb sync "):
        log_one(pictured, everything, ONLINE, after=server.die)
    (folder,) = pictured.wandb.glob("run-*")
    assert list(folder.glob("*.wandb")), "what was logged lies on the disk"


@pytest.mark.parametrize("status", [401, 404])
def test_a_run_that_the_server_refuses_is_the_users_business(
    directory: RunDirectory, server: WandbServer, status: int
) -> None:
    server.refusal = (status, "entity nobody not found during upsertBucket")
    with (
        pytest.raises(ConfigurationError, match="can't start with logger.mode=online .*nobody not found"),
        wandb_tracker(directory, CONFIG, {**ONLINE, "entity": "nobody"}, group="g", name="n"),
    ):
        pytest.fail("the run must not begin")
    assert not directory.wandb.exists()


def test_a_helper_process_that_is_killed_stops_nothing(
    pictured: RunDirectory, everything: Result, offline_runs: Runs, tmp_path: Path
) -> None:
    def kill() -> None:
        for pid in helpers():
            os.kill(pid, signal.SIGKILL)

    with one_warning("W&B has stopped taking what is logged ("):
        log_one(pictured, everything, OFFLINE, after=kill)
    another = RunDirectory(tmp_path / "another")
    log_one(another, everything, OFFLINE)
    (found,) = offline_runs(another.wandb)
    assert found.exit_code == 0, "the next job of a multirun has a helper process of its own"


@contextmanager
def small_disk(folder: Path, size: str) -> Iterator[None]:
    """A file system of a certain size in the place of a folder."""
    folder.mkdir(parents=True)
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)], capture_output=True)
    if mounted.returncode:
        pytest.skip("a small file system can only be mounted by root")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


@pytest.mark.parametrize("size", ["1", "48k", "400k"])
def test_a_full_disk_stops_nothing(pictured: RunDirectory, everything: Result, size: str) -> None:
    if sys.platform != "linux":
        pytest.skip("needs tmpfs")
    with small_disk(pictured.wandb, size), one_warning("No space left on device"):
        log_one(pictured, everything, OFFLINE)


def test_a_log_that_breaks_off_is_told(directory: RunDirectory) -> None:
    if sys.platform != "linux":
        pytest.skip("needs tmpfs")
    with (
        small_disk(directory.wandb, "200k"),
        one_warning("No space left on device"),
        wandb_tracker(directory, CONFIG, OFFLINE, group="g", name="n") as run,
    ):
        assert run is not None
        for step in range(3000):
            run.lightning[0].log_metrics({"step/loss": 1.0, "step/active_share": 0.5, "epoch": 0}, step)


def test_a_folder_that_cannot_be_made_stops_nothing(directory: RunDirectory, everything: Result) -> None:
    directory.wandb.write_text("in the way")
    with one_warning("W&B can't start ("):
        log_one(directory, everything, OFFLINE)
    assert RunPaths(directory).wandb.read_text() == "in the way"
