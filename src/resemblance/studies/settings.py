"""``conf/sweep/*.yaml``: what happens before a multirun's own jobs, checked before the first of them."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, PositiveInt, TypeAdapter, ValidationError

from resemblance.config import expectation
from resemblance.errors import ConfigurationError
from resemblance.studies.contestants import said


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class NoSweep(_Section):
    """Nothing: every combination is trained as it is, whatever an experiment says for its own sweep."""

    model_config = ConfigDict(extra="ignore")

    kind: Literal["none"]


class Tune(_Section):
    """Trials for each contestant, and then its best settings."""

    kind: Literal["tune"]
    trials: PositiveInt
    epochs: PositiveInt
    metric: str
    seed: Annotated[int, Field(ge=0, lt=2**32)]


class TunedBefore(_Section):
    """Settings that another study has found."""

    kind: Literal["tuned"]
    settings: str | None


SweepSettings = NoSweep | Tune | TunedBefore
_ANY: TypeAdapter[SweepSettings] = TypeAdapter(Annotated[SweepSettings, Field(discriminator="kind")])


def check_option(option: str | None) -> None:
    """Refuse the one file of ``conf/sweep`` that is not ours to read.

    Args:
        option: of ``sweep=``.

    Raises:
        ConfigurationError: with the command that reads it.
    """
    if option == "wandb":
        raise ConfigurationError(
            "sweep=wandb is no setting of train.py; run `wandb sweep conf/sweep/wandb.yaml`, and the agent it names."
        )


def check_no_output_dir(overrides: Iterable[str]) -> None:
    """Refuse the folder of a single run for the jobs of a multirun.

    Args:
        overrides: what the user has said.

    Raises:
        ConfigurationError: with the setting that is meant.
    """
    if "output_dir" in (said(override)[0] for override in overrides):
        raise ConfigurationError(
            "The jobs of a multirun have a folder each, below hydra.sweep.dir=FOLDER; set that instead of output_dir."
        )


def sweep_settings(written: Mapping[str, Any] | None) -> SweepSettings:
    """The section ``sweep`` of a configuration.

    Raises:
        ConfigurationError: naming the setting, its value and what it may be.
    """
    kind = (written or {}).get("kind")
    if kind not in (kinds := ("none", "tune", "tuned")):
        raise ConfigurationError(f"sweep.kind is one of {', '.join(kinds)}, not '{kind}'.")
    try:
        found = _ANY.validate_python(written)
    except ValidationError as error:
        problem = error.errors()[0]
        setting = ".".join(str(part) for part in problem["loc"][1:])
        raise ConfigurationError(
            f"sweep.{setting} is {problem['input']!r}, but should be {expectation(error)}."
        ) from error
    if isinstance(found, TunedBefore) and not found.settings:
        raise ConfigurationError("sweep=tuned needs sweep.settings=FILE, the tuning.json of a study that was tuned.")
    return found
