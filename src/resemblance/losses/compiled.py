"""Functions that torch.compile fuses on a GPU, where that can be had."""

import functools
import warnings
from collections.abc import Callable
from typing import ParamSpec, TypeVar

import torch
from torch import Tensor

from resemblance.errors import ResemblanceWarning

P = ParamSpec("P")
R = TypeVar("R")

_can_compile = True
"""Until a compilation fails in this process: that takes Triton and a C compiler, which not every machine has."""


def compiled_on_cuda(function: Callable[P, R]) -> Callable[P, R]:
    """Fuses the passes over a block where each costs a launch; on a CPU the cache makes them nearly free.

    Args:
        function: its first argument is a tensor, whose device decides. Where it can't be compiled it runs as it is.

    Warns:
        ResemblanceWarning: once in a process, when a compilation has failed.
    """

    @functools.cache
    def compiled() -> Callable[P, R]:
        return torch.compile(function)

    @functools.wraps(function)
    def choose(*args: P.args, **kwargs: P.kwargs) -> R:
        if _can_compile and _on_cuda(args[0]):
            try:
                return compiled()(*args, **kwargs)
            except RuntimeError as error:
                from torch._dynamo.exc import TorchDynamoException  # slow, and there since torch.compile was called

                if not isinstance(error, TorchDynamoException):
                    raise  # of what runs, and may have overwritten its input: a compilation fails before that
                _give_up(error)
        return function(*args, **kwargs)

    return choose


def _on_cuda(tensor: object) -> bool:
    return isinstance(tensor, Tensor) and tensor.is_cuda


def _give_up(error: Exception) -> None:
    global _can_compile
    _can_compile = False
    cause = getattr(error, "inner_exception", error)
    reason = (str(cause).strip().splitlines() or [type(cause).__name__])[0].rstrip(".")
    warnings.warn(
        f"PyTorch can't compile for this GPU ({reason}), so losses with class weights take longer; install Triton and "
        f"a C compiler.",
        ResemblanceWarning,
        stacklevel=3,
    )
