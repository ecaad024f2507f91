import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from resemblance.errors import OutputError
from resemblance.tracking.sweep_lock import JOB_LOCK, alone_in, give_back, holder, take


def test_a_lock_is_held_once_and_says_by_whom(tmp_path: Path) -> None:
    path = tmp_path / "new" / "lock"
    assert holder(path) is None
    lock = take(path)
    assert lock is not None
    assert take(path) is None
    assert str(holder(path)).startswith(f"process {os.getpid()} on ")
    lock.release()
    lock.release()
    assert holder(path) is None
    again = take(path)
    assert again is not None
    again.release(remove=True)
    assert not path.exists()


@pytest.mark.skipif(sys.platform == "win32", reason="there are no locks here")
def test_a_lock_can_be_taken_while_somebody_looks_who_holds_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import fcntl

    path = tmp_path / "lock"
    path.touch()
    looking = path.open()
    fcntl.flock(looking, fcntl.LOCK_SH)
    monkeypatch.setattr("resemblance.tracking.sweep_lock.time.sleep", lambda seconds: looking.close())
    lock = take(path)
    assert lock is not None
    lock.release()


def test_what_this_process_holds_can_be_given_back_by_its_path(tmp_path: Path) -> None:
    ours, other = take(tmp_path / "ours"), take(tmp_path / "other")
    assert ours is not None
    assert other is not None
    give_back(tmp_path / "ours")
    give_back(tmp_path / "ours")
    assert not (tmp_path / "ours").exists()
    assert holder(tmp_path / "other")
    other.release()


def test_a_run_is_alone_in_its_folder_and_leaves_no_lock(tmp_path: Path) -> None:
    with alone_in(tmp_path / "run"):
        assert holder(tmp_path / "run" / JOB_LOCK)
        with pytest.raises(OutputError, match=f"is being written by process {os.getpid()} on "):
            alone_in(tmp_path / "run").__enter__()
    with pytest.raises(KeyError), alone_in(tmp_path / "run"):
        raise KeyError
    assert not list((tmp_path / "run").iterdir())


def test_a_folder_without_a_lock_is_somebody_elses_refusal(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with alone_in(tmp_path / "file"):
        pass
    assert (tmp_path / "file").is_file()


def test_a_process_that_is_killed_lets_go(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    code = "import sys, time, pathlib; from resemblance.tracking.sweep_lock import take; "
    code += "lock = take(pathlib.Path(sys.argv[1])); print('taken', flush=True); time.sleep(3600)"
    with subprocess.Popen([sys.executable, "-c", code, str(path)], stdout=subprocess.PIPE, text=True) as other:
        try:
            assert other.stdout is not None
            assert other.stdout.readline() == "taken\n"
            assert str(holder(path)).startswith(f"process {other.pid} on ")
            assert take(path) is None
        finally:
            other.kill()
    assert path.exists()
    assert holder(path) is None


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_a_forked_worker_that_outlives_its_parent_keeps_nothing(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    lock = take(path)
    assert lock is not None
    reading, writing = os.pipe()
    if (child := os.fork()) == 0:
        os.close(writing)
        os.read(reading, 1)  # as a worker that loads images, until its parent is gone
        os._exit(0)
    os.close(reading)
    try:
        lock.release()
        deadline = time.monotonic() + 60
        while holder(path) is not None:
            assert time.monotonic() < deadline
            time.sleep(0.01)
    finally:
        os.close(writing)
        os.waitpid(child, 0)
