"""Reads a configuration, checks it before any data is touched, and builds what it names.

The only place of the package that imports by name, and it imports nothing outside :data:`ALLOWED`: a configuration
that came with a stranger's checkpoint can choose among parts, not run code.
"""

import difflib
import functools
import importlib
import inspect
import typing
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException
from pydantic import ConfigDict, TypeAdapter, ValidationError

from resemblance.errors import ConfigurationError

ALLOWED = ("resemblance.data.", "resemblance.models.", "resemblance.losses.", "resemblance.protocols.", "torch.optim.")
"""Where the parts live that a configuration may name as ``_target_``."""

_ARBITRARY_TYPES = ConfigDict(arbitrary_types_allowed=True)


def config_dir() -> Path:
    """Where the YAML files lie: inside the installed package, or at the top of a checkout."""
    installed = Path(__file__).parent / "conf"
    return installed if installed.is_dir() else Path(__file__).parents[2] / "conf"


def to_plain(config: DictConfig) -> dict[str, Any]:
    """The configuration as plain containers with every interpolation resolved.

    Raises:
        ConfigurationError: if a value refers to something that is not there.
    """
    try:
        plain = OmegaConf.to_container(config, resolve=True, throw_on_missing=True)
    except OmegaConfBaseException as error:
        raise ConfigurationError(
            f"The configuration can't be resolved at '{error.full_key}': {str(error).splitlines()[0]}."
        ) from error
    return typing.cast("dict[str, Any]", plain)


def locate(target: str) -> Any:
    """The class or function that a ``_target_`` names.

    Raises:
        ConfigurationError: if it lies outside :data:`ALLOWED` or does not exist.
    """
    if not target.startswith(ALLOWED):
        raise ConfigurationError(
            f"'{target}' can't be built from a configuration: a _target_ begins with one of {', '.join(ALLOWED)}."
        )
    module, _, name = target.rpartition(".")
    try:
        found = getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError) as error:
        raise ConfigurationError(f"The _target_ '{target}' does not exist; check its spelling.") from error
    # What a module has imported for itself is reachable through it, but is no part of ours.
    if not callable(found) or not f"{getattr(found, '__module__', '')}.".startswith(ALLOWED):
        raise ConfigurationError(f"The _target_ '{target}' is not a part that can be built from a configuration.")
    return found


def needs(node: Mapping[str, Any]) -> tuple[str, ...]:
    """What the class that a node names wants to be handed over."""
    return tuple(getattr(locate(node["_target_"]), "needs", ()))


def accepts(node: Mapping[str, Any]) -> tuple[str, ...]:
    """What the class that a node names can do without, and is handed over where the framework knows it."""
    return tuple(getattr(locate(node["_target_"]), "accepts", ()))


def check(path: str, node: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments of a node, converted to the types that its target declares.

    Args:
        path: where the node stands, for the message: ``loss``.
        node: ``{"_target_": "resemblance.losses.TripletLoss", "margin": 0.2, …}``.

    Raises:
        ConfigurationError: for an argument that the target does not have or a value of the wrong type.
    """
    target = locate(node["_target_"])
    function = target.__init__ if inspect.isclass(target) else target
    handed_over = (*needs(node), *accepts(node))
    parameters = [name for name in inspect.signature(target).parameters if name not in handed_over]
    hints = typing.get_type_hints(function)
    arguments = {}
    for name, value in node.items():
        if name == "_target_":
            continue
        if name not in parameters:
            raise ConfigurationError(unknown_key(f"{path}.{name}", [p for p in parameters if p in node]))
        arguments[name] = _convert(f"{path}.{name}", value, hints.get(name, Any))
    return arguments


def _convert(path: str, value: Any, hint: Any) -> Any:
    try:
        if typing.get_origin(hint) is None and isinstance(hint, type) and hint not in (bool, int, float, str):
            return value  # a hint such as Path or Tensor is for Python callers
        return TypeAdapter(hint, config=_ARBITRARY_TYPES).validate_python(value)
    except ValidationError as error:
        raise ConfigurationError(f"{path} is {value!r}, but should be {expectation(error)}.") from error


def expectation(error: ValidationError) -> str:
    """What pydantic wanted to see, as the end of the sentence "… should be …"."""
    problem = error.errors()[0]
    # Its messages end in ", unable to parse string as a number", which says once more what the sentence begins with.
    wanted: str = problem.get("ctx", {}).get("expected") or problem["msg"].partition(", unable")[0]
    return wanted.removeprefix("Input should be ")


def unknown_key(path: str, options: list[str]) -> str:
    """The sentence for a key that does not exist, with the keys that do."""
    group, _, name = path.rpartition(".")
    close = difflib.get_close_matches(name, options, n=1)
    if group and not options:
        return f"There is no setting '{path}': this option of '{group}' has none."
    return (
        f"There is no setting '{path}'"
        + (f"; did you mean '{group + '.' if group else ''}{close[0]}'?" if close else ".")
        + (f" '{group}' has: {', '.join(sorted(options))}." if group else f" There are: {', '.join(sorted(options))}.")
    )


def build(path: str, node: Mapping[str, Any], /, **available: Any) -> Any:
    """Construct what a node names.

    Args:
        path: where the node stands, for messages.
        node: the target and its arguments.
        available: what the framework knows; the target gets those that it ``needs``, and those that it ``accepts``.

    Raises:
        ConfigurationError: as :func:`check`, or from the target itself.
    """
    arguments = check(path, node)
    handed_over = {name: available[name] for name in needs(node)}
    handed_over |= {name: available[name] for name in accepts(node) if name in available}
    return locate(node["_target_"])(**arguments, **handed_over)


def partial(path: str, node: Mapping[str, Any]) -> functools.partial[Any]:
    """What a node names with its arguments filled in, to be called with the rest later."""
    return functools.partial(locate(node["_target_"]), **check(path, node))
