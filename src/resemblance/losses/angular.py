"""Angular loss.

J. Wang, F. Zhou, S. Wen, X. Liu, Y. Lin: Deep Metric Learning with Angular Loss. ICCV 2017.
"""

import math
from functools import partial

import torch
from torch import Tensor

from resemblance.losses.base import Computed, MetricLoss
from resemblance.losses.checks import check_range
from resemblance.losses.comparisons import compare_identities, selected_mean
from resemblance.losses.sphere import to_unit_sphere
from resemblance.losses.statistics import batch_statistics
from resemblance.similarity import CosineSimilarity

# exp(f) must stay a float32: at 60° each term is below e³², at 75° it would pass 10³⁸.
LARGEST_ANGLE = 60.0


class AngularLoss(MetricLoss):
    """Mean over anchor-positive pairs of log(1 + Σ_n exp f), embeddings L2-normalised.

    f = 4·tan²α·(a + p)·n − 2·(1 + tan²α)·a·p bounds the angle at the negative in the triangle that it forms with
    anchor and positive: ‖a − p‖₂² − 4·tan²α·‖n − (a + p)/2‖₂² = f + 2 − 6·tan²α.

    No triplet is enumerated: anchor and positive share their negatives, so with E = exp(4·tan²α·cos), set to zero
    inside an identity, Σ_n exp(4·tan²α·(a + p)·n) = (E·Eᵀ)[a, p]. Memory is O(B²). All ordered pairs enter the mean;
    with two images per identity that is the paper's own sum.

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
        genuine, impostor = comparisons = compare_identities(identities)
        squared_tangent = math.tan(math.radians(self.angle_degrees)) ** 2
        cosines = unit @ unit.T
        towards_negatives = torch.where(impostor, torch.exp(4 * squared_tangent * cosines), 0)
        sums = (towards_negatives @ towards_negatives.T) * torch.exp(-2 * (1 + squared_tangent) * cosines)
        value = selected_mean(torch.log1p(sums), genuine)
        beyond_knee = (genuine & (sums > 1)).sum() / genuine.sum().clamp_min(1)
        statistics = partial(
            batch_statistics,
            embeddings,
            cosines,
            comparisons,
            active_share=beyond_knee,
            empty=~(genuine.any(1) & impostor.any(1)).any(),
        )
        return Computed(value, statistics)
