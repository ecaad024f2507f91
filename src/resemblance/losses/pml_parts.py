"""The parts of pytorch-metric-learning by their names: looked up, checked and built.

A name can only be a loss, miner, distance or reducer of that library, so that a configuration from a stranger's
checkpoint chooses among parts and runs no code. The library is imported when the first of them is built.
"""

import difflib
import inspect
from collections.abc import Mapping
from types import ModuleType
from typing import Any, Literal, NamedTuple

from torch import nn

from resemblance.errors import ConfigurationError

Kind = Literal["loss", "miner", "distance", "reducer"]

_KNOWN = {
    "num_classes": "num_identities",
    "embedding_size": "embedding_size",
    "descriptors_dim": "embedding_size",  # P2SGradLoss
    "l": "embedding_size",  # ManifoldLoss
}
"""What the library calls what the framework knows; handed over where it is required."""

_NOT_PLAIN = {
    "distance",
    "reducer",
    "embedding_regularizer",
    "weight_regularizer",
    "weight_init_func",
    "collect_stats",
    "embedding_reg_weight",
    "weight_reg_weight",
    "mat_based_loss",
    "aggregation_func",
}
"""Arguments that are objects or belong to the inside of the library, not values of a configuration."""


class Part(NamedTuple):
    """A class of the library and its arguments."""

    name: str
    args: Mapping[str, Any]

    @classmethod
    def of(cls, kind: Kind, setting: object) -> "Part":
        """From a name, or from ``{name: …, args: {…}}``.

        Raises:
            ConfigurationError: for anything else.
        """
        if isinstance(setting, str):
            return cls(setting, {})
        if isinstance(setting, Mapping) and set(setting) <= {"name", "args"}:
            name, args = setting.get("name"), setting.get("args")
            args = {} if args is None else args
            if isinstance(name, str) and isinstance(args, Mapping) and all(isinstance(key, str) for key in args):
                return cls(name, args)
        expected = f"loss.{kind} is a name, or a name with arguments as {{name: …, args: {{…: …}}}}"
        if kind == "loss":
            expected = "loss.name is a name and loss.args its arguments as {…: …}"
        raise ConfigurationError(f"{expected}, not {setting!r}.")


def build_part(
    kind: Kind, part: Part, parts: Mapping[str, nn.Module] | None = None, known: Mapping[str, int] | None = None
) -> Any:
    """Construct a part.

    Args:
        kind: what it must be.
        part: its name and arguments.
        parts: the distance and reducer to build it with.
        known: ``num_identities`` and ``embedding_size``.

    Raises:
        ConfigurationError: for an unknown name, unknown or missing arguments, and whatever the library refuses.
    """
    where = "loss.args" if kind == "loss" else f"loss.{kind}.args"
    found = _find(kind, part.name)
    parameters = _parameters(found)
    required = {name for name, parameter in parameters.items() if parameter.default is parameter.empty}
    handed_over = {name: (known or {})[ours] for name, ours in _KNOWN.items() if name in required}
    options = sorted(set(parameters) - set(handed_over))
    for name in part.args:
        if name in handed_over:
            raise ConfigurationError(f"{where}.{name} is known from the data and the network; leave it out.")
        if name not in options:
            raise ConfigurationError(
                f"{part.name} has no argument '{name}'{_close(name, options)}; {where} may hold: "
                f"{', '.join(options) or 'nothing'}."
            )
    if missing := sorted(required - set(handed_over) - set(part.args)):
        raise ConfigurationError(f"{part.name} needs {' and '.join(missing)}; set them in {where}.")
    try:
        return found(**part.args, **handed_over, **(parts or {}))
    except Exception as error:  # assertions and errors of many kinds
        raise ConfigurationError(f"{part.name} can't be built with {dict(part.args)}: {said(error)}.") from error


def said(error: Exception) -> str:
    """What an error of the library says, in one line; many of its assertions say nothing."""
    return (str(error).strip().splitlines() or ["a combination that it does not allow"])[0].strip().rstrip(".")


def _find(kind: Kind, name: str) -> type[nn.Module]:
    classes = _classes(kind)
    if name not in classes:
        raise ConfigurationError(
            f"pytorch-metric-learning has no {kind} '{name}'{_close(name, list(classes))}; choose {', '.join(classes)}."
        )
    return classes[name]


def _classes(kind: Kind) -> dict[str, type[nn.Module]]:
    from pytorch_metric_learning import distances, losses, miners, reducers

    module: ModuleType
    base: type[nn.Module]
    left_out: set[str]
    module, base, left_out = {
        # Bases, and what wraps other parts or wants another kind of batch.
        "loss": (losses, losses.BaseMetricLossFunction, {"BaseMetricLossFunction", "GenericPairLoss", "VICRegLoss"}),
        "miner": (miners, miners.BaseMiner, {"BaseMiner", "EmbeddingsAlreadyPackagedAsTriplets"}),
        "distance": (distances, distances.BaseDistance, {"BaseDistance", "BatchedDistance"}),
        "reducer": (reducers, reducers.BaseReducer, {"BaseReducer", "MultipleReducers", "DoNothingReducer"}),
    }[kind]
    return {
        name: found
        for name, found in sorted(vars(module).items())
        if inspect.isclass(found) and issubclass(found, base) and name not in left_out
    }


def _parameters(found: type[nn.Module]) -> dict[str, inspect.Parameter]:
    """Those of the class and, as the library passes ``**kwargs`` on, of its bases."""
    parameters: dict[str, inspect.Parameter] = {}
    for ancestor in found.__mro__:
        if "__init__" not in vars(ancestor) or ancestor is nn.Module:
            continue
        for name, parameter in inspect.signature(ancestor.__init__).parameters.items():  # type: ignore[misc]
            plain = parameter.kind is parameter.POSITIONAL_OR_KEYWORD and name != "self" and name not in _NOT_PLAIN
            if plain:
                parameters.setdefault(name, parameter)
    return parameters


def _close(name: str, options: list[str]) -> str:
    # Upper and lower case are easily mistaken in class names.
    by_lower = {option.lower(): option for option in options}
    close = difflib.get_close_matches(name.lower(), list(by_lower), n=1)
    return f" (did you mean '{by_lower[close[0]]}'?)" if close else ""
