"""Angular loss.

J. Wang, F. Zhou, S. Wen, X. Liu, Y. Lin: Deep Metric Learning with Angular Loss. ICCV 2017.
"""

import math
from collections.abc import Iterator

import torch
from torch import Tensor

from resemblance.losses.base import Computed, MetricLoss
from resemblance.losses.checks import check_range
from resemblance.losses.comparisons import compare_identities
from resemblance.losses.sphere import to_unit_sphere
from resemblance.losses.statistics import batch_statistics
from resemblance.similarity import CosineSimilarity

# The two factors of exp f must stay in float32: at 60° they reach e²⁴ and e⁸ (f itself 17), at 75° the first would
# reach e¹¹¹, beyond 10³⁸.
LARGEST_ANGLE = 60.0
# Images that are compared with the batch at a time, so that a large batch stays in the cache.
_BLOCK = 512


class AngularLoss(MetricLoss):
    """Mean over anchor-positive pairs of log(1 + Σ_n exp f), embeddings L2-normalised.

    f = 4·tan²α·(a + p)·n − 2·(1 + tan²α)·a·p bounds the angle at the negative in the triangle that it forms with
    anchor and positive: ‖a − p‖₂² − 4·tan²α·‖n − (a + p)/2‖₂² = f + 2 − 6·tan²α.

    No triplet is enumerated: anchor and positive share their negatives, so with E = exp(4·tan²α·cos), set to zero
    inside an identity, Σ_n exp(4·tan²α·(a + p)·n) = (E·Eᵀ)[a, p], which is needed for images of one identity only.
    Memory is O(B²). All ordered pairs enter the mean; with two images per identity that is the paper's own sum.

    Args:
        angle_degrees: α, above 0° and at most 60°, beyond which float32 would overflow. The paper reports steady
            results for 36° ≤ α ≤ 55°; 45° lies in the middle.

    Statistics:
        ``active_share``: share of the anchor-positive pairs beyond the knee of their soft hinge, Σ_n exp f > 1.

    Raises:
        ConfigurationError: for an angle outside (0°, 60°].
    """

    def __init__(self, angle_degrees: float = 45.0) -> None:
        super().__init__()
        check_range("AngularLoss", "angle_degrees", angle_degrees, above=0, at_most=LARGEST_ANGLE)
        self.angle_degrees = angle_degrees
        self.similarity = CosineSimilarity()

    def compute(self, embeddings: Tensor, identities: Tensor) -> Computed:
        """The formula of the class on one batch."""
        unit = to_unit_sphere(embeddings)
        total, pairs = embeddings.new_zeros(()), 0
        sums = []
        for rows in _images_by_identity(identities):
            block = self._sums(rows, unit, identities)
            total = total + torch.log1p(block).sum()
            pairs += rows.numel() * (rows.shape[1] - 1)
            sums.append(block.detach())

        def find() -> dict[str, Tensor]:
            comparisons = compare_identities(identities)
            return batch_statistics(
                embeddings,
                unit @ unit.T,
                comparisons,
                active_share=sum(((block > 1).sum() for block in sums), embeddings.new_zeros(())) / max(pairs, 1),
                empty=~(comparisons.genuine.any(1) & comparisons.impostor.any(1)).any(),
            )

        return Computed(total / max(pairs, 1), find)

    def _sums(self, rows: Tensor, unit: Tensor, identities: Tensor) -> Tensor:
        """Σ_n exp f for every two images of an identity, [I, k, k], of I identities whose k images each are ``rows``.

        Zero, and without gradient, for an image with itself.
        """
        squared_tangent = math.tan(math.radians(self.angle_degrees)) ** 2
        flat = rows.flatten()
        own = unit[flat]
        exponents = (4 * squared_tangent * own) @ unit.T
        exponents.masked_fill_(identities[flat, None] == identities, -torch.inf)
        towards_negatives = exponents.exp_().view(*rows.shape, -1)
        own = own.view(*rows.shape, -1)
        pulls = (-2 * (1 + squared_tangent) * own) @ own.mT
        pulls.diagonal(dim1=1, dim2=2).fill_(-torch.inf)
        return (towards_negatives @ towards_negatives.mT) * pulls.exp_()


def _images_by_identity(identities: Tensor) -> Iterator[Tensor]:
    """Indices [I, k] of I identities with k images each, for every k ≥ 2 that the batch holds, in blocks."""
    ascending, order = identities.sort()
    counts = torch.unique_consecutive(ascending, return_counts=True)[1]
    kinds = sorted(set(counts.tolist()))
    for images in kinds:
        if images > 1:
            chosen = order if len(kinds) == 1 else order[counts.repeat_interleave(counts) == images]
            yield from chosen.view(-1, images).split(max(1, _BLOCK // images))
