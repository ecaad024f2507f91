"""The settings that belong to no part: their types and ranges, checked before anything else happens."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, NonNegativeFloat, PositiveFloat, PositiveInt, ValidationError

from resemblance.config import expectation
from resemblance.errors import ConfigurationError


class _Section(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class Batch(_Section):
    """P identities with K images each."""

    identities: PositiveInt
    images_per_identity: PositiveInt
    chunk_size: Annotated[int, Field(ge=2)] | None


class Selection(_Section):
    """Which checkpoint is tested."""

    metric: str
    rule: Literal["best", "last"]


class Evaluation(_Section):
    """How images are embedded when nothing is learned."""

    batch_size: PositiveInt
    flip_average: bool


class Trainer(_Section):
    """Where, and how precisely, it is trained."""

    accelerator: Literal["auto", "cpu", "gpu", "mps"]
    devices: PositiveInt | Literal["auto"]
    gather: bool
    sync_batch_norm: bool
    precision: Literal["auto", 32, "32", "32-true", "bf16-mixed", "16-mixed"]
    limit_batches: PositiveInt | None
    gradient_clip: PositiveFloat | None
    deterministic: bool


class Optimizer(_Section):
    """What is said of every optimiser; the rest is the optimiser's own."""

    lr: PositiveFloat
    loss_lr_scale: NonNegativeFloat


class Settings(_Section):
    """``conf/train.yaml`` without the parts that a ``_target_`` names."""

    seed: Annotated[int, Field(ge=0, lt=2**32)]
    epochs: PositiveInt
    embedding_size: PositiveInt
    batch: Batch
    selection: Selection
    evaluation: Evaluation
    trainer: Trainer
    optimizer: Optimizer
    rehearsal: bool


def check_settings(config: Mapping[str, Any]) -> None:
    """Refuse a setting of the wrong type or range.

    Raises:
        ConfigurationError: naming the setting, its value and what it may be.
    """
    try:
        Settings.model_validate(config)
    except ValidationError as error:
        problem = error.errors()[0]
        path = ".".join(str(part) for part in problem["loc"] if isinstance(part, str) and part in _NAMES)
        raise ConfigurationError(f"{path} is {problem['input']!r}, but should be {expectation(error)}.") from error


_NAMES = {
    name
    for section in (Settings, Batch, Selection, Evaluation, Trainer, Optimizer)
    for name in section.model_fields
}  # fmt: skip
