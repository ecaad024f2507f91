"""What a study needs of Hydra."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

Overrides = Sequence[str]


class Sweeper(Protocol):
    """What Hydra's side of a study can do."""

    @property
    def here(self) -> bool:
        """Whether jobs run on this machine, and not where a cluster puts them."""
        ...

    def configured(self, overrides: Overrides) -> tuple[Mapping[str, Any], Mapping[str, str]]:
        """What overrides compose to, and the option that is taken of each group; asked twice, it composes once."""
        ...

    def launch(self, jobs: Sequence[tuple[Overrides, str]]) -> Sequence[str | None]:
        """Run jobs, each with its overrides and its folder, and say of each why it was lost; None if it was not."""
        ...

    def describe(self, directory: Path, overrides: Overrides) -> None:
        """Leave a job that can't do so any more the configuration that was asked for."""
        ...
