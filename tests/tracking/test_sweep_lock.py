import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from resemblance.errors import OutputError
from resemblance.tracking.sweep_lock import JOB_LOCK, alone_in, holder, take


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
    code += "lock = take(pathlib.Path(sys.argv[1])); time.sleep(60)"
    other = subprocess.Popen([sys.executable, "-c", code, str(path)])
    while holder(path) is None:
        assert other.poll() is None
        time.sleep(0.02)
    assert str(holder(path)).startswith(f"process {other.pid} on ")
    assert take(path) is None
    other.send_signal(signal.SIGKILL)
    other.wait()
    assert path.exists()
    assert holder(path) is None


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_a_forked_worker_that_outlives_its_parent_keeps_nothing(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    lock = take(path)
    assert lock is not None
    reading, writing = os.pipe()
    if (child := os.fork()) == 0:
        os.read(reading, 1)  # as a worker that loads images, until its parent is gone
        os._exit(0)
    lock.release()
    deadline = time.monotonic() + 30
    while holder(path) is not None:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    os.write(writing, b"x")
    os.waitpid(child, 0)
    os.close(reading)
    os.close(writing)
