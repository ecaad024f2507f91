"""Genuine and impostor scores of a set of embeddings, and the threshold that validation identities choose."""

import contextlib
from collections.abc import Sequence

import torch
from torch import Tensor

from resemblance.embeddings import Embeddings
from resemblance.metrics import UnmeasurableRateError
from resemblance.metrics.all_pairs import AllPairs, laid_out
from resemblance.metrics.counted import counted_tar_at_far
from resemblance.metrics.counted_thresholds import counted_balanced_threshold
from resemblance.protocols.counting import count_all_pairs
from resemblance.similarity import Scorer as Scorer
from resemblance.similarity import Similarity


def all_pairs_scores(embeddings: Embeddings, similarity: Similarity, block: int | None = None) -> tuple[Tensor, Tensor]:
    """Scores of every unordered pair of images, each once, an image never with itself.

    Args:
        embeddings: [N, D] with identities.
        similarity: symmetric.
        block: rows that are compared with all later rows at a time; memory beside the result is O(block · N).

    Returns:
        Genuine scores [Σ_s n_s (n_s − 1) / 2] and impostor scores (all other pairs), float32, in no useful order.

    Raises:
        DataError: as :class:`AllPairs`.
    """
    pairs = AllPairs(embeddings, similarity, block)
    return laid_out(pairs.genuine_runs(), pairs.genuine), laid_out(pairs.impostor_runs(), pairs.impostor)


def pair_scores(vectors: Tensor, first: Tensor, second: Tensor, similarity: Similarity, block: int = 256) -> Tensor:
    """Scores of listed comparisons only.

    Args:
        vectors: [N, D].
        first: int64 [M], row of one image of each comparison.
        second: int64 [M], row of the other.
        similarity: of the loss.
        block: comparisons at a time; a similarity compares all with all, so the work is O(block · M).

    Returns:
        float32 [M].
    """
    scorer = Scorer(similarity)
    scores = torch.empty(len(first))
    for start in range(0, len(first), block):
        rows = slice(start, start + block)
        scores[rows] = scorer(vectors[first[rows]], vectors[second[rows]]).diagonal()
    return scores


def validation_threshold(embeddings: Embeddings, similarity: Similarity) -> float:
    """The threshold with the best mean of TAR and 1 − FAR over all pairs of the validation identities.

    Raises:
        DataError: as :class:`AllPairs`.
    """
    return validation_thresholds(embeddings, similarity, ())[0]


def validation_thresholds(
    embeddings: Embeddings, similarity: Similarity, fars: Sequence[float]
) -> tuple[float, dict[float, float]]:
    """The threshold of :func:`validation_threshold`, and that of each FAR which so many comparisons can measure.

    The scores are counted, not kept: memory does not grow with the comparisons.

    Raises:
        DataError: as :class:`AllPairs`.
    """
    scores = count_all_pairs(AllPairs(embeddings, similarity), torch.empty(0, dtype=torch.int64))
    by_far = {}
    for far in fars:
        with contextlib.suppress(UnmeasurableRateError):  # so few validation comparisons say nothing of this rate
            by_far[far] = counted_tar_at_far(scores, far)[0].threshold
    return counted_balanced_threshold(scores), by_far
