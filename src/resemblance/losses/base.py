"""What every metric-learning loss is: a module from embeddings and identities to a value with its statistics."""

from collections.abc import Mapping
from typing import ClassVar, Literal, NamedTuple, final

import torch
from torch import Tensor, nn

from resemblance.similarity import Similarity

Need = Literal["num_identities", "embedding_size"]


class LossOutput(NamedTuple):
    """A loss value and what happened on the way to it."""

    value: Tensor
    """Scalar, differentiable; zero with zero gradient where the batch holds nothing to compare."""
    statistics: Mapping[str, Tensor]
    """Detached scalars for the log, such as the share of active triplets."""


class MetricLoss(nn.Module):
    """Base of the losses: checks the input once and leaves half precision before any paper's formula begins.

    A subclass writes :meth:`compute`, sets ``similarity`` (the measure in which its embeddings are to be judged)
    and declares what it needs:

    * ``needs``: constructor arguments that the framework knows and hands over, never copied into a config;
    * ``min_images_per_identity``: how many images of one identity a batch must hold for the loss to learn.
    """

    needs: ClassVar[tuple[Need, ...]] = ()
    min_images_per_identity: ClassVar[int] = 2
    similarity: Similarity

    @final  # type: ignore[misc]  # torch declares forward as a replaceable attribute
    def forward(self, embeddings: Tensor, identities: Tensor) -> LossOutput:
        """The loss of a batch.

        Args:
            embeddings: [B, D], raw (a loss normalises where its paper does); half precision is upcast to float32.
            identities: int64 [B], on the same device.

        Returns:
            The value in float32 (float64 for float64 embeddings) and its statistics. A batch with nothing to compare
            gives zero with zero gradient; an embedding that is NaN or infinite gives NaN.

        Raises:
            ValueError: if shapes, types or devices do not fit together, or the batch is empty.
        """
        if embeddings.ndim != 2 or identities.shape != embeddings.shape[:1]:
            raise ValueError(
                f"A loss takes embeddings [B, D] and identities [B], not {list(embeddings.shape)} and "
                f"{list(identities.shape)}."
            )
        if len(embeddings) == 0:
            raise ValueError("A loss needs a batch of at least one embedding, not an empty one.")
        if not embeddings.is_floating_point():
            raise ValueError(f"Embeddings must be floating-point numbers, not {embeddings.dtype}.")
        if identities.dtype != torch.int64:
            raise ValueError(f"Identities must be int64 labels, not {identities.dtype}.")
        if embeddings.device != identities.device:
            raise ValueError(
                f"Embeddings are on {embeddings.device} and identities on {identities.device}; move them to one device."
            )
        with torch.autocast(embeddings.device.type, enabled=False):
            if embeddings.dtype in (torch.float16, torch.bfloat16):
                embeddings = embeddings.float()
            value, statistics = self.compute(embeddings, identities)
            # Miners drop what compares false, and every comparison with NaN does: a broken network would look learnt.
            # This also ties a batch with nothing to compare to the graph.
            value = value + (embeddings * 0).sum()
        return LossOutput(value, {name: statistic.detach() for name, statistic in statistics.items()})

    def compute(self, embeddings: Tensor, identities: Tensor) -> LossOutput:
        """The paper's formula on checked input, in float32 or float64."""
        raise NotImplementedError

    def extra_repr(self) -> str:
        """The parameters of the loss, for the printed model."""
        shown = {name: value for name, value in vars(self).items() if not name.startswith("_") and name != "training"}
        return ", ".join(f"{name}={value}" for name, value in shown.items())
