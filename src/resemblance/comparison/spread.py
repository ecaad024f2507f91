"""Variance of each difference over seeds and over subjects, and both together."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Spread:
    """Of m differences of two means over n seeds.

    Attributes:
        seeds: variances over seeds, float64 [m].
        seeds_degrees: of freedom of each of them, float64 [m].
        subjects: variances over subjects that no number of seeds takes away, float64 [m]; 0 without replicates.
        given_trainings: variances over subjects with these trainings, float64 [m].
        subjects_degrees: of freedom of each of the latter.
    """

    seeds: np.ndarray
    seeds_degrees: np.ndarray
    subjects: np.ndarray
    given_trainings: np.ndarray
    subjects_degrees: float

    @property
    def variances(self) -> np.ndarray:
        """For other seeds and other subjects: the two are independent, so their variances add up."""
        return self.seeds + self.subjects

    @property
    def degrees(self) -> np.ndarray:
        """Of :attr:`variances`, after Satterthwaite (1946): V² / Σ V_i² / ν_i.

        ``subjects`` was found by a subtraction and is as uncertain as what it was subtracted from.
        """
        uncertain = self.seeds**2 / self.seeds_degrees + self.given_trainings**2 / self.subjects_degrees
        return self.variances**2 / uncertain

    def at(self, chosen: np.ndarray) -> "Spread":
        """Those of some differences, by mask or index."""
        return Spread(
            self.seeds[chosen],
            self.seeds_degrees[chosen],
            self.subjects[chosen],
            self.given_trainings[chosen],
            self.subjects_degrees,
        )

    def with_seeds(self, now: int, then: np.ndarray) -> "Spread":
        """Of one difference as it would be with other numbers of seeds, if what was seen is the truth.

        Args:
            now: n.
            then: other n, int64 [m].
        """
        within = self.given_trainings - self.subjects
        return Spread(
            self.seeds * now / then,
            # (k − 1)(n − 1), or n − 1.
            self.seeds_degrees / (now - 1) * (then - 1),
            self.subjects + 0 * then,
            self.subjects + within * now / then,
            self.subjects_degrees,
        )
