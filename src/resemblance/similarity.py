"""How alike two embeddings are: one object that serves a loss in training and the protocols that judge it.

Every similarity maps raw embeddings ``x [N, D]`` and ``y [M, D]`` to ``[N, M]`` in float32 (float64 stays float64);
higher means more alike. Distances therefore come with a minus sign.
"""

import copy
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn.functional import normalize as l2_normalize

SimilarityName = Literal["cosine", "negative_squared_l2", "negative_l1", "weighted_l1"]

_BLOCK = 2**25
"""Differences at a time on the way back through :func:`lp_distances`; 128 MiB of float32."""


_NEARLY_ZERO = 1e-30
"""Changes no logit, and is no subnormal number in float32 when an h as small as 1e-7 is multiplied by it."""


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
            return self.compare(self.prepare(x), self.prepare(y))

    def prepare(self, x: Tensor) -> Tensor:
        """What :meth:`compare` takes of raw embeddings [N, D]: one preparation serves any number of comparisons."""
        if x.dtype in (torch.float16, torch.bfloat16):
            x = x.float()
        return l2_normalize(x, dim=-1) if self.normalized else x

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
        return -lp_distances(x, y, p=1)


class WeightedL1(Similarity):
    """b + Σ_j α_j·|h_j(x) − h_j(y)| with h = σ(x), element by element: the logit of Koch's "same person".

    The sigmoid belongs to the last layer of Koch's twins; embeddings are saved without it. The paper prints no b.
    Without it α_j < 0 can make a pair less likely than even, and nothing can make one more likely: identical images
    have p = σ(0) = ½.

    Args:
        embedding_size: D.
        bias: whether there is a learned b.

    Attributes:
        weight: α, [D] parameter. Koch draws from N(0, 0.2²); here the draws begin negative, all of them, so that the
            sum is a distance before the first step. Learning may change their sign.
        offset: b, scalar parameter or None; starts at Koch's 0.5.
    """

    name = "weighted_l1"

    def __init__(self, embedding_size: int, *, bias: bool = True) -> None:
        super().__init__(normalized=False)
        self.weight = nn.Parameter(-(torch.randn(embedding_size) * 0.2).abs())
        self.offset = nn.Parameter(torch.tensor(0.5)) if bias else None

    def compare(self, x: Tensor, y: Tensor) -> Tensor:
        """The formula, without an array of N·M·D differences: |α_j|·|h − h'| = |α_j·h − α_j·h'|."""
        weight = self.weight.to(x.dtype)
        weight = weight + _NEARLY_ZERO * (weight == 0)  # where α_j is 0, |α_j·h − α_j·h'| would have no gradient
        x, y = torch.sigmoid(x) * weight, torch.sigmoid(y) * weight
        alike = weight > 0
        logits = lp_distances(x[:, alike], y[:, alike], p=1) - lp_distances(x[:, ~alike], y[:, ~alike], p=1)
        return logits if self.offset is None else logits + self.offset.to(x.dtype)


class Scorer:
    """A similarity that computes in float64 on the CPU and rounds its scores to float32.

    Float32 products differ in their last digit with the size of the block and the machine. Rounded from float64 they
    do not, but for one score in millions: a tie stays a tie, and figures do not depend on how they were computed.
    """

    def __init__(self, similarity: Similarity) -> None:
        self._similarity = copy.deepcopy(similarity).to("cpu", torch.float64)

    def __call__(self, x: Tensor, y: Tensor) -> Tensor:
        """Raw embeddings [N, D] and [M, D] to float32 [N, M]."""
        return self.compare(self.prepare(x), self.prepare(y))

    @torch.no_grad()
    def prepare(self, x: Tensor) -> Tensor:
        """Raw embeddings [N, D] to what :meth:`compare` takes, float64 [N, D]: once, for any number of blocks."""
        return self._similarity.prepare(x.cpu().double())

    @torch.no_grad()
    def compare(self, x: Tensor, y: Tensor) -> Tensor:
        """Prepared embeddings [N, D] and [M, D] to float32 [N, M]."""
        return self._similarity.compare(x, y).float()


def lp_distances(x: Tensor, y: Tensor, p: float) -> Tensor:
    """‖x − y‖_p of all rows, [N, D] and [M, D] to [N, M], from differences; memory is O(N·M) on every device.

    Distances from dot products, ‖x‖² + ‖y‖² − 2·x·y, lose all digits between near-duplicates, and their root has an
    infinite gradient between duplicates, where this one is zero. On an accelerator the gradient of ``torch.cdist``
    holds all N·M·D differences at once, hence the blocks of rows.
    """
    rows = max(1, _BLOCK // max(1, y.numel()))
    mode = "donot_use_mm_for_euclid_dist"
    if len(x) <= rows:
        return torch.cdist(x, y, p=p, compute_mode=mode)
    return torch.cat([torch.cdist(block, y, p=p, compute_mode=mode) for block in x.split(rows)])
