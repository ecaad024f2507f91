"""Negatives drawn by their distance, so that near, middling and far ones are all seen.

C.-Y. Wu, R. Manmatha, A. J. Smola, P. Krähenbühl: Sampling Matters in Deep Embedding Learning. ICCV 2017.
"""

import torch
from torch import Tensor

from resemblance.losses.step_seeds import StepSeeds

# Of the authors' own implementation; the paper clips the weights, min(λ, 1/q(d)), and leaves λ open.
NEAREST = 0.5
"""Negatives nearer than this Euclidean distance weigh as much as one that is this far: λ = 1/q(0.5)."""
FARTHEST = 1.4
"""Negatives beyond are drawn only, and then evenly, where an anchor has no nearer one: most have no loss."""


class NegativeSampler(StepSeeds):
    """Draws negatives n of an anchor a with probability ∝ min(λ, 1/q(‖a − n‖₂)) among those within :data:`FARTHEST`.

    q(d) ∝ d^(D−2) · (1 − d²/4)^((D−3)/2) is the density of distances between random points of the unit sphere.

    Args:
        seed: of the draws.
    """

    @torch.no_grad()
    def forward(self, squared: Tensor, impostor: Tensor, embedding_size: int, draws: int) -> Tensor:
        """Draw for each anchor, with replacement.

        Args:
            squared: squared Euclidean distances on the unit sphere [B, M].
            impostor: bool [B, M], what may be drawn.
            embedding_size: D.
            draws: K, how many for each anchor.

        Returns:
            int64 [B, K], columns of the table; without meaning for an anchor without negatives.
        """
        weights = torch.where(impostor, _log_weights(squared, embedding_size), -torch.inf)
        cumulative = weights.sub_(weights.amax(1, keepdim=True)).exp_().cumsum(1)
        total = cumulative[:, -1:]
        places = self._uniform(len(squared), draws).to(squared) * total
        return torch.searchsorted(cumulative, places, right=True).clamp_(max=squared.shape[1] - 1)

    def _uniform(self, rows: int, columns: int) -> Tensor:
        # In float32, so at most 1 − 2⁻²⁴: its product with a total is then below the total however it is rounded, and
        # the first entry beyond has a weight. On the CPU on any machine: a GPU draws other numbers from the same seed.
        generator = torch.Generator().manual_seed(self.next_seed())
        return torch.rand(rows, columns, generator=generator)


def _log_weights(squared: Tensor, embedding_size: int) -> Tensor:
    """log(1/q), up to a constant."""
    clipped = squared.clamp(NEAREST**2, FARTHEST**2)
    dimensions = embedding_size
    log_weights = (2 - dimensions) / 2 * clipped.log() - (dimensions - 3) / 2 * (1 - clipped / 4).log()
    return torch.where(squared > FARTHEST**2, torch.finfo(squared.dtype).min / 2, log_weights)
