"""Accuracy over the folds of a pair list, each judged by the threshold that the others choose, as for LFW's View 2."""

import math
from typing import NamedTuple

import torch
from torch import Tensor

from resemblance.embeddings import PairList
from resemblance.errors import DataError
from resemblance.metrics.influence import RateInfluence, accuracy_influence
from resemblance.metrics.subject_means import ComparedSubjects
from resemblance.metrics.uncertainty import Influence, interval_over_folds
from resemblance.protocols.estimates import Estimate
from resemblance.protocols.thin import noted, thin
from resemblance.results import Table

NAMES = {2: "two", 3: "three", 4: "four", 5: "five", 10: "ten"}


class Fold(NamedTuple):
    """One fold, judged.

    Attributes:
        name: as the list numbers it.
        threshold: with the highest accuracy on the other folds.
        genuine, impostor: numbers of comparisons.
        genuine_errors, impostor_errors: of them decided wrongly.
    """

    name: int
    threshold: float
    genuine: int
    impostor: int
    genuine_errors: int
    impostor_errors: int

    @property
    def accuracy(self) -> float:
        """Share of the comparisons decided rightly."""
        return 1 - (self.genuine_errors + self.impostor_errors) / (self.genuine + self.impostor)


def judged_folds(scores: Tensor, same: Tensor, folds: Tensor) -> list[Fold]:
    """Each fold at the threshold that has the highest accuracy on all others, midway between the scores it parts.

    Of several equally good thresholds the lowest is taken; a comparison is accepted strictly above.

    Args:
        scores: [M].
        same: bool [M], true for a genuine comparison.
        folds: int64 [M].

    Raises:
        DataError: if all but one fold have comparisons of one kind only, or there is but one fold.
    """
    names = folds.unique().tolist()
    if len(names) < 2:
        raise DataError("A list with one fold has no other folds to choose its threshold on; it needs two or more.")
    # Sorted once: what is left of ascending scores is ascending.
    order = torch.argsort(scores, stable=True)
    scores, same, folds = scores[order], same[order], folds[order]
    judged = []
    for name in names:
        inside = folds == name
        others = [scores[~inside & (same == kind)] for kind in (True, False)]
        if not all(len(kind) for kind in others):
            raise DataError(f"The folds other than {name} have comparisons of one kind only, and choose no threshold.")
        threshold = _best_threshold(*others)
        accepted = scores[inside].double() > threshold
        genuine = same[inside]
        judged.append(
            Fold(
                name,
                threshold,
                int(genuine.sum()),
                int((~genuine).sum()),
                int((genuine & ~accepted).sum()),
                int((~genuine & accepted).sum()),
            )
        )
    return judged


def _best_threshold(genuine: Tensor, impostor: Tensor) -> float:
    """The lowest of the thresholds with the highest accuracy on ascending scores, midway between two of them."""
    values = torch.cat([genuine, impostor]).unique().double()
    below_all = torch.nextafter(values[:1], values.new_tensor(-math.inf))
    candidates = torch.cat([below_all, (values[1:] + values[:-1]) / 2, values[-1:]])
    rejected = [torch.searchsorted(scores.double(), candidates, right=True) for scores in (genuine, impostor)]
    gain = rejected[1] - rejected[0]
    # The lowest, as an argmax over ascending thresholds finds it: published accuracies on View 2 are computed so.
    # best_accuracy takes the highest, which accepts the fewest impostors: dlib's 98.77 % would become 98.75 %.
    return float(candidates[int((gain == gain.max()).nonzero()[0])])


def subjects_in_several_folds(pairs: PairList, identities: Tensor) -> str:
    """A reservation about folds that have people in common, or nothing: their accuracies are not independent then."""
    assert pairs.folds is not None  # they were judged
    people = identities[torch.cat([pairs.first, pairs.second])]
    where = torch.stack([people, torch.cat([pairs.folds, pairs.folds])], 1).unique(dim=0)
    several = int((where[:, 0].unique(return_counts=True)[1] > 1).sum())
    return f"; {several} subjects are in several folds, which are not independent then" if several else ""


def fold_table(judged: list[Fold]) -> Table:
    """A row for each fold."""
    return Table(
        ("fold", "threshold", "accuracy", "genuine_errors", "impostor_errors"),
        tuple((one.name, one.threshold, one.accuracy, one.genuine_errors, one.impostor_errors) for one in judged),
    )


def fold_key(judged: list[Fold]) -> str:
    """``ten_fold_accuracy`` for ten folds."""
    return f"{NAMES.get(len(judged), len(judged))}_fold_accuracy"


def fold_estimate(
    judged: list[Fold],
    pairs: PairList,
    scores: Tensor,
    compared: ComparedSubjects | None,
    counts: dict[str, int],
    category: str | None,
) -> Estimate:
    """Mean accuracy of the folds with a t interval from its standard error; replicates are over the subjects.

    Args:
        judged: K folds.
        pairs: their list.
        scores: [M].
        compared: whose the comparisons are; None leaves interval and replicates out.
        counts: of the list.
        category: what the network knew, by the benchmark's own rules; stands in the label.
    """
    accuracies = [one.accuracy for one in judged]
    value = math.fsum(accuracies) / len(judged)
    standard_error = float(torch.tensor(accuracies, dtype=torch.float64).std()) / math.sqrt(len(judged))
    errors = sum(one.genuine_errors + one.impostor_errors for one in judged)
    label = f"{len(judged)}-fold accuracy, mean ± standard error ({pairs.name}{f', {category}' if category else ''})"
    note = f"standard error {standard_error:.4f} over {len(judged)} folds (not the standard deviation)"
    influence, ends = None, None
    if compared is not None:
        influence = _influence(judged, pairs, scores, compared)
        ends = interval_over_folds(accuracies, influence=influence)
    counts = {**counts, "folds": len(judged), "errors": errors}
    return Estimate(value, label, counts, influence, ends, noted(thin(errors), note))


def _influence(judged: list[Fold], pairs: PairList, scores: Tensor, compared: ComparedSubjects) -> Influence:
    """On the mean over K folds of the accuracy, each comparison at its own fold's threshold.

    A comparison of a fold with m of all M weighs M / (K · m): in a small fold it moves the figure further. How far it
    lies above its kind's share of accepted ones is told from the whole list; from its own fold alone the variance of a
    list with small folds would come out too small.
    """
    assert pairs.folds is not None  # they were judged
    place = torch.searchsorted(torch.tensor([one.name for one in judged]), pairs.folds)
    accepted = scores.double() > torch.tensor([one.threshold for one in judged], dtype=torch.float64)[place]
    weights = (len(pairs) / len(judged) / torch.bincount(place).double())[place]

    def weighted(kind: Tensor) -> Tensor:
        of_kind, there = weights[kind], accepted[kind].double()
        return of_kind * (there - (of_kind * there).sum() / of_kind.sum())

    moved = RateInfluence(compared.genuine(weighted(pairs.same)), compared.impostor(weighted(~pairs.same)))
    return accuracy_influence(moved, int(pairs.same.sum()), int((~pairs.same).sum()))
