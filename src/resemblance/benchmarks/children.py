"""Run a function in a fresh process that may be stopped, run out of memory or die without harm to the benchmark."""

import math
import resource
from collections.abc import Callable
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Any, ParamSpec, TypeVar

import torch

from resemblance.benchmarks.memory import data_bytes

_Parameters = ParamSpec("_Parameters")
_Returned = TypeVar("_Returned")

# A server that has imported everything and run nothing forks the processes: each is fresh, and starts at once.
_PROCESSES = get_context("forkserver")
_PROCESSES.set_forkserver_preload(["resemblance.benchmarks.measuring"])


def import_beforehand(module: str) -> None:
    """Let the server import another module than that of the losses; to be said before the first process."""
    _PROCESSES.set_forkserver_preload([module])


class ChildFailure(Exception):  # noqa: N818  # not an error of ours: what a contestant could not do
    """Why a function did not return, in words for the table."""


def in_fresh_process(
    time_limit: float,
    memory_limit: float,
    function: Callable[_Parameters, _Returned],
    *args: _Parameters.args,
    **kwargs: _Parameters.kwargs,
) -> _Returned:
    """What ``function`` returns in a process of its own.

    Args:
        time_limit: seconds after which the process is stopped.
        memory_limit: bytes that it may take beyond what it begins with; infinity for no limit.
        function: of a module, with arguments that pickle.
        args: for the function.
        kwargs: for the function.

    Raises:
        ChildFailure: if it takes longer, needs more, raises or dies.
    """
    receiver, sender = _PROCESSES.Pipe(duplex=False)
    process = _PROCESSES.Process(target=_run, args=(sender, memory_limit, function, args, kwargs), daemon=True)
    process.start()
    sender.close()
    try:
        if not receiver.poll(time_limit):
            raise ChildFailure(f"took longer than {time_limit:g} s")
        returned, failure = receiver.recv()
    except EOFError:
        process.join()
        raise ChildFailure(f"its process ended with exit code {process.exitcode}") from None
    finally:
        process.kill()
        process.join()
        receiver.close()
    if failure is not None:
        raise ChildFailure(failure)
    result: _Returned = returned
    return result


def describe(error: Exception, memory_limit: float) -> str:
    """An exception in words for the table."""
    words = str(error)
    if isinstance(error, MemoryError | torch.OutOfMemoryError) or "can't allocate memory" in words:
        return f"needs more than {memory_limit / 1e9:.2g} GB" if math.isfinite(memory_limit) else "out of memory"
    return f"{type(error).__name__}: {words.splitlines()[0] if words else ''}"


def _run(
    sender: Connection, memory_limit: float, function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
) -> None:
    outcome: tuple[Any, str | None]
    try:
        if math.isfinite(memory_limit):
            limit = data_bytes() + int(memory_limit)
            resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
        outcome = function(*args, **kwargs), None
    except Exception as error:
        outcome = None, describe(error, memory_limit)
    sender.send(outcome)
