"""Settings that another study has found, carried over to the contestants of this one."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from rich.console import Console

from resemblance.comparison.settings_of import MISSING, flat, shown
from resemblance.errors import ConfigurationError
from resemblance.studies.sweeper import Overrides, Sweeper
from resemblance.studies.tuning import Tuned, known_tuning, read_tuning, write_tuning
from resemblance.tracking.paths import TUNING


def carried_over(
    sweeper: Sweeper, contestants: Mapping[str, Overrides], directory: Path, settings: str, console: Console
) -> dict[str, Tuned]:
    """What each contestant takes, and a copy of the file in the study's folder, so that a comparison tells the budget.

    A contestant takes the settings of its name; where there are none, those of the name that says most of what it is:
    ``triplet`` for ``triplet data.train_identities=100``. A name that says no loss is nobody's.

    Args:
        sweeper: composes.
        contestants: overrides of each.
        directory: of the study.
        settings: a ``tuning.json``.
        console: where names that differ are told.

    Raises:
        ConfigurationError: if there are no settings for a contestant, or the study has been tuned itself.
    """
    tuned = read_tuning(Path(settings))
    found = {name: _fitting(sweeper, name, overrides, tuned) for name, overrides in contestants.items()}
    if missing := [name for name, fits in found.items() if fits is None]:
        raise ConfigurationError(
            f"'{settings}' holds no settings of {', '.join(missing)}, only of {', '.join(sorted(tuned))}; "
            f"tune what is missing, or leave it out."
        )
    taken = {name: fits for name, fits in found.items() if fits is not None}
    if failed := [name for name, fits in taken.items() if tuned[fits].value is None]:
        raise ConfigurationError(
            f"All trials of {', '.join(failed)} failed when '{settings}' was made, so it holds no settings of it; "
            f"leave it out, or tune it again."
        )
    if others := [f"{name} takes those of {fits}" for name, fits in taken.items() if name != fits]:
        console.print(f"settings of '{settings}': {', '.join(others)}", highlight=False, soft_wrap=True)
    _keep(directory / TUNING, tuned, settings)
    return {name: tuned[fits] for name, fits in taken.items()}


def _fitting(sweeper: Sweeper, name: str, overrides: Overrides, tuned: Mapping[str, Tuned]) -> str | None:
    if name in tuned:
        return name
    config, choices = sweeper.configured(overrides)
    values = {key: shown(value) for key, value in flat(config).items()}

    def fits(other: str) -> bool:
        loss, _, others = other.partition(" ")
        settings = (part.partition("=") for part in others.split())
        return loss == choices["loss"] and all(
            value in (choices.get(key), values.get(key, MISSING)) for key, _, value in settings
        )

    return max(filter(fits, tuned), key=lambda other: len(other.split()), default=None)


def _keep(path: Path, tuned: Mapping[str, Tuned], settings: str) -> None:
    if path.exists() and path.samefile(settings):
        return
    there = known_tuning(path)
    if any(found.origin is None for found in there.values()):
        raise ConfigurationError(
            f"'{path.parent}' has been tuned itself and keeps what was spent in tuning.json; choose another "
            f"hydra.sweep.dir for the settings of '{settings}'."
        )
    write_tuning(path, {**there, **{name: replace(of, origin=of.origin or settings) for name, of in tuned.items()}})
