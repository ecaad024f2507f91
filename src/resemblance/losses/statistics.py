"""What a loss says about its batch, under the same names for every loss, so that runs can be laid side by side."""

from collections.abc import Iterator

import torch
from torch import Tensor

from resemblance.losses.comparisons import Comparisons
from resemblance.losses.sphere import to_unit_sphere

_CPU_BLOCK, _GPU_BLOCK = 2**16, 2**25


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
    genuine_count, impostor_count = (kind.count_nonzero() for kind in comparisons)
    genuine_sum, impostor_sum = similarities.new_zeros(2)
    for block, genuine, impostor in _blocks(similarities, *comparisons):
        genuine_sum += torch.where(genuine, block, 0).sum()
        impostor_sum += torch.where(impostor, block, 0).sum()
    compared = genuine_count + impostor_count
    mean = (genuine_sum + impostor_sum) / compared
    # From the mean, since a difference of squares would not be 0 in a collapse; a pair of neither kind is left out.
    squares = similarities.new_zeros(())
    for block, genuine, impostor in _blocks(similarities, *comparisons):
        squares += (block - mean).masked_fill_(genuine == impostor, 0).square_().sum()
    return statistics(
        embeddings,
        genuine_similarity=genuine_sum / genuine_count,
        impostor_similarity=impostor_sum / impostor_count,
        similarity_deviation=(squares / compared).sqrt(),
        active_share=active_share,
        empty=empty,
        **others,
    )


def _blocks(*tables: Tensor) -> Iterator[tuple[Tensor, ...]]:
    """The same rows of several [B, M]; the intermediate results of a block stay in a core's cache."""
    rows = max(1, (_CPU_BLOCK if tables[0].device.type == "cpu" else _GPU_BLOCK) // tables[0].shape[1])
    return zip(*(table.split(rows) for table in tables), strict=True)


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
