"""What every metric-learning loss is: a module from embeddings and identities to a value with its statistics."""

from collections.abc import Callable, Iterator, Mapping
from typing import ClassVar, Literal, NamedTuple, final

import torch
from torch import Tensor, nn

from resemblance.distributed import gather, gather_sizes, gather_with_gradient
from resemblance.similarity import Similarity

Need = Literal["num_identities", "embedding_size"]


class LossOutput(NamedTuple):
    """A loss value and what happened on the way to it."""

    value: Tensor
    """Scalar, differentiable; zero with zero gradient where the batch holds nothing to compare."""
    statistics: Mapping[str, Tensor]
    """Detached scalars for the log, such as the share of active triplets; computed when they are first read."""


class Computed(NamedTuple):
    """What a subclass gives back: the value, and a function that finds the statistics if somebody asks."""

    value: Tensor
    statistics: Callable[[], Mapping[str, Tensor]]


class _OnFirstRead(Mapping[str, Tensor]):
    """Statistics cost passes over all comparisons: who only wants the value should not pay for them."""

    def __init__(self, find: Callable[[], Mapping[str, Tensor]]) -> None:
        self._find: Callable[[], Mapping[str, Tensor]] | None = find
        self._found: dict[str, Tensor] = {}

    def _read(self) -> dict[str, Tensor]:
        if self._find is not None:
            with torch.no_grad():
                self._found = {name: statistic.detach() for name, statistic in self._find().items()}
            self._find = None  # and with it the tensors that it holds
        return self._found

    def __getitem__(self, name: str) -> Tensor:
        return self._read()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._read())

    def __len__(self) -> int:
        return len(self._read())


class MetricLoss(nn.Module):
    """Base of the losses: checks the input once and leaves half precision before any paper's formula begins.

    A subclass writes :meth:`compute`, sets ``similarity`` (the measure in which its embeddings are to be judged)
    and declares what it needs:

    * ``needs``: constructor arguments that the framework knows and hands over, never copied into a config;
    * ``min_images_per_identity``: how many images of one identity a batch must hold for the loss to learn;
    * ``compares_images``: whether images are compared with each other. In distributed training such a loss is given
      the batch of all processes, in rank order and with gradients. Otherwise its value is a mean over images, each
      process computes it for its own, and the average of their gradients is the gradient of the whole batch.

    Attributes:
        gather: false keeps each process to its own images, which approximates the loss of the whole batch: pairs and
            triplets across processes are left out. No effect on one process or where ``compares_images`` is false.
        progress: share of the training that is done, 0 … 1, told before each step; for losses that change on the way.
    """

    needs: ClassVar[tuple[Need, ...]] = ()
    min_images_per_identity: ClassVar[int] = 2
    compares_images: ClassVar[bool] = True
    similarity: Similarity
    gather: bool = True
    progress: float = 0.0

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
        _check(embeddings, identities)
        with torch.autocast(embeddings.device.type, enabled=False):
            if embeddings.dtype in (torch.float16, torch.bfloat16):
                embeddings = embeddings.float()
            weight = 1.0
            if self.gather or not self.compares_images:
                sizes = gather_sizes(len(embeddings), embeddings.device)
                if self.compares_images:
                    embeddings = gather_with_gradient(embeddings, sizes)
                    identities = gather(identities, sizes)
                else:  # processes are averaged alike, however many images they hold
                    weight = len(embeddings) * len(sizes) / sum(sizes)
            value, statistics = self.compute(embeddings, identities)
            # Miners drop what compares false, and every comparison with NaN does: a broken network would look learnt.
            # So is one whose numbers are finite but too large for their squares: 0 · ∞ is NaN. This also ties a batch
            # with nothing to compare to the graph.
            value = value * weight + 0 * torch.linalg.vector_norm(embeddings)
        return LossOutput(value, _OnFirstRead(statistics))

    def compute(self, embeddings: Tensor, identities: Tensor) -> Computed:
        """The paper's formula on checked input, in float32 or float64."""
        raise NotImplementedError

    def tell_progress(self, share: float) -> None:
        """Set ``progress`` here and in the losses that this one is made of."""
        for module in self.modules():
            if isinstance(module, MetricLoss):
                module.progress = share

    def extra_repr(self) -> str:
        """The parameters of the loss, for the printed model."""
        told = {"training", "progress", "gather"}
        shown = {name: value for name, value in vars(self).items() if not name.startswith("_") and name not in told}
        return ", ".join(f"{name}={value}" for name, value in shown.items())


def _check(embeddings: Tensor, identities: Tensor) -> None:
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
