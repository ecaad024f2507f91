"""What the triplet losses report beside the shared statistics."""

from torch import Tensor

from resemblance.losses.comparisons import Comparisons
from resemblance.losses.mining_windows import Counted
from resemblance.losses.statistics import batch_statistics


def triplet_statistics(
    embeddings: Tensor,
    similarities: Tensor,
    comparisons: Comparisons,
    counted: Counted,
    *,
    active_share: Tensor,
) -> dict[str, Tensor]:
    """The statistics of a triplet loss.

    Args:
        embeddings: [B, D].
        similarities: [B, M], the loss's own.
        comparisons: bool [B, M] each.
        counted: the valid triplets, mined or not.
        active_share: as :class:`~resemblance.losses.mining.Mined` finds it.
    """
    active, valid = counted
    return batch_statistics(
        embeddings,
        similarities,
        comparisons,
        active_share=active_share,
        empty=valid == 0,
        zero_loss_share=(valid - active) / valid.clamp_min(1),
    )
