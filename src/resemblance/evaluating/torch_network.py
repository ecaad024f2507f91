"""A network of torch from a file that holds all of it, or from a function of the user's that builds it."""

import importlib
import logging
import os
import sys
import warnings
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from pickle import UnpicklingError
from typing import Literal, cast

import torch
from torch import nn

from resemblance.errors import ConfigurationError, DataError
from resemblance.readable import check_readable

Kind = Literal["script", "export", "weights", "pickle", "unknown"]
_LONGEST = 200


def torch_network(target: str) -> nn.Module:
    """What ``model.path`` names, in evaluation mode.

    Args:
        target: a TorchScript or ``torch.export`` file, or ``package.module:function``.

    Raises:
        ConfigurationError: if there is no such file or function, or it gives no network.
        DataError: if a file is damaged or of another kind.
    """
    return _from_file(Path(target)) if Path(target).exists() or ":" not in target else _from_function(target)


def first_line(error: BaseException) -> str:
    """What an error of somebody else's says, short enough for a sentence; a long one ends after a whole part."""
    line = (str(error).strip().splitlines() or [type(error).__name__])[0]
    if len(line) > _LONGEST:
        start = line[:_LONGEST]
        line = start.rpartition(". ")[0] or f"{start.rpartition(' ')[0]} …"
    return line.rstrip(".: ")


def _from_file(path: Path) -> nn.Module:
    if not path.is_file():
        raise ConfigurationError(
            f"There is no file '{path}'; model.path= names a TorchScript or torch.export file, or "
            f"package.module:function."
        )
    check_readable(path)
    build = "a function of yours that builds the network and loads them, as model.path=package.module:function"
    try:
        kind = _kind(path)
        if kind == "script":
            with warnings.catch_warnings():  # a file that exists can't switch to torch.export
                warnings.filterwarnings("ignore", ".torch.jit.load. is deprecated", FutureWarning)
                return cast("nn.Module", torch.jit.load(str(path), map_location="cpu")).eval()
        if kind == "export":
            with _quiet_export():
                return cast("nn.Module", torch.export.load(str(path)).module())
    except Exception as error:  # whatever torch's readers raise on a damaged file
        raise DataError(
            f"'{path}' can't be read as TorchScript or as a torch.export file ({first_line(error)}); save the network "
            f"again."
        ) from error
    if kind == "weights":
        raise DataError(
            f"'{path}' is a state dict, which holds weights by name and no network; give it as model.weights= of "
            f"model=timm if timm has the network, or name {build}."
        )
    if kind == "pickle":
        raise DataError(
            f"'{path}' is a pickle that could run any code when it is read; save the network by torch.export.save or "
            f"its weights as a state dict, and name {build}."
        )
    raise DataError(
        f"'{path}' can't be read as TorchScript or as a torch.export file; save the network by torch.jit.save or "
        f"torch.export.save, or name a function that builds it."
    )


def _kind(path: Path) -> Kind:
    """What a file holds, found out without torch's readers trying one after the other and complaining."""
    if path.suffix == ".safetensors":
        return "weights"
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            parts = {PurePosixPath(name).name for name in archive.namelist()}
        if "constants.pkl" in parts:
            return "script"
        if parts & {"archive_format", "serialized_exported_program.json"}:
            return "export"
        if "data.pkl" not in parts:
            return "unknown"
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Detected pickle protocol", UserWarning)
            held = torch.load(path, map_location="cpu", weights_only=True)
    except UnpicklingError as error:
        return "pickle" if "GLOBAL" in str(error) or "global" in str(error) else "unknown"
    except (RuntimeError, EOFError):
        return "unknown"
    return "weights" if isinstance(held, Mapping) else "unknown"


@contextmanager
def _quiet_export() -> Iterator[None]:
    """Without the tracebacks that torch.export logs before it raises; ours is the sentence."""
    logger = logging.getLogger("torch.export")
    before = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        logger.setLevel(before)


def _from_function(target: str) -> nn.Module:
    """What the user's own function returns; the only place that imports by name what is not ours."""
    module, _, name = target.partition(":")
    here = os.getcwd()
    sys.path.insert(0, here)  # as `python -c` would find it
    try:
        found = getattr(importlib.import_module(module), name)
        network = found() if callable(found) and not isinstance(found, nn.Module) else found
    except (ImportError, AttributeError, ValueError) as error:
        if _raised_within(error, module):
            raise _broken(target, error) from error
        raise ConfigurationError(
            f"model.path={target} can't be imported ({first_line(error)}); it names package.module:function, found "
            f"from '{here}' or an installed package."
        ) from error
    except Exception as error:  # whatever somebody else's code raises
        raise _broken(target, error) from error
    finally:
        sys.path.remove(here)
    if not isinstance(network, nn.Module):
        raise ConfigurationError(
            f"model.path={target} gives {type(network).__name__}, but should give a torch.nn.Module."
        )
    return network.eval()


def _raised_within(error: BaseException, module: str) -> bool:
    """Whether it came from the module's own code, rather than from looking for it."""
    trace = error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_globals.get("__name__") == module:
            return True
        trace = trace.tb_next
    return False


def _broken(target: str, error: Exception) -> ConfigurationError:
    return ConfigurationError(
        f"model.path={target} has raised {type(error).__name__}: {first_line(error)}; HYDRA_FULL_ERROR=1 before the "
        f"command shows where."
    )
