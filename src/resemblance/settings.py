"""The settings that belong to no part: their types and ranges, checked before anything else happens."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, NonNegativeFloat, PositiveFloat, PositiveInt, ValidationError

from resemblance.config import expectation, unknown_key
from resemblance.errors import ConfigurationError


class Section(BaseModel):
    """Some settings; others beside them are somebody else's."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class Whole(Section):
    """All settings of a section: there are no others."""

    model_config = ConfigDict(extra="forbid")


class Batch(Whole):
    """P identities with K images each."""

    identities: PositiveInt
    images_per_identity: PositiveInt
    chunk_size: Annotated[int, Field(ge=2)] | None


class Selection(Whole):
    """Which checkpoint is tested."""

    metric: str
    rule: Literal["best", "last"]


class Evaluation(Whole):
    """How images are embedded when nothing is learned."""

    batch_size: PositiveInt
    flip_average: bool


class Trainer(Whole):
    """Where, and how precisely, it is trained."""

    accelerator: Literal["auto", "cpu", "gpu", "mps"]
    devices: PositiveInt | Literal["auto"]
    gather: bool
    sync_batch_norm: bool
    precision: Literal["auto", 32, "32", "32-true", "bf16-mixed", "16-mixed"]
    limit_batches: PositiveInt | None
    gradient_clip: PositiveFloat | None
    deterministic: bool


class Optimizer(Section):
    """What is said of every optimiser; the rest is the optimiser's own."""

    lr: PositiveFloat
    loss_lr_scale: NonNegativeFloat


class Settings(Section):
    """``conf/train.yaml`` without the parts that a ``_target_`` names."""

    seed: Annotated[int, Field(ge=0, lt=2**32)]
    epochs: PositiveInt
    embedding_size: PositiveInt
    batch: Batch
    selection: Selection
    evaluation: Evaluation
    trainer: Trainer
    optimizer: Optimizer
    measure_test: bool
    rehearsal: bool


def check_settings(config: Mapping[str, Any], settings: type[BaseModel] = Settings) -> None:
    """Refuse a setting of the wrong type or range.

    Args:
        config: plain containers.
        settings: what they should be; of a training by default.

    Raises:
        ConfigurationError: naming the setting, its value and what it may be.
    """
    try:
        settings.model_validate(config)
    except ValidationError as error:
        problem = error.errors()[0]
        if problem["type"] in ("extra_forbidden", "missing"):
            raise ConfigurationError(
                _of_a_key(problem["type"], [str(part) for part in problem["loc"]], settings)
            ) from error
        names = _names(settings)
        path = ".".join(str(part) for part in problem["loc"] if isinstance(part, str) and part in names)
        raise ConfigurationError(f"{path} is {problem['input']!r}, but should be {expectation(error)}.") from error


def _of_a_key(kind: str, path: list[str], settings: type[BaseModel]) -> str:
    """The sentence for a key that does not exist, or that is not there."""
    if kind == "missing":
        return f"The setting '{'.'.join(path)}' is not there; leave out what takes it away."
    section: Any = settings
    for name in path[:-1]:
        section = section.model_fields[name].annotation
    return unknown_key(".".join(path), list(section.model_fields))


def _names(settings: type[BaseModel]) -> set[str]:
    """Names of its fields and of those of its sections; pydantic's paths hold names of types, too."""
    names = set(settings.model_fields)
    for field in settings.model_fields.values():
        for kind in (field.annotation, *get_args(field.annotation)):
            if isinstance(kind, type) and issubclass(kind, BaseModel):
                names |= _names(kind)
    return names
