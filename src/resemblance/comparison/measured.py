"""What a comparison is made of: one figure of several contestants, over the seeds that they share."""

from dataclasses import dataclass

import numpy as np

OF_TRAINING = "train/"
"""How the key of a figure begins in which no test subject takes part."""


@dataclass(frozen=True)
class Measured:
    """One figure of k contestants on one test set, each trained with the same n seeds.

    Attributes:
        key: of the figure, ``test/verification/auc``.
        label: what a person calls it, with its operating point: ``TAR@FAR=1e-3``.
        contestants: k names.
        seeds: n seeds that all contestants have.
        values: float64 [k, n].
        replicates: float64 [k, n, B]: each figure for B other draws of the subjects of the test set, the same draws
            for all runs; None where the runs have none, NaN where with one seed some have none.
        subject_degrees: degrees of freedom of the variance over subjects; None without replicates.
        higher_is_better: which way the figure improves.
    """

    key: str
    label: str
    contestants: tuple[str, ...]
    seeds: tuple[int, ...]
    values: np.ndarray
    replicates: np.ndarray | None = None
    subject_degrees: float | None = None
    higher_is_better: bool = True

    def __post_init__(self) -> None:
        if self.values.shape != (len(self.contestants), len(self.seeds)):
            raise ValueError(f"{self.values.shape} values for {len(self.contestants)} × {len(self.seeds)} runs.")
        if self.replicates is not None and self.replicates.shape[:2] != self.values.shape:
            raise ValueError(f"Replicates of shape {self.replicates.shape} for values of shape {self.values.shape}.")
        if not np.isfinite(self.values).all():
            raise ValueError(f"{self.label} is not a number in every run.")

    @property
    def covers_subjects(self) -> bool | None:
        """Whether there are replicates; None for a figure of the training, in which no test subject takes part."""
        return None if self.key.startswith(OF_TRAINING) else self.replicates is not None

    @property
    def is_rate(self) -> bool:
        """Whether the figure is one that can't leave 0 … 1, as far as its values show."""
        return bool(((self.values >= 0) & (self.values <= 1)).all())
