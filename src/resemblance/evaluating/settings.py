"""The settings of an evaluation: types, ranges, and what can't be combined, checked before any file is read.

What computes is imported last: most mistakes are told before that takes its seconds.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field, PositiveInt

from resemblance.errors import ConfigurationError
from resemblance.evaluating.files.names import check_pattern
from resemblance.settings import Section, check_settings
from resemblance.tracking.loggers import check_logger

if TYPE_CHECKING:
    import torch

Share = Annotated[float, Field(ge=0, le=1)]
Scale = Annotated[float, Field(gt=0)]
Channels = Annotated[list[Share], Field(min_length=3, max_length=3)]
Scales = Annotated[list[Scale], Field(min_length=3, max_length=3)]
SOURCES = ("checkpoint", "model", "embeddings")
_PATHS = ("checkpoint", "embeddings", "pairs", "metadata", "templates", "distractors")


class Evaluation(Section):
    """How images are embedded."""

    batch_size: PositiveInt
    flip_average: bool | None


class Model(Section):
    """A network of somebody else; which of these a kind has is in its YAML file."""

    kind: Literal["timm", "torch"]
    name: str = ""
    pretrained: bool = False
    weights: str | None = None
    path: str | None = None
    image_size: PositiveInt | None = None
    mean: Channels | None = None
    std: Scales | None = None
    channels: Literal["rgb", "bgr"] = "rgb"


class Settings(Section):
    """``conf/evaluate.yaml`` without the parts that a ``_target_`` names."""

    checkpoint: str | None
    embeddings: str | None
    model: Model | None = None
    similarity: Literal["auto", "cosine", "negative_squared_l2", "negative_l1"]
    pairs: str | None
    metadata: str | None
    templates: str | None
    distractors: str | None
    identity_pattern: str | None
    invalid: Literal["refuse", "exclude"]
    baseline: bool
    evaluation: Evaluation
    device: Literal["auto", "cpu", "gpu", "mps"]
    rehearsal: bool | None


def checked(config: Mapping[str, Any]) -> Settings:
    """The settings, if they can work together.

    Raises:
        ConfigurationError: naming the setting and what it may be.
    """
    check_settings(config, Settings)
    settings = Settings.model_validate(config)
    _check_empty(settings)
    check_pattern(settings.identity_pattern)
    given = [name for name in SOURCES if getattr(settings, name) is not None]
    if len(given) != 1:
        found = "none is" if not given else f"{' and '.join(f'{name}=' for name in given)} are"
        raise ConfigurationError(
            f"An evaluation takes exactly one of checkpoint=RUN, embeddings=FILE and model=timm or model=torch, but "
            f"{found} given."
        )
    if settings.baseline and settings.checkpoint is None:
        raise ConfigurationError("baseline=true puts a checkpoint's untrained network beside it; it needs checkpoint=.")
    if settings.baseline and settings.distractors is not None:
        raise ConfigurationError(
            "baseline=true can't stand beside distractors=: they were embedded by the trained network and are "
            "nobody to the untrained one; leave one of the two out."
        )
    if settings.model is not None:
        if "data" not in config:
            raise ConfigurationError(
                f"model={settings.model.kind} needs images to embed; choose them with data=lfw or another data set."
            )
        if settings.model.kind == "torch" and settings.model.path is None:
            raise ConfigurationError(
                "model=torch needs model.path=: a TorchScript or torch.export file, or package.module:function."
            )
    for name in _PATHS[1:]:
        path = getattr(settings, name)
        if path is not None and not Path(path).exists():
            raise ConfigurationError(f"There is no file '{path}'; check {name}=.")
    check_logger(config["logger"])
    _check_device(settings.device)
    return settings


def _check_empty(settings: Settings) -> None:
    """Refuse a path without a name, which would mean the current folder."""
    model = settings.model
    paths = {name: getattr(settings, name) for name in _PATHS}
    paths |= {} if model is None else {"model.path": model.path, "model.weights": model.weights}
    for name, path in paths.items():
        if path == "":
            raise ConfigurationError(f"{name}= is empty; name what it should read, or leave it out.")


def _check_device(device: str) -> None:
    import torch

    there = {"gpu": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if not there.get(device, True):
        raise ConfigurationError(
            f"PyTorch can't use device={device} here; leave it at auto, which takes what there is."
        )


def torch_device(device: str) -> "torch.device":
    """Where to embed."""
    import torch

    if device == "auto":
        device = "gpu" if torch.cuda.is_available() else "mps" if torch.backends.mps.is_available() else "cpu"
    return torch.device("cuda" if device == "gpu" else device)
