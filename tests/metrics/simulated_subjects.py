"""Scores with effects of subjects and of images, for tests of how often an interval holds what it should."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch

from resemblance.metrics.counted import (
    CountedScores,
    counted_auc,
    counted_equal_error_rate,
    counted_tar,
    counted_tar_at_far,
    equal_error_threshold,
)
from resemblance.metrics.influence import (
    accuracy_influence,
    auc_influence,
    equal_error_influence,
    rate_influence,
    tar_at_far_influence,
)
from resemblance.metrics.rates import allowed_impostor_errors
from resemblance.metrics.subject_means import ComparedSubjects
from resemblance.metrics.uncertainty import interval

FAR = 1e-2
FIGURES = ("fnmr", "fmr", "accuracy", "auc", "eer", "tar_at_far")


@dataclass(frozen=True)
class Scores:
    """A design, i.e. which images of whom are compared, and how much subjects differ.

    Attributes:
        subjects: int64 [N], of each image.
        genuine, impostor: int64 [2, G] and [2, I], images of the comparisons.
        genuine_spread: standard deviation of what a subject adds to its genuine scores.
        impostor_spread: of what each of the two subjects adds to an impostor score.
    """

    subjects: np.ndarray
    genuine: np.ndarray
    impostor: np.ndarray
    genuine_spread: float
    impostor_spread: float

    def draw(self, random):
        """Genuine and impostor scores of new subjects."""
        people, images = self.subjects.max() + 1, len(self.subjects)
        genuine_effect = random.normal(size=people) * self.genuine_spread
        impostor_effect = random.normal(size=people) * self.impostor_spread
        quality = random.normal(size=images) * 0.5
        genuine = 2.5 + genuine_effect[self.subjects[self.genuine[0]]] + quality[self.genuine].sum(0)
        impostor = impostor_effect[self.subjects[self.impostor]].sum(0) + 0.5 * quality[self.impostor].sum(0)
        return (
            torch.from_numpy(genuine + random.normal(size=len(genuine))).float(),
            torch.from_numpy(impostor + random.normal(size=len(impostor))).float(),
        )

    @cached_property
    def compared(self):
        first, second = torch.from_numpy(self.subjects[self.impostor])
        genuine = torch.from_numpy(self.subjects[self.genuine[0]])
        return ComparedSubjects(genuine, first, second, int(self.subjects.max()) + 1)

    def truth(self, draws):
        """Thresholds of all kinds and the figures of the population, from many draws."""
        random = np.random.default_rng(1)
        genuine, impostor = (
            torch.cat(kind).sort().values for kind in zip(*(self.draw(random) for _ in range(draws)), strict=True)
        )
        low = float(genuine[int(0.07 * len(genuine))])
        high = float(impostor[int(0.99 * len(impostor))])
        counted = CountedScores.of(genuine, impostor)
        tar, far = ((float((kind > 1.2).double().mean())) for kind in (genuine, impostor))
        share = self.genuine.shape[1] / (self.genuine.shape[1] + self.impostor.shape[1])
        return (low, high), {
            "fnmr": float((genuine <= low).double().mean()),
            "fmr": float((impostor > high).double().mean()),
            "accuracy": share * tar + (1 - share) * (1 - far),
            "auc": counted_auc(counted).value,
            "eer": counted_equal_error_rate(counted).value,
            "tar_at_far": counted_tar_at_far(counted, FAR)[0].tar,
        }

    def figures(self, genuine, impostor, thresholds, rate=FAR):
        """Each figure with the influence of the subjects on it."""
        low, high = thresholds
        counted = CountedScores.of(genuine, impostor)
        total = len(genuine), len(impostor)

        def at(threshold):
            return rate_influence(genuine, impostor, self.compared, threshold)

        def tar_at(errors):
            return counted_tar(counted, errors)[0]

        point = counted_tar_at_far(counted, rate)[0]
        meeting, errors, _ = equal_error_threshold(counted)
        right = int((genuine > 1.2).sum()) + int((impostor <= 1.2).sum())
        return {
            "fnmr": (float((genuine <= low).double().mean()), at(low).tar),
            "fmr": (float((impostor > high).double().mean()), at(high).far),
            "accuracy": (right / sum(total), accuracy_influence(at(1.2), *total)),
            "auc": (counted_auc(counted).value, auc_influence(genuine, impostor, self.compared)),
            "eer": (
                counted_equal_error_rate(counted).value,
                equal_error_influence(at(meeting), tar_at, errors, total[1]),
            ),
            "tar_at_far": (
                point.tar,
                tar_at_far_influence(
                    at(point.threshold),
                    tar_at,
                    rate,
                    point.impostor_errors,
                    allowed_impostor_errors(rate, total[1]),
                    total[1],
                ),
            ),
        }

    def coverage(self, repetitions, pool, seed=0):
        """How often the interval of each figure holds the population's."""
        thresholds, truth = self.truth(pool)
        random = np.random.default_rng(seed)
        held = dict.fromkeys(FIGURES, 0)
        for _ in range(repetitions):
            for name, (value, influence) in self.figures(*self.draw(random), thresholds).items():
                found = interval(value, influence)
                held[name] += found.low <= truth[name] <= found.high
        return {name: count / repetitions for name, count in held.items()}


def all_pairs(images, genuine_spread, impostor_spread):
    """Every pair of the images, ``images`` [S] being how many each subject has."""
    subjects = np.repeat(np.arange(len(images)), images)
    pairs = np.stack(np.triu_indices(len(subjects), 1))
    same = subjects[pairs[0]] == subjects[pairs[1]]
    return Scores(subjects, pairs[:, same], pairs[:, ~same], genuine_spread, impostor_spread)


def pair_list(comparisons, several, people, genuine_spread, impostor_spread):
    """As View 2: as many genuine as impostor comparisons; only the first subjects have several images, here four."""
    random = np.random.default_rng(2)
    images = np.where(np.arange(people) < several, 4, 1)
    starts = np.concatenate([[0], images.cumsum()[:-1]])
    places = np.stack([random.permutation(4)[:2] for _ in range(comparisons)], 1)
    genuine = starts[random.integers(several, size=comparisons)] + places
    first = random.integers(people, size=comparisons)
    second = (first + random.integers(1, people, size=comparisons)) % people
    impostor = np.stack([starts[who] + random.integers(images[who]) for who in (first, second)])
    return Scores(np.repeat(np.arange(people), images), genuine, impostor, genuine_spread, impostor_spread)
