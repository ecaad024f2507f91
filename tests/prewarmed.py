"""Command lines in processes of their own, forked from one that has imported what they import.

``python train.py`` spends seconds on importing before its first line of work. Here one process imports, runs nothing,
and forks for each command line: what is forked has its own memory, folder, environment, signals and exit code, and
runs the very file as ``__main__``. What imports themselves do (``--help`` at once, Ctrl-C in their midst) is tested
with ``python`` as users start it, and so is each entry point once.
"""

import atexit
import contextlib
import functools
import gc
import importlib
import itertools
import json
import os
import runpy
import select
import signal
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NoReturn

REPOSITORY = Path(__file__).parents[1]
IMPORTED = (
    "resemblance.cli",
    "resemblance.training",
    "resemblance.evaluating.run",
    "resemblance.tracking.sweep_report",
    "wandb",
    "timm",
    "matplotlib.pyplot",
)


class Command:
    """A command line that runs, with what tests need of :class:`subprocess.Popen`.

    Attributes:
        pid: of its process.
        returncode: the exit code, negative for a signal; None as long as it isn't known that it has ended.
    """

    def __init__(self, server: "Server", pid: int, output: Path) -> None:
        self._server = server
        self._output = output
        self.pid = pid
        self.returncode: int | None = None

    def poll(self) -> int | None:
        """The exit code, if it has ended by now."""
        if self.returncode is None:
            self._server.hear(0)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """The exit code, once it has ended."""
        deadline = None if timeout is None else time.monotonic() + timeout
        while (code := self.returncode) is None:
            left = None if deadline is None else deadline - time.monotonic()
            if left is not None and left <= 0:
                raise subprocess.TimeoutExpired(f"process {self.pid}", timeout or 0)
            self._server.hear(left)
        return code

    def communicate(self, timeout: float | None = None) -> tuple[str, str]:
        """What it wrote to stdout and stderr, once it has ended."""
        self.wait(timeout)
        out, err = (Path(f"{self._output}.{name}").read_text(encoding="utf-8") for name in ("out", "err"))
        return out, err

    def send_signal(self, number: int) -> None:
        """To the process alone, as ``kill`` does."""
        if self.poll() is None:
            with contextlib.suppress(ProcessLookupError):  # it has ended since
                os.kill(self.pid, number)

    def kill(self) -> None:
        """End it without a chance to clean up."""
        self.send_signal(signal.SIGKILL)


class Server:
    """The process that has imported, at the other end of two pipes."""

    def __init__(self) -> None:
        self._living: dict[int, Command] = {}
        self._numbers = itertools.count()
        self._folder = Path(tempfile.mkdtemp(prefix="prewarmed-"))
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.prewarmed"], cwd=REPOSITORY, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        self._forked: Command | None = None
        self._output = self._folder
        self._text = b""
        atexit.register(self.end)

    def start(self, script: str, arguments: tuple[str, ...], cwd: Path, env: Mapping[str, str]) -> Command:
        """Fork for one command line."""
        assert self._process.stdin is not None
        self._output = self._folder / str(next(self._numbers))
        asked = {"argv": [script, *arguments], "cwd": str(cwd), "env": dict(env), "output": str(self._output)}
        self._process.stdin.write(json.dumps(asked).encode() + b"\n")
        self._process.stdin.flush()
        while self._forked is None:
            self.hear(None)
        command, self._forked = self._forked, None
        return command

    def hear(self, timeout: float | None) -> None:
        """Take in what the server tells, waiting for it for at most these seconds; None for as long as it takes."""
        assert self._process.stdout is not None
        source = self._process.stdout.fileno()
        if not select.select([source], [], [], timeout)[0]:
            return
        told = os.read(source, 65536)
        assert told, "the process that forks has ended"
        *lines, self._text = (self._text + told).split(b"\n")
        for line in lines:
            news = json.loads(line)
            if "forked" in news:
                self._forked = self._living[news["forked"]] = Command(self, news["forked"], self._output)
            else:  # of the one that has the number now: numbers come again
                self._living.pop(news["ended"]).returncode = news["code"]

    def end(self) -> None:
        """Let it go: it ends when nobody can ask any more."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()
        for path in self._folder.iterdir():
            path.unlink()
        self._folder.rmdir()


@functools.cache
def server() -> Server:
    """The one of this process."""
    return Server()


def start(script: str | Path, *arguments: str, cwd: Path = REPOSITORY, env: Mapping[str, str] | None = None) -> Command:
    """``python SCRIPT ARGUMENTS`` in a folder, with the variables of this process or others.

    The script is one of the repository or a path; a name without ``.py`` is a module, as ``python -m`` takes it.
    """
    place = str(REPOSITORY / script) if str(script).endswith(".py") else str(script)
    return server().start(place, arguments, cwd, os.environ if env is None else env)


def run(
    script: str | Path,
    *arguments: str,
    cwd: Path = REPOSITORY,
    env: Mapping[str, str] | None = None,
    timeout: float = 600,
) -> "subprocess.CompletedProcess[str]":
    """The same to its end."""
    command = start(script, *arguments, cwd=cwd, env=env)
    try:
        out, err = command.communicate(timeout)
    finally:
        command.kill()
    return subprocess.CompletedProcess([str(script), *arguments], command.wait(), out, err)


def _requests(wake: int) -> Iterator[dict[str, Any]]:
    """What is asked for; tells in between what has ended."""
    text = b""
    while True:
        ready, _, _ = select.select([0, wake], [], [])
        if wake in ready:
            os.read(wake, 4096)
            with contextlib.suppress(ChildProcessError):
                while (ended := os.waitpid(-1, os.WNOHANG))[0]:
                    _tell(ended=ended[0], code=os.waitstatus_to_exitcode(ended[1]))
        if 0 in ready:
            asked = os.read(0, 65536)
            if not asked:
                return
            *lines, text = (text + asked).split(b"\n")
            for line in lines:
                yield json.loads(line)


def _tell(**news: int) -> None:
    os.write(1, json.dumps(news).encode() + b"\n")


def _become(asked: dict[str, Any], silence: tuple[int, int], shared: list[tempfile.TemporaryDirectory[str]]) -> None:
    """Put this forked process in the place of a new one."""
    for folder in shared:
        folder._finalizer.detach()  # type: ignore[attr-defined]
        atexit.unregister(folder.cleanup)
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.dup2(silence[0], 0)
    os.close(silence[1])
    for number, name in ((1, "out"), (2, "err")):
        opened = os.open(f"{asked['output']}.{name}", os.O_WRONLY | os.O_CREAT)
        os.dup2(opened, number)
        os.close(opened)
    os.chdir(asked["cwd"])
    os.environ.clear()
    os.environ.update(asked["env"])
    sys.argv = asked["argv"]
    if sys.argv[0].endswith(".py"):
        sys.path[0] = str(Path(sys.argv[0]).parent)


def main() -> None:
    """Import, and fork until nobody asks any more; returns in a forked process, which then runs its file."""
    for module in IMPORTED:
        importlib.import_module(module)
    # W&B makes some at import and removes them at the end, which must be that of this process.
    shared = [one for one in gc.get_objects() if type(one) is tempfile.TemporaryDirectory]
    gc.collect()
    gc.freeze()  # a collection in a forked process would touch, and so copy, whatever was imported
    silence = os.pipe()  # an input in which nothing is ever written, and which ends with this process
    wake, woken = os.pipe()
    os.set_blocking(wake, False)
    os.set_blocking(woken, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(woken)
    for asked in _requests(wake):
        pid = os.fork()
        if pid == 0:
            return _become(asked, silence, shared)
        _tell(forked=pid)
    sys.exit()


def run_to_the_end(path: str) -> NoReturn:
    """Run a file or module as ``python`` does, but leave the interpreter whole: to take it apart would touch it all."""
    code: Any = None
    try:
        if path.endswith(".py"):
            runpy.run_path(path, run_name="__main__")
        else:
            runpy.run_module(path, run_name="__main__", alter_sys=True)
    except SystemExit as end:
        code = end.code
    except BaseException:
        traceback.print_exc()
        code = 1
    if not isinstance(code, int | None):
        sys.stderr.write(f"{code}\n")
        code = 1
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    os._exit(code or 0)


if __name__ == "__main__":
    main()
    run_to_the_end(sys.argv[0])
