"""Verification (1:1) over the comparisons that a benchmark lists, such as LFW's ``pairsDevTest``."""

from dataclasses import dataclass
from typing import ClassVar

import torch

from resemblance.embeddings import Embeddings, PairList
from resemblance.errors import DataError
from resemblance.metrics import accuracy_at, ascending
from resemblance.metrics.counted import CountedScores
from resemblance.protocols.base import check_embeddings
from resemblance.protocols.comparisons import comparison_result
from resemblance.protocols.rates import check_rates
from resemblance.protocols.scores import pair_scores
from resemblance.results import Result, Scalar
from resemblance.similarity import Similarity

NO_THRESHOLD = "No threshold was chosen on validation identities, and one chosen on the list itself would flatter."


@dataclass(frozen=True)
class PairVerification:
    """AUC, EER, TAR@FAR and accuracy over the listed comparisons only.

    Reports ``pairs/auc``, ``pairs/eer``, ``pairs/tar_at_far_1e_2`` (one for each rate), ``pairs/accuracy``, the curve
    ``pairs/roc`` and, where a figure can't be had, the table ``pairs/refused``. There is no best accuracy over
    thresholds: it would be chosen on the list itself.

    Args:
        pairs: the list, as rows of the set.
        threshold: chosen on validation identities, in the similarity that judges; None leaves the accuracy out.
        fars: false accept rates to report TAR at; a list of 500 impostor pairs has none below 1/500.

    Raises:
        ConfigurationError: for a rate outside 0 < far < 1 or one that is there twice.
    """

    needs: ClassVar[tuple[str, ...]] = ("pairs", "threshold")

    pairs: PairList
    threshold: float | None
    fars: tuple[float, ...] = (1e-2,)

    def __post_init__(self) -> None:
        check_rates("PairVerification", self.fars)

    def __call__(self, embeddings: Embeddings, similarity: Similarity, *, intervals: bool = True) -> Result:
        """The figures of the list.

        Raises:
            DataError: if the list does not belong to this set or has comparisons of one kind only, or an embedding is
                not finite.
        """
        pairs = self.pairs
        self._check(embeddings, similarity)
        scores = pair_scores(embeddings.vectors, pairs.first, pairs.second, similarity)
        genuine, impostor = ascending(scores[pairs.same]), ascending(scores[~pairs.same])
        subjects = len(embeddings.identities[torch.cat([pairs.first, pairs.second])].unique())
        label = f"accuracy at the threshold chosen on validation identities ({pairs.name})"
        result = comparison_result(
            "pairs",
            CountedScores.of(genuine, impostor),
            embeddings.identities,
            subjects=subjects,
            fars=self.fars,
            of=pairs.name,
            refused=() if self.threshold is not None else [(label, NO_THRESHOLD)],
        )
        if self.threshold is None:
            return result
        accuracy = accuracy_at(self.threshold, genuine, impostor)
        counts = {
            "subjects": subjects,
            "genuine": len(genuine),
            "impostor": len(impostor),
            "errors": round((1 - accuracy) * len(pairs)),
        }
        return result | Result({"pairs/accuracy": Scalar(accuracy, label, counts)})

    def _check(self, embeddings: Embeddings, similarity: Similarity) -> None:
        check_embeddings(embeddings, similarity)
        pairs = self.pairs
        rows = torch.cat([pairs.first, pairs.second])
        if len(rows) and (rows.min() < 0 or rows.max() >= len(embeddings)):
            raise DataError(
                f"The pair list '{pairs.name}' names rows {int(rows.min())} to {int(rows.max())} of a set of "
                f"{len(embeddings)} images; it belongs to another set."
            )
        same = embeddings.identities[pairs.first] == embeddings.identities[pairs.second]
        if wrong := int((same != pairs.same).sum()):
            raise DataError(
                f"{wrong} of the {len(pairs)} comparisons of the pair list '{pairs.name}' contradict the identities of "
                f"their images; the list belongs to another set, or its rows are in another order."
            )
        for kind, count in (("genuine", int(pairs.same.sum())), ("impostor", int((~pairs.same).sum()))):
            if count == 0:
                raise DataError(
                    f"The pair list '{pairs.name}' has no {kind} comparison; verification needs both kinds."
                )
