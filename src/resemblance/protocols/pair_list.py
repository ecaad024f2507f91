"""Verification (1:1) over the comparisons that a benchmark lists, such as LFW's ``pairsDevTest``."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

import torch
from torch import Tensor

from resemblance.embeddings import Embeddings, PairList
from resemblance.errors import DataError
from resemblance.metrics import accuracy_at, ascending
from resemblance.metrics.counted import CountedScores
from resemblance.metrics.influence import RateInfluence, accuracy_influence, auc_influence, rate_influence
from resemblance.metrics.subject_means import ComparedSubjects
from resemblance.metrics.uncertainty import Influence
from resemblance.protocols.base import check_embeddings
from resemblance.protocols.comparisons import comparison_result, dominated
from resemblance.protocols.estimates import Estimate, measured
from resemblance.protocols.folds import fold_estimate, fold_key, fold_table, judged_folds, subjects_in_several_folds
from resemblance.protocols.rates import check_rates
from resemblance.protocols.score_curves import score_histograms
from resemblance.protocols.scores import pair_scores
from resemblance.protocols.thin import noted, thin
from resemblance.results import Result
from resemblance.similarity import Similarity

NO_THRESHOLD = (
    "No threshold was chosen on validation identities in this similarity, and one chosen on the list itself would "
    "flatter."
)


@dataclass(frozen=True)
class PairVerification:
    """AUC, EER, TAR@FAR and accuracy over the listed comparisons only.

    Reports ``pairs/auc``, ``pairs/eer``, ``pairs/tar_at_far_1e_2`` (one for each rate), ``pairs/accuracy``, the curves
    ``pairs/roc`` (with ``roc_low`` and ``roc_high``, its 95 % band), ``pairs/genuine_scores`` and
    ``pairs/impostor_scores`` and, where a figure can't be had, the table ``pairs/refused``. There is no best accuracy
    over thresholds: it would be chosen on the list itself.

    A comparison that the list repeats counts as often as it is there, and every figure's note says how many do.

    A list with folds, such as the ten of LFW's View 2, also has ``pairs/ten_fold_accuracy`` (the mean over folds, each
    at the threshold that is best on the others, with the t interval from its standard error) and ``pairs/folds``.

    Args:
        pairs: the list, as rows of the set.
        threshold: chosen on validation identities, in the similarity that judges; None leaves the accuracy out.
        fars: false accept rates to report TAR at; a list of 500 impostor pairs has none below 1/500.
        category: what the network was allowed to know by the benchmark's own rules, such as LFW's "labelled outside
            data"; it stands in the label of the accuracy over folds.

    Raises:
        ConfigurationError: for a rate outside 0 < far < 1 or one that is there twice.
    """

    needs: ClassVar[tuple[str, ...]] = ("pairs", "threshold")

    pairs: PairList
    threshold: float | None
    fars: tuple[float, ...] = (1e-2,)
    category: str | None = None

    def __post_init__(self) -> None:
        check_rates("PairVerification", self.fars)

    def __call__(self, embeddings: Embeddings, similarity: Similarity, *, intervals: bool = True) -> Result:
        """The figures of the list.

        Raises:
            DataError: if the list does not belong to this set, compares an image with itself or has comparisons of one
                kind only, or the similarity can't judge an embedding.
        """
        pairs = self.pairs
        check_embeddings(embeddings, similarity)
        check_pairs(pairs, embeddings.identities)
        scores = pair_scores(embeddings.vectors, pairs.first, pairs.second, similarity)
        genuine, impostor = scores[pairs.same], scores[~pairs.same]
        counted = CountedScores.of(ascending(genuine), ascending(impostor))
        compared = self._compared(embeddings) if intervals else None

        def influences(thresholds: Sequence[float]) -> tuple[list[RateInfluence], Influence]:
            assert compared is not None  # only then they are asked for
            rates = [rate_influence(genuine, impostor, compared, threshold) for threshold in thresholds]
            return rates, auc_influence(genuine, impostor, compared)

        repeated = _repeated(pairs)
        one_subject = dominated(compared.genuine_spread.by_subject) if compared is not None else None
        subjects = len(embeddings.identities[torch.cat([pairs.first, pairs.second])].unique())
        counts = {"subjects": subjects, "genuine": len(genuine), "impostor": len(impostor)}
        estimates: dict[str, Estimate] = {}
        tables = {}
        label = f"accuracy at the threshold chosen on validation identities ({pairs.name})"
        if self.threshold is not None:
            estimates["pairs/accuracy"] = self._accuracy(self.threshold, genuine, impostor, compared, label, counts)
        refused = [] if self.threshold is not None else [(label, NO_THRESHOLD)]
        if pairs.folds is not None:
            try:
                judged = judged_folds(scores, pairs.same, pairs.folds)
            except DataError as reason:
                refused.append((f"accuracy over folds ({pairs.name})", str(reason)))
            else:
                found = fold_estimate(judged, pairs, scores, compared, counts, self.category)
                shared = subjects_in_several_folds(pairs, embeddings.identities)
                estimates[f"pairs/{fold_key(judged)}"] = replace(found, note=f"{found.note}{shared}")
                tables["pairs/folds"] = fold_table(judged)
        estimates = {key: replace(one, note=noted(one.note, repeated)) for key, one in estimates.items()}
        result = comparison_result(
            "pairs",
            counted,
            embeddings.identities,
            subjects=subjects,
            fars=self.fars,
            of=pairs.name,
            refused=refused,
            influences=influences if intervals else None,
            reservation=noted(one_subject, repeated),
        )
        histograms = score_histograms("pairs", counted, similarity.name)
        return result | measured(estimates, embeddings.identities) | Result(curves=histograms, tables=tables)

    @staticmethod
    def _accuracy(
        threshold: float,
        genuine: Tensor,
        impostor: Tensor,
        compared: ComparedSubjects | None,
        label: str,
        counts: dict[str, int],
    ) -> Estimate:
        accuracy = accuracy_at(threshold, genuine, impostor)
        errors = round((1 - accuracy) * (len(genuine) + len(impostor)))
        influence = None
        if compared is not None:
            rates = rate_influence(genuine, impostor, compared, threshold)
            influence = accuracy_influence(rates, len(genuine), len(impostor))
        return Estimate(accuracy, label, {**counts, "errors": errors}, influence, note=thin(errors))

    def _compared(self, embeddings: Embeddings) -> ComparedSubjects:
        """Whose images are compared, by the place of each label among all labels of the set."""
        labels, subjects = embeddings.identities.cpu().unique(return_inverse=True)
        first, second = subjects[self.pairs.first], subjects[self.pairs.second]
        same = self.pairs.same
        return ComparedSubjects(first[same], first[~same], second[~same], len(labels))


def check_pairs(pairs: PairList, identities: Tensor) -> None:
    """Refuse a list that can't be measured on a set, which its labels tell before anything is embedded.

    Args:
        pairs: the list.
        identities: int64 [N] of the set.

    Raises:
        DataError: if the list does not belong to this set, compares an image with itself or has comparisons of one
            kind only.
    """
    rows = torch.cat([pairs.first, pairs.second])
    if len(rows) and (rows.min() < 0 or rows.max() >= len(identities)):
        raise DataError(
            f"The pair list '{pairs.name}' names rows {int(rows.min())} to {int(rows.max())} of a set of "
            f"{len(identities)} images; it belongs to another set."
        )
    if own := int((pairs.first == pairs.second).sum()):
        raise DataError(
            f"{own} of the {len(pairs)} comparisons of the pair list '{pairs.name}' compare an image with itself, "
            f"which says nothing of other images; leave them out."
        )
    same = identities[pairs.first] == identities[pairs.second]
    if wrong := int((same != pairs.same).sum()):
        raise DataError(
            f"{wrong} of the {len(pairs)} comparisons of the pair list '{pairs.name}' contradict the identities of "
            f"their images; the list belongs to another set, or its rows are in another order."
        )
    if pairs.folds is not None and len(pairs.folds) != len(pairs):
        raise DataError(
            f"The pair list '{pairs.name}' gives {len(pairs.folds)} folds for {len(pairs)} comparisons; it needs "
            f"one for each."
        )
    for kind, count in (("genuine", int(pairs.same.sum())), ("impostor", int((~pairs.same).sum()))):
        if count == 0:
            raise DataError(f"The pair list '{pairs.name}' has no {kind} comparison; verification needs both kinds.")


def _repeated(pairs: PairList) -> str | None:
    """The reservation about a list in which a comparison, in either order of its images, is there more than once."""
    ends = torch.stack([pairs.first, pairs.second]).sort(dim=0).values
    again = len(pairs) - ends.unique(dim=1).shape[1]
    return f"{again:,} of the {len(pairs):,} comparisons repeat others of the list" if again else None
