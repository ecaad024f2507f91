"""``conf/compare.yaml``: checked before any run is looked for."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from resemblance.comparison.asking import asked_figures
from resemblance.errors import ConfigurationError

FORMATS = ("csv", "markdown", "latex", "html", "png")
"""What a comparison can be written as."""


@dataclass(frozen=True)
class Settings:
    """What a comparison was asked for.

    Attributes:
        runs: paths and patterns.
        figures: δ by figure, None for the usual one; None altogether takes the usual figures.
        formats: of the files.
        title: of the report, or None.
        logger: that the findings go to, with its settings.
        images: whether the page shows the images of the hardest pairs.
    """

    runs: tuple[str, ...]
    figures: Mapping[str, float | None] | None
    formats: tuple[str, ...]
    title: str | None
    logger: Mapping[str, Any]
    images: bool = True


def checked(config: Mapping[str, Any]) -> Settings:
    """The settings of a composed configuration.

    Raises:
        ConfigurationError: in one sentence that names the setting and what it may be.
    """
    runs = config.get("runs")
    named = list(runs) if isinstance(runs, list | tuple) else [] if runs is None else [runs]
    if not named or not all(_is_path(name) for name in named):
        raise ConfigurationError(
            "Say which runs to compare: runs=FOLDER, a pattern such as 'runs=\"studies/*/0\"', or a list runs=[A,B]."
        )
    figures = None if config.get("figures") is None else asked_figures(config["figures"])
    formats = config.get("formats")
    if isinstance(formats, str):
        formats = [formats]
    if formats is not None and not isinstance(formats, list | tuple):
        raise ConfigurationError(f"formats is {formats!r}, but should be a list of some of {', '.join(FORMATS)}.")
    for name in formats or ():
        if name not in FORMATS:
            raise ConfigurationError(f"There is no format '{name}'; formats is a list of some of {', '.join(FORMATS)}.")
    title = config.get("title")
    logger = config.get("logger") or {"kind": "none"}
    if not isinstance(logger, Mapping):
        raise ConfigurationError(f"A comparison can't be logged to {logger!r}; logger is none or wandb.")
    if logger.get("kind") not in ("none", "wandb"):
        raise ConfigurationError(f"A comparison can't be logged to '{logger.get('kind')}'; logger is none or wandb.")
    images = config.get("images", True)
    if not isinstance(images, bool):
        raise ConfigurationError(f"images is {images!r}; it is true or false.")
    return Settings(
        tuple(map(str, named)),
        figures,
        tuple(dict.fromkeys(formats or ())),
        None if title in (None, "") else str(title),
        logger,
        images,
    )


def _is_path(value: object) -> bool:
    """Whether something names a place: a folder may be called by a number, such as a date, which YAML reads as one."""
    is_name = isinstance(value, str | int | float | Path) and not isinstance(value, bool)
    return is_name and bool(str(value).strip())
