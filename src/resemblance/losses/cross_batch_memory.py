"""Cross-batch memory (XBM).

X. Wang, H. Zhang, W. Huang, M. R. Scott: Cross-Batch Memory for Embedding Learning. CVPR 2020.
"""

from functools import partial
from typing import ClassVar

import torch
from torch import Tensor

from resemblance.errors import ConfigurationError
from resemblance.losses.base import Computed, MetricLoss, Need
from resemblance.losses.checks import check_range, check_weights, check_whole_number
from resemblance.losses.comparisons import References
from resemblance.losses.pairs import PairwiseLoss
from resemblance.similarity import Similarity


class CrossBatchMemory(MetricLoss):
    """A loss on the batch, plus w times the same loss of the batch against the embeddings of the latest batches.

    Embeddings drift slowly after the first steps, so that those of earlier batches are nearly what the network would
    still say: many more pairs, for one matrix product. As in the authors' code the batch enters the memory first and
    is compared with it, itself included, while no image is compared with its own entry; the batch's own loss is
    added, because only there do both sides of a pair receive a gradient. Earlier entries of the same photograph
    count as images of the same person.

    The memory lives in buffers: it moves with the module, lands in checkpoints, partly filled or not, and goes on
    after a resume. In distributed training it takes the batch of all processes and is alike on each. In evaluation
    mode it is neither read nor written.

    Args:
        loss: a loss that compares images with references.
        embedding_size: D.
        size: entries, no fewer than a batch holds; the oldest are dropped.
        weight: w ≥ 0; the authors' code has 1.
        warm_up: share of the training, from 0 to below 1, before anything is remembered. The paper warms up for 1,000
            steps, the authors' configuration for half of the training.

    Attributes:
        embeddings: [size, D], the latest last; the filled entries are at the end.
        identities: int64 [size].
        filled: int64 scalar, how many of them are.

    Statistics:
        Those of the comparison with the memory, and ``memory_entries``.

    Raises:
        ConfigurationError: for a loss that does not compare images with references, or a parameter outside its range.
        ValueError: from the call, for a batch that is larger than the memory, or embeddings of another size or on
            another device.
    """

    needs: ClassVar[tuple[Need, ...]] = ("embedding_size",)

    embeddings: Tensor
    identities: Tensor
    filled: Tensor

    def __init__(
        self, loss: MetricLoss, embedding_size: int, size: int = 1024, weight: float = 1.0, warm_up: float = 0.1
    ) -> None:
        super().__init__()
        if not isinstance(loss, PairwiseLoss):
            raise ConfigurationError(
                f"A cross-batch memory serves losses that compare images in pairs or triplets, which "
                f"{type(loss).__name__} does not; take memory=none."
            )
        check_whole_number("CrossBatchMemory", "embedding_size", embedding_size, at_least=1)
        check_whole_number("CrossBatchMemory", "size", size, at_least=1)
        check_range("CrossBatchMemory", "weight", weight, at_least=0)
        check_range("CrossBatchMemory", "warm_up", warm_up, at_least=0, below=1)
        self.loss = loss
        self.size = size
        self.weight = weight
        self.warm_up = warm_up
        self.register_buffer("embeddings", torch.zeros(size, embedding_size))
        self.register_buffer("identities", torch.zeros(size, dtype=torch.int64))
        self.register_buffer("filled", torch.zeros((), dtype=torch.int64))

    @property
    def similarity(self) -> Similarity:  # type: ignore[override]  # shared with the loss inside, which may train it
        """What judges the embeddings: the similarity of the loss inside."""
        return self.loss.similarity

    def compute(self, embeddings: Tensor, identities: Tensor) -> Computed:
        """The batch's own loss, and its loss against the memory."""
        check_weights("CrossBatchMemory", embeddings, self.embeddings)
        own = self.loss.compute(embeddings, identities)
        if not self.training or self.progress < self.warm_up:
            return own
        references = self._remember(embeddings.detach(), identities)
        remembered = self.loss.compare(embeddings, identities, references)
        return Computed(
            own.value + self.weight * remembered.value,
            partial(_with_entries, remembered, embeddings.new_tensor(len(references.identities))),
        )

    def _remember(self, embeddings: Tensor, identities: Tensor) -> References:
        """Put the batch at the end of the memory and give back what is filled."""
        if len(identities) > self.size:
            raise ValueError(
                f"A cross-batch memory of {self.size} entries can't hold a batch of {len(identities)}; set memory.size "
                f"to {len(identities)} or more."
            )
        # New tensors rather than writes in place: the gradient of an earlier step may still need the old ones.
        everything = torch.cat((self.embeddings.to(embeddings.dtype), embeddings))[-self.size :]
        self.identities = torch.cat((self.identities, identities))[-self.size :]
        self.filled = (self.filled + len(identities)).clamp(max=self.size)
        self.embeddings = everything.to(self.embeddings.dtype)
        begin = self.size - int(self.filled)
        return References(everything[begin:], self.identities[begin:])


def _with_entries(remembered: Computed, entries: Tensor) -> dict[str, Tensor]:
    return {**remembered.statistics(), "memory_entries": entries}
