"""A finished run as a comparison sees it: its files alone, no model and no GPU."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from resemblance.results import Scalar
from resemblance.tracking.paths import RunPaths
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

    @property
    def name(self) -> str:
        """What it was called."""
        return str(self.config.get("name", self.path.name))
