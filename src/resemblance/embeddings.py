"""Embeddings of a set of images: what leaves the network, reaches the protocols and is saved with a run."""

from dataclasses import dataclass
from typing import Any

import torch
import torch.distributed as dist
from torch import Tensor
from torchmetrics import Metric
from torchmetrics.utilities import dim_zero_cat

_NO_INDEX = -1
"""Stands for the index of a row that was given none."""


@dataclass(frozen=True)
class Embeddings:
    """Raw embeddings in the order of their data set.

    Attributes:
        vectors: float32 [N, D], not normalised: a similarity normalises where its loss does.
        identities: int64 [N].
    """

    vectors: Tensor
    identities: Tensor

    def __len__(self) -> int:
        return len(self.vectors)


class EmbeddingRows(Metric):
    """Collects the embeddings of a data set batch by batch, on one process or several.

    Samplers pad so that each process gets as many batches; rows seen twice are therefore dropped by their index.
    """

    full_state_update = False

    vectors: list[Tensor] | Tensor
    identities: list[Tensor] | Tensor
    indices: list[Tensor] | Tensor

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        for name in ("vectors", "identities", "indices"):
            self.add_state(name, default=[], dist_reduce_fx="cat")

    def update(self, vectors: Tensor, identities: Tensor, indices: Tensor | None = None) -> None:
        """Add a batch.

        Args:
            vectors: embeddings [B, D], raw; half precision is kept as float32.
            identities: int64 [B].
            indices: int64 [B], from 0, the row of each image in its data set; without them every row counts.

        Raises:
            ValueError: for parts that do not fit together, identities or indices that are no integers, or a D that
                changes.
        """
        if indices is None:
            indices = torch.full(identities.shape, _NO_INDEX, device=identities.device)
        if vectors.ndim != 2 or not len(vectors) == identities.numel() == indices.numel():
            raise ValueError(
                f"A batch is embeddings [B, D] with B identities and B indices, not {list(vectors.shape)}, "
                f"{list(identities.shape)} and {list(indices.shape)}."
            )
        for name, labels in (("Identities", identities), ("Indices", indices)):
            if labels.is_floating_point() or labels.is_complex():  # 0.2 and 0.7 would become one identity
                raise ValueError(f"{name} are integers, not {labels.dtype}; call long() on whole ones.")
        if len(self.vectors) and self.vectors[-1].shape[-1] != vectors.shape[1]:
            raise ValueError(
                f"Embeddings of {vectors.shape[1]} numbers can't follow embeddings of {self.vectors[-1].shape[-1]}."
            )
        self.vectors.append(vectors.detach().float())  # type: ignore[union-attr]  # a list until it is synchronised
        self.identities.append(identities.detach().long().reshape(-1))  # type: ignore[union-attr]
        self.indices.append(indices.detach().long().reshape(-1))  # type: ignore[union-attr]

    def rows(self) -> tuple[Tensor, Tensor]:
        """``(vectors, identities)`` of all rows on the CPU, ordered by index, each row once.

        Raises:
            ValueError: for an index that came with two identities.
        """
        if len(self.vectors) == 0:
            return torch.empty(0, 0), torch.empty(0, dtype=torch.int64)
        vectors, identities, indices = (
            dim_zero_cat(state).cpu() for state in (self.vectors, self.identities, self.indices)
        )
        order = torch.argsort(indices, stable=True)
        ordered = indices[order]
        first = torch.ones_like(ordered, dtype=torch.bool)
        first[1:] = (ordered[1:] != ordered[:-1]) | (ordered[1:] == _NO_INDEX)
        rows = order[first]
        seen = identities[order]
        torn = ordered[1:][~first[1:] & (seen[1:] != seen[:-1])].unique()
        if len(torn):
            raise ValueError(
                f"{len(torn)} indices, the first of them {int(torn[0])}, came with two identities each; an index is "
                f"the row of one image in its data set."
            )
        return vectors[rows], identities[rows]

    def _sync_dist(self, *arguments: Any, **settings: Any) -> None:
        """Gather from all processes; one without any image takes part with an empty batch of the others' width."""
        if dist.is_available() and dist.is_initialized():
            width = torch.tensor(self.vectors[0].shape[1] if len(self.vectors) else 0, device=self.device)
            dist.all_reduce(width, dist.ReduceOp.MAX, group=self.process_group)
            if len(self.vectors) == 0:
                self.vectors = [torch.empty(0, int(width), device=self.device)]
                self.identities = [torch.empty(0, dtype=torch.int64, device=self.device)]
                self.indices = [torch.empty(0, dtype=torch.int64, device=self.device)]
        super()._sync_dist(*arguments, **settings)


class EmbeddingStore(EmbeddingRows):
    """Collects the embeddings of a data set and gives them back in its order."""

    def compute(self) -> tuple[Tensor, Tensor]:
        """``(vectors, identities)`` of all rows on the CPU, ordered by index, each row once."""
        return self.rows()

    def embeddings(self) -> Embeddings:
        """What :meth:`compute` gives, gathered from all processes, in the form that protocols take."""
        vectors, identities = self.compute()
        # torchmetrics squeezes a result of one element, which here is a set of one image.
        return Embeddings(vectors, identities.reshape(len(vectors)))


@dataclass(frozen=True)
class PairList:
    """A list of comparisons that a benchmark fixes, as rows of its test set.

    Attributes:
        first, second: int64 [M], rows of the two images of each comparison.
        same: bool [M], true for a genuine comparison.
        name: the list's own name, such as ``pairsDevTest``.
        folds: int64 [M], the fold of each comparison where the benchmark has any, in any numbering.
    """

    first: Tensor
    second: Tensor
    same: Tensor
    name: str
    folds: Tensor | None = None

    def __len__(self) -> int:
        return len(self.same)


@dataclass(frozen=True)
class EpisodeList:
    """One-shot episodes as rows of one set: E episodes of W classes with K support images each, and Q queries.

    Attributes:
        support: int64 [E, W, K], rows of the support images of each class.
        queries: int64 [E, Q], rows of the images to be classified.
        answers: int64 [E, Q], place 0 … W − 1 of the right class among the episode's.
        name: the list's own name, such as ``Lake's 20 runs``.
    """

    support: Tensor
    queries: Tensor
    answers: Tensor
    name: str

    def __len__(self) -> int:
        return len(self.support)

    @property
    def ways(self) -> int:
        """W, the classes of an episode."""
        return self.support.shape[1]

    @property
    def shots(self) -> int:
        """K, the support images of a class."""
        return self.support.shape[2]
