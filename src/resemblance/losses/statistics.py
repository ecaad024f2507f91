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
    embeddings: Tensor,
    similarities: Tensor,
    comparisons: Comparisons,
    *,
    active_share: Tensor,
    empty: Tensor,
    **others: Tensor,
) -> dict[str, Tensor]:
    """The statistics that every loss reports, as scalars in the type of the embeddings.

    Args:
        embeddings: [B, D].
        similarities: [B, M] in the loss's own similarity, between the batch and what the loss compares it with.
        comparisons: bool [B, M] each, which of them are genuine and which impostor.
        active_share: share of the comparisons that push the embeddings; each loss says which it counts.
        empty: whether the batch held nothing to compare.
        others: what a family of losses reports beside these, such as ``zero_loss_share``.

    Returns:
        As :func:`statistics`.
    """
    genuine, impostor = comparisons
    genuine_count, impostor_count = genuine.sum(), impostor.sum()
    genuine_sum = torch.where(genuine, similarities, 0).sum()
    impostor_sum = torch.where(impostor, similarities, 0).sum()
    compared = genuine_count + impostor_count
    mean = (genuine_sum + impostor_sum) / compared
    squares = torch.where(genuine | impostor, similarities - mean, 0).square().sum()
    return statistics(
        embeddings,
        genuine_similarity=genuine_sum / genuine_count,
        impostor_similarity=impostor_sum / impostor_count,
        similarity_deviation=(squares / compared).sqrt(),
        active_share=active_share,
        empty=empty,
        **others,
    )


@torch.no_grad()
def statistics(
    embeddings: Tensor,
    *,
    genuine_similarity: Tensor,
    impostor_similarity: Tensor,
    similarity_deviation: Tensor,
    active_share: Tensor,
    empty: Tensor,
    **others: Tensor,
) -> dict[str, Tensor]:
    """The shared names, for a loss that finds the means itself.

    Returns:
        ``genuine_similarity`` and ``impostor_similarity`` (means; NaN where the batch has no such pair),
        ``similarity_deviation`` (standard deviation over all comparisons; 0 in a collapse), ``active_share``,
        ``embedding_spread``, ``empty_batch`` (1 or 0, so that its mean over steps is a share) and the others.
    """
    named = {
        "genuine_similarity": genuine_similarity,
        "impostor_similarity": impostor_similarity,
        "similarity_deviation": similarity_deviation,
        "active_share": active_share,
        "embedding_spread": embedding_spread(embeddings),
        "empty_batch": empty,
        **others,
    }
    return {name: statistic.to(embeddings.dtype) for name, statistic in named.items()}
