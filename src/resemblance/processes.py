"""The other processes of a training on several devices: started by the first, joined with it, watched and ended.

The first process does everything that happens once: run directory, W&B, figures. The others, *workers*, only take part
in the fit. They are started here rather than by Lightning, which would run the command line again: in a multirun that
is all jobs, and two processes would write each run directory. What a worker has to know is in the run's config.yaml.
"""

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import torch
import torch.distributed as dist

from resemblance.errors import ConfigurationError, TrainingError
from resemblance.process_group import group, meeting_place, ready

SENTENCE = "resemblance: "
"""How the last line of a worker begins that a user's mistake has ended."""
TO_LEAVE = 60.0
"""Seconds that a worker may take to end after the fit, and this process to notice a broken group of GPUs."""
TO_EXPLAIN = 30.0
"""Seconds in which the reason of a broken connection must show."""


def check_not_launched(environment: Mapping[str, str]) -> None:
    """Refuse to run as one of the processes that torchrun or srun has started: each would do the whole run.

    Args:
        environment: ``os.environ``.

    Raises:
        ConfigurationError: naming what to do instead.
    """
    for variable in ("WORLD_SIZE", "SLURM_STEP_NUM_TASKS"):
        if environment.get(variable, "1") != "1":
            raise ConfigurationError(
                f"A run starts its own processes, but {variable}={environment[variable]} says that a launcher has "
                f"started several; use python train.py trainer.devices={environment[variable]} without one."
            )


class Workers:
    """The processes 1 … N−1 of a training; :func:`started_workers` makes and ends them.

    Args:
        run_directory: holds the resolved config.yaml.
        world_size: N, with this process.
    """

    def __init__(self, run_directory: Path, world_size: int) -> None:
        self._directory = run_directory
        self._world_size = world_size
        self._processes: dict[int, subprocess.Popen[bytes]] = {}
        self._store = meeting_place(world_size)

    def start(self) -> None:
        """Start them; they load their data and then wait to be joined."""
        for rank in range(1, self._world_size):
            arguments = [str(self._directory), str(rank), str(self._store.port)]
            with self._log(rank).open("wb") as log:
                self._processes[rank] = subprocess.Popen(
                    [sys.executable, "-P", "-m", "resemblance.worker", *arguments],
                    stdin=subprocess.PIPE,  # closes when this process ends, however it ends
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,  # Ctrl-C is for this process, which ends the others
                )

    @contextmanager
    def joined(self, device: torch.device) -> Iterator[None]:
        """All processes are one group within the block, which must do what the workers do.

        Raises:
            TrainingError: with a worker's own reason, if one ends before the block does.
        """
        while not self._store.check([ready(rank) for rank in self._processes]):
            self._raise_if_failed()
            time.sleep(0.05)
        device_group = group(self._store, 0, self._world_size, device)
        # The inner one asks before this process leaves the group and thereby breaks the others.
        with self._explained(), device_group, self._watched(device), self._explained():
            try:
                yield
            except (KeyboardInterrupt, SystemExit):
                self.end()  # leaving the group could wait for what they still mean to exchange
                raise
            self._wait()
        for rank in self._processes:
            self._log(rank).unlink(missing_ok=True)

    def end(self) -> None:
        """End those that still run."""
        for process in self._processes.values():
            process.kill()
        for process in self._processes.values():
            process.wait()
            assert process.stdin is not None
            process.stdin.close()

    def _wait(self) -> None:
        for process in self._processes.values():
            with contextlib.suppress(subprocess.TimeoutExpired):  # whoever still hangs has nothing left to do
                process.wait(TO_LEAVE)
        self._raise_if_failed()

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """Put a dead worker's reason in the place of the broken connection, which is all that is seen of it here."""
        try:
            yield
        except Exception as error:
            if not isinstance(error, TrainingError) and any(map(_is_broken_connection, causes(error))):
                self._raise_if_failed(patience=TO_EXPLAIN, cause=error)
            raise

    @contextmanager
    def _watched(self, device: torch.device) -> Iterator[None]:
        """Make sure that the death of a worker is noticed: NCCL waits for a dead neighbour forever."""
        if device.type != "cuda":
            yield
            return
        over = threading.Event()

        def watch() -> None:
            while not over.wait(0.5):
                failure = self._failure()
                if failure is None:
                    continue
                dist.group.WORLD.abort()  # type: ignore[union-attr]  # calls under way then fail
                if not over.wait(TO_LEAVE):
                    sys.stderr.write(f"{SENTENCE}{failure}\n")
                    os._exit(1)

        watcher = threading.Thread(target=watch, daemon=True)
        watcher.start()
        try:
            yield
        finally:
            over.set()
            watcher.join()

    def _raise_if_failed(self, patience: float = 0.0, cause: BaseException | None = None) -> None:
        deadline = time.monotonic() + patience
        while (failure := self._failure()) is None and time.monotonic() < deadline:
            time.sleep(0.05)
        if failure is not None:
            raise failure from cause

    def _failure(self) -> TrainingError | None:
        """Why the workers have ended early, in one sentence; None while all is well."""
        if not any(process.poll() for process in self._processes.values()):
            return None
        time.sleep(1)  # the first to end may be one that another has left alone
        codes = {rank: process.poll() for rank, process in self._processes.items()}
        reasons = [self._reason(rank, code) for rank, code in codes.items() if code]
        return TrainingError(min(reasons)[1])

    def _reason(self, rank: int, code: int) -> tuple[int, str]:
        """A sentence, and how far it is from the root of the evil."""
        lines = self._log(rank).read_text(encoding="utf-8", errors="replace").strip().splitlines()
        last = lines[-1] if lines else f"exit code {code}"
        if last.startswith(SENTENCE):
            return 0, last.removeprefix(SENTENCE)
        which = f"Process {rank + 1} of {self._world_size}"
        if code < 0:
            return 1, f"{which} was killed by {signal.Signals(-code).name}; what it wrote is in '{self._log(rank)}'."
        return 2, f"{which} failed ({last.rstrip('.')}); what it wrote is in '{self._log(rank)}'."

    def _log(self, rank: int) -> Path:
        return self._directory / f"worker_{rank}.log"


def causes(error: BaseException) -> Iterator[BaseException]:
    """An exception, and those that it was raised from or while handling: Lightning's clean-up can fail in its turn."""
    current: BaseException | None = error
    while current is not None:
        yield current
        current = current.__cause__ or current.__context__


def _is_broken_connection(error: BaseException) -> bool:
    # gloo has no exception of its own; its messages begin with the place in its source.
    return isinstance(error, dist.DistError) or (isinstance(error, RuntimeError) and "gloo" in str(error))


@contextmanager
def started_workers(run_directory: Path, devices: int) -> Iterator[Workers | None]:
    """The workers of a training for the length of a ``with`` block; None where one process is enough.

    They load their data at once and then wait until this process joins them.

    Args:
        run_directory: holds the resolved config.yaml.
        devices: how many processes there are in all.
    """
    if devices == 1:
        yield None
        return
    workers = Workers(run_directory, devices)
    try:
        workers.start()
        yield workers
    finally:
        workers.end()


def end_with_parent() -> None:
    """End this worker at the moment when the process that started it is gone, even by SIGKILL and within a wait."""

    def watch() -> None:
        os.read(sys.stdin.fileno(), 1)  # nothing is ever written: this returns when the other end is closed
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
