"""What a loss says about its batch, under the same names for every loss, so that runs can be laid side by side."""

import torch
from torch import Tensor

from resemblance.losses.comparisons import Comparisons
from resemblance.losses.sphere import to_unit_sphere


def embedding_spread(embeddings: Tensor) -> Tensor:
    """1 − ‖mean of x/‖x‖₂‖₂ of [B, D]: 0 when all embeddings point one way (collapse), near 1 when they balance out."""
    return 1 - torch.linalg.vector_norm(to_unit_sphere(embeddings).mean(0))


@torch.no_grad()
def batch_statistics(
    embeddings: Tensor, similarities: Tensor, comparisons: Comparisons, *, active_share: Tensor, empty: Tensor
) -> dict[str, Tensor]:
    """The statistics that every loss reports, as scalars in the type of the embeddings.

    Args:
        embeddings: [B, D].
        similarities: [B, M] in the loss's own similarity, between the batch and what the loss compares it with.
        comparisons: bool [B, M] each, which of them are genuine and which impostor.
        active_share: share of the comparisons that push the embeddings; each loss says which it counts.
        empty: whether the batch held nothing to compare.

    Returns:
        ``genuine_similarity`` and ``impostor_similarity`` (means; NaN where the batch has no such pair),
        ``active_share``, ``embedding_spread`` and ``empty_batch`` (1 or 0, so that its mean over steps is a share).
    """
    genuine, impostor = comparisons
    return {
        "genuine_similarity": torch.where(genuine, similarities, 0).sum() / genuine.sum(),
        "impostor_similarity": torch.where(impostor, similarities, 0).sum() / impostor.sum(),
        "active_share": active_share.to(embeddings.dtype),
        "embedding_spread": embedding_spread(embeddings),
        "empty_batch": empty.to(embeddings.dtype),
    }
