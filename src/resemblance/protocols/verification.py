"""Verification (1:1) over all pairs of a set of images."""

from dataclasses import dataclass, replace
from typing import ClassVar

from resemblance.embeddings import Embeddings
from resemblance.metrics import ascending
from resemblance.protocols.comparisons import comparison_result, score_histograms
from resemblance.protocols.rates import check_rates
from resemblance.protocols.scores import all_pairs_scores
from resemblance.results import Result
from resemblance.similarity import Similarity


@dataclass(frozen=True)
class Verification:
    """AUC, EER and TAR@FAR over every unordered pair of images, each once.

    Reports ``verification/auc``, ``verification/eer`` and ``verification/tar_at_far_1e_3`` (one for each rate), the
    curves ``verification/roc``, ``verification/genuine_scores`` and ``verification/impostor_scores`` and, where a
    rate can't be measured, the table ``verification/refused``.

    Args:
        fars: false accept rates to report TAR at. With I impostor pairs the smallest that exists is 1/I, and below
            30/I the figure is marked as thinly supported.

    Raises:
        ConfigurationError: for a rate outside 0 < far < 1 or one that is there twice.
    """

    needs: ClassVar[tuple[str, ...]] = ()

    fars: tuple[float, ...] = (1e-2, 1e-3)

    def __post_init__(self) -> None:
        check_rates("Verification", self.fars)

    def __call__(self, embeddings: Embeddings, similarity: Similarity, *, intervals: bool = True) -> Result:
        """The figures of one set.

        Raises:
            DataError: if there are no genuine or no impostor pairs, or an embedding is not finite.
        """
        genuine, impostor = (ascending(scores) for scores in all_pairs_scores(embeddings, similarity))
        subjects = len(embeddings.identities.unique())
        result = comparison_result("verification", genuine, impostor, subjects=subjects, fars=self.fars)
        histograms = score_histograms("verification", genuine, impostor, similarity.name)
        return replace(result, curves={**result.curves, **histograms})
