"""Locks on folders: what two processes write to one study, or to one job, would destroy the work of both.

A lock belongs to an open file, so the operating system lifts it when its process dies, however it dies. Files that
several machines share lock where their file system does (NFS, and Lustre that is mounted with ``flock``); elsewhere,
and on Windows, nothing is locked and everything goes on as if the folder were free.
"""

import importlib
import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from resemblance.errors import OutputError

try:
    _fcntl: Any = importlib.import_module("fcntl")
except ImportError:  # Windows
    _fcntl = None

STUDY_LOCK = ".lock"
"""In a study's directory, held while a command runs its jobs."""
JOB_LOCK = ".running"
"""In the directory of a job or a run, from its beginning to its end; one that nobody holds was left by a killed one."""
_TRIES = 5
_BETWEEN_TRIES = 0.02
"""Seconds: whoever looks who holds a lock keeps others from taking it, for a moment."""
_held: "dict[int, FolderLock]" = {}
"""By descriptor."""


class FolderLock:
    """A lock that is held until it is released or its process ends; :func:`take` makes it."""

    def __init__(self, path: Path, descriptor: int) -> None:
        self.path = path
        self._descriptor = descriptor
        self._process = os.getpid()
        _held[descriptor] = self

    def release(self, remove: bool = False) -> None:
        """Let others take it.

        Args:
            remove: the file as well, which says that what began has ended.
        """
        if self._process != os.getpid() or self._descriptor not in _held:
            return  # a forked process has closed its copy
        if remove:
            with suppress(OSError):
                self.path.unlink()
        del _held[self._descriptor]
        os.close(self._descriptor)


def take(path: Path) -> FolderLock | None:
    """The lock of a file, or None if another process holds it.

    Args:
        path: created; it says who holds the lock.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    tries = 0
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
        if _is_held(descriptor, exclusive=True):
            os.close(descriptor)
            if (tries := tries + 1) == _TRIES:
                return None
            time.sleep(_BETWEEN_TRIES)
            continue
        with suppress(OSError):
            if os.path.samestat(os.fstat(descriptor), os.stat(path)):
                break
        os.close(descriptor)  # its last holder has removed it meanwhile
    os.ftruncate(descriptor, 0)
    os.write(descriptor, f"process {os.getpid()} on {socket.gethostname()}\n".encode())
    return FolderLock(path, descriptor)


def give_back(path: Path) -> None:
    """Release what this process holds of a file, and remove it; nothing if it holds nothing."""
    for lock in [lock for lock in _held.values() if lock.path == path]:
        lock.release(remove=True)


def holder(path: Path) -> str | None:
    """Who holds the lock of a file, such as ``process 12 on node7``; None if nobody does."""
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except OSError:
        return None
    try:
        if not _is_held(descriptor, exclusive=False):
            return None
        return os.read(descriptor, 200).decode("utf-8", errors="replace").strip() or "another process"
    finally:
        os.close(descriptor)


@contextmanager
def alone_in(directory: Path) -> Iterator[None]:
    """Hold the lock of a run's folder while working there.

    Raises:
        OutputError: if another process works there.
    """
    try:
        lock = take(directory / JOB_LOCK)
    except OSError:  # whoever writes there is going to say it better
        yield
        return
    if lock is None:
        who = holder(directory / JOB_LOCK) or "another process"
        raise OutputError(f"'{directory}' is being written by {who}; let it end, or choose another output_dir.")
    try:
        yield
    finally:
        lock.release(remove=True)


def _is_held(descriptor: int, exclusive: bool) -> bool:
    if _fcntl is None:
        return False
    try:
        _fcntl.flock(descriptor, (_fcntl.LOCK_EX if exclusive else _fcntl.LOCK_SH) | _fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:  # a file system without locks
        return False
    return False


def _let_go() -> None:
    """In a forked process: a worker that outlives its parent must not keep the parent's locks."""
    for descriptor in _held:
        with suppress(OSError):
            os.close(descriptor)
    _held.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_let_go)
