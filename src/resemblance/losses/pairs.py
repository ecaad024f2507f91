"""Losses that compare each image of a batch with references: the batch itself, or a memory of earlier batches."""

from typing import final

from torch import Tensor

from resemblance.losses.base import Computed, MetricLoss
from resemblance.losses.comparisons import References


class PairwiseLoss(MetricLoss):
    """Base of the losses that a cross-batch memory can serve: B images against M references.

    A subclass writes :meth:`compare`. Without a memory the references are the batch.
    """

    @final
    def compute(self, embeddings: Tensor, identities: Tensor) -> Computed:
        """The formula with the batch as its own references."""
        return self.compare(embeddings, identities, References(embeddings, identities))

    def compare(self, embeddings: Tensor, identities: Tensor, references: References) -> Computed:
        """The paper's formula for images [B, D] against references [M, D], the last B of which are the images."""
        raise NotImplementedError
