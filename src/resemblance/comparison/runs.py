"""A finished run as a comparison sees it: its files alone, no model and no GPU."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from resemblance.errors import DataError
from resemblance.results import Curve, Scalar
from resemblance.tracking.paths import RunPaths
from resemblance.tracking.reading import read_results
from resemblance.tracking.run_record import RunRecord


@dataclass(frozen=True)
class Run:
    """One run directory, read.

    Attributes:
        paths: where its files lie; curves, history, replicates, hardest pairs and embeddings are read when asked for.
        config: plain containers, as it ran.
        seed: of the training.
        scalars: every figure by key.
        record: by what it is known again, and what it ran on.
    """

    paths: RunPaths
    config: Mapping[str, Any]
    seed: int
    scalars: Mapping[str, Scalar]
    record: RunRecord

    @property
    def path(self) -> Path:
        """Its directory."""
        return self.paths.path

    @cached_property
    def curves(self) -> Mapping[str, Curve]:
        """Its curves by key, read once; none where they can't be read, and then pictures leave the run out."""
        try:
            return read_results(self.path).curves
        except DataError:
            return {}

    @property
    def name(self) -> str:
        """What it was called."""
        return str(self.config.get("name", self.path.name))
