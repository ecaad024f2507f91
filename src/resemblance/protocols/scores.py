"""Genuine and impostor scores of a set of embeddings, and the threshold that validation identities choose."""

import torch
from torch import Tensor

from resemblance.embeddings import Embeddings
from resemblance.errors import DataError
from resemblance.metrics import balanced_threshold
from resemblance.protocols.base import check_embeddings
from resemblance.similarity import Scorer as Scorer
from resemblance.similarity import Similarity


def all_pairs_scores(embeddings: Embeddings, similarity: Similarity, block: int = 512) -> tuple[Tensor, Tensor]:
    """Scores of every unordered pair of images, each once, an image never with itself.

    Args:
        embeddings: [N, D] with identities.
        similarity: symmetric.
        block: rows that are compared with all later rows at a time; memory beside the result is O(block · N).

    Returns:
        Genuine scores [Σ_s n_s (n_s − 1) / 2] and impostor scores (all other pairs), float32, in no useful order.

    Raises:
        DataError: if the pairs are all genuine or all impostor, or an embedding is not finite.
    """
    check_embeddings(embeddings)
    identities = embeddings.identities.cpu()
    images = identities.unique(return_counts=True)[1]
    genuine = torch.empty(int((images * (images - 1) // 2).sum()))
    impostor = torch.empty(len(embeddings) * (len(embeddings) - 1) // 2 - len(genuine))
    for name, scores, cure in (
        ("genuine", genuine, "an identity with two images or more"),
        ("impostor", impostor, "at least two identities"),
    ):
        if len(scores) == 0:
            raise DataError(
                f"Verification on {len(embeddings)} images of {len(images)} identities has no {name} comparison; it "
                f"needs {cure}."
            )
    scorer = Scorer(similarity)
    filled = {True: 0, False: 0}
    for start in range(0, len(embeddings), block):
        stop = min(start + block, len(embeddings))
        scores = scorer(embeddings.vectors[start:stop], embeddings.vectors[start:])
        once = torch.ones(scores.shape, dtype=torch.bool).triu(diagonal=1)
        same = identities[start:stop, None] == identities[None, start:]
        for kind, out in ((True, genuine), (False, impostor)):
            chosen = scores[once & (same == kind)]
            out[filled[kind] : filled[kind] + len(chosen)] = chosen
            filled[kind] += len(chosen)
    return genuine, impostor


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
        DataError: as :func:`all_pairs_scores`.
    """
    return balanced_threshold(*all_pairs_scores(embeddings, similarity))
