"""What the configuration in a checkpoint must hold: the file may be a stranger's, or of another version."""

import inspect
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import torch
from pydantic import Field, PositiveInt, StrictBool, StrictInt, StrictStr, ValidationError
from torch import Tensor

from resemblance.config import ALLOWED, expectation, locate
from resemblance.errors import DataError
from resemblance.settings import Section

Node = Annotated[dict[str, Any], Field(min_length=1)]
_OWN = {
    "data": "resemblance.data.",
    "backbone": "resemblance.models.",
    "neck": "resemblance.models.",
    "loss": "resemblance.losses.",
    "memory": "resemblance.losses.",
    "protocol": "resemblance.protocols.",
}
"""Where each part's classes live."""
_MARKS = {"data": "prepare", "protocol": "needs", "loss": "min_images_per_identity"}
"""What each of them has."""


class _Selection(Section):
    rule: Literal["best", "last"] = "best"


class _Evaluation(Section):
    flip_average: StrictBool


class _Stored(Section):
    seed: Annotated[StrictInt, Field(ge=0, lt=2**32)]
    embedding_size: PositiveInt
    backbone: Node
    neck: Node
    loss: Node
    memory: dict[str, Any] | None = None
    data: Node
    protocol: dict[str, Node]
    choices: dict[str, StrictStr]
    selection: _Selection = _Selection()
    evaluation: _Evaluation
    rehearsal: StrictBool
    group: StrictStr | None = None
    name: StrictStr | None = None


class _About(Section):
    config: _Stored
    image_size: Annotated[StrictInt, Field(ge=1, le=4096)]
    num_identities: Annotated[StrictInt, Field(ge=1)]


def check_stored(about: Mapping[str, Any], path: Path) -> None:
    """Refuse what an evaluation could not be built from.

    Args:
        about: what a checkpoint says of itself.
        path: of the checkpoint, for messages.

    Raises:
        DataError: naming the setting that is missing, of another type, or that names a part of another kind.
    """
    try:
        stored = _About.model_validate(about).config
    except ValidationError as error:
        problem = error.errors()[0]
        where = ".".join(map(str, problem["loc"]))
        what = "lacks" if problem["type"] == "missing" else f"has {problem['input']!r:.60} as"
        wanted = "" if problem["type"] == "missing" else f", which should be {expectation(error)}"
        raise DataError(
            f"The checkpoint '{path}' {what} '{where}'{wanted}; it was perhaps written by another version of "
            f"resemblance."
        ) from error
    nodes = {name: getattr(stored, name) for name in _OWN if name != "protocol"}
    nodes |= {f"protocol.{name}": node for name, node in stored.protocol.items()}
    for name, node in nodes.items():
        home = _OWN[name.partition(".")[0]]
        if not node:  # memory=none
            continue
        target = node.get("_target_")
        # What lies outside of the package altogether, or is nowhere, is refused where it would be built.
        if not isinstance(target, str) or (target.startswith(ALLOWED) and not _is_part(target, home, name)):
            raise DataError(
                f"The checkpoint '{path}' names {target!r} as the _target_ of '{name}', which should be a part in "
                f"{home.rstrip('.')}; it was perhaps written by another version of resemblance."
            )
    trained = about.get("trained_identities")
    if trained is not None and not (isinstance(trained, Tensor) and trained.dtype == torch.int64):
        raise DataError(f"The checkpoint '{path}' has trained_identities that are no hashes of names; train it again.")


def _is_part(target: str, home: str, name: str) -> bool:
    """Whether it is of the right kind, as far as that can be told before it is built."""
    if not target.startswith(home):
        return False
    found, mark = locate(target), _MARKS.get(name.partition(".")[0])
    return inspect.isclass(found) and (mark is None or hasattr(found, mark))
