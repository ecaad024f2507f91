"""How alike two embeddings are: one object that serves a loss in training and the protocols that judge it.

Every similarity maps raw embeddings ``x [N, D]`` and ``y [M, D]`` to ``[N, M]`` in float32 (float64 stays float64);
higher means more alike. Distances therefore come with a minus sign.
"""

from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn.functional import normalize as l2_normalize

SimilarityName = Literal["cosine", "negative_squared_l2", "negative_l1"]


class Similarity(nn.Module):
    """Base: a named module, so that a learned similarity saves its weights beside the embeddings it judges.

    Args:
        normalized: compare directions only, x / ‖x‖₂, as the losses on the unit sphere do.
    """

    name: SimilarityName

    def __init__(self, *, normalized: bool) -> None:
        super().__init__()
        self.normalized = normalized

    @property
    def ranks_like_cosine(self) -> bool:
        """Whether it puts comparisons in the cosine's order, as −‖x − y‖₂² = 2·cos − 2 does on the unit sphere."""
        return self.normalized and self.name in ("cosine", "negative_squared_l2")

    def forward(self, x: Tensor, y: Tensor) -> Tensor:
        """Raw embeddings [N, D] and [M, D] to similarities [N, M], never in half precision."""
        # Half precision has too few digits to rank near neighbours; autocast would bring it back in the product.
        with torch.autocast(x.device.type, enabled=False):
            if x.dtype in (torch.float16, torch.bfloat16):
                x, y = x.float(), y.float()
            if self.normalized:
                x, y = l2_normalize(x, dim=-1), l2_normalize(y, dim=-1)
            return self.compare(x, y)

    def compare(self, x: Tensor, y: Tensor) -> Tensor:
        """[N, D] and [M, D], prepared, to [N, M]."""
        raise NotImplementedError

    def extra_repr(self) -> str:
        """Name and normalisation, for the printed model."""
        return f"{self.name}, normalized={self.normalized}"


class CosineSimilarity(Similarity):
    """x·y / (‖x‖₂ ‖y‖₂), in [−1, 1]."""

    name = "cosine"

    def __init__(self) -> None:
        super().__init__(normalized=True)

    def compare(self, x: Tensor, y: Tensor) -> Tensor:
        """Dot products of unit vectors."""
        return x @ y.T


class NegativeSquaredL2(Similarity):
    """−‖x − y‖₂² = 2·x·y − ‖x‖² − ‖y‖²; on the unit sphere 2·cos − 2, the same order as the cosine."""

    name = "negative_squared_l2"

    def compare(self, x: Tensor, y: Tensor) -> Tensor:
        """The right-hand side of the formula, in one matrix product."""
        squares = x.square().sum(-1)[:, None] + y.square().sum(-1)[None, :]
        return (2 * (x @ y.T) - squares).clamp(max=0)  # rounding would bring some equal vectors above zero


class NegativeL1(Similarity):
    """−Σ_j |x_j − y_j|."""

    name = "negative_l1"

    def compare(self, x: Tensor, y: Tensor) -> Tensor:
        """The formula, without an array of N·M·D differences."""
        return -torch.cdist(x, y, p=1)
