"""Studies whose truth is known: losses, seeds and test subjects with effects of their own and of each combination.

A figure is the mean over the subjects of a rate of success of each, as accuracy, rank-1 and, to first order, AUC are.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from scipy.special import expit

from resemblance.comparison.measured import Measured
from resemblance.metrics.replicates import replicates
from resemblance.metrics.uncertainty import Influence

_NODES, _WEIGHTS = np.polynomial.hermite_e.hermegauss(60)


@dataclass(frozen=True)
class World:
    """How rates come about: the standard deviation of each effect.

    Attributes:
        levels: k, what each loss is worth; on the scale of rates, or of logits where ``logistic``.
        seeds: n.
        subjects: of the test set.
        block: what a seed does to all losses alike.
        training: what it does to each loss in its own way; one for all, or k.
        subject: how much easier a subject is for all losses.
        loss_subject: for one loss; this is what more seeds don't take away.
        training_subject: for one training.
        logistic: whether effects add up on the scale of logits, so that they shrink near 1.
    """

    levels: Sequence[float]
    seeds: int = 5
    subjects: int = 80
    block: float = 0.01
    training: float | Sequence[float] = 0.01
    subject: float = 0.05
    loss_subject: float = 0.05
    training_subject: float = 0.05
    logistic: bool = False
    names: Sequence[str] = field(default=tuple("abcdefghij"))

    def rates(self, generator: np.random.Generator) -> np.ndarray:
        """One study: how well each training does on each subject, float64 [k, n, S]."""
        k, n, s = len(self.levels), self.seeds, self.subjects
        normal = generator.standard_normal
        spread = np.broadcast_to(self.training, k)[:, None, None]
        rates = (
            np.asarray(self.levels)[:, None, None]
            + self.block * normal((1, n, 1))
            + spread * normal((k, n, 1))
            + self.subject * normal((1, 1, s))
            + self.loss_subject * normal((k, 1, s))
            + self.training_subject * normal((k, n, s))
        )
        return expit(rates) if self.logistic else rates

    def draw(self, generator: np.random.Generator) -> Measured:
        """One study, measured."""
        rates = self.rates(generator)
        k, n, s = rates.shape
        values = rates.mean(2)
        drawn = replicates(values.ravel().tolist(), influences(rates.reshape(k * n, s)), torch.arange(s))
        names = tuple(self.names[:k])
        return Measured("test/rate", "rate", names, tuple(range(n)), values, drawn.numpy().reshape(k, n, -1), s - 1.0)

    def truth(self) -> np.ndarray:
        """Expected figures over all seeds and all subjects, float64 [k]."""
        levels = np.asarray(self.levels, dtype=np.float64)
        if not self.logistic:
            return levels
        effects = (self.block, self.subject, self.loss_subject, self.training_subject)
        spread = np.sqrt(sum(np.square(effects)) + np.square(np.broadcast_to(self.training, len(levels))))
        return (expit(levels[:, None] + spread[:, None] * _NODES) * _WEIGHTS).sum(1) / _WEIGHTS.sum()


def influences(rates: np.ndarray) -> list[Influence]:
    """How far each mean falls when a subject is left out, as metrics/subject_means.py has it, of rates [R, S]."""
    subjects = rates.shape[1]
    moves = torch.from_numpy((rates - rates.mean(1, keepdims=True)) / (subjects - 1))
    return [Influence(by_subject, 0.0, subjects) for by_subject in moves]
