"""Circle loss on pairs.

Y. Sun, C. Cheng, Y. Zhang, C. Zhang, L. Zheng, Z. Wang, Y. Wei: Circle Loss: A Unified Perspective of Pair Similarity
Optimization. CVPR 2020.
"""

import math

from torch import Tensor
from torch.nn.functional import relu

from resemblance.losses.base import Computed
from resemblance.losses.checks import check_range
from resemblance.losses.comparisons import References, compare_identities, selected_mean
from resemblance.losses.pairs import PairwiseLoss
from resemblance.losses.selected_sums import log_one_plus, selected_logsumexp
from resemblance.losses.sphere import directions
from resemblance.losses.statistics import batch_statistics
from resemblance.similarity import CosineSimilarity


class CircleLoss(PairwiseLoss):
    """Mean over anchors of log(1 + Σ_n exp(γ·α_n·(s_n − m)) · Σ_p exp(−γ·α_p·(s_p − 1 + m))), s the cosine.

    α_n = max(0, s_n + m) and α_p = max(0, 1 + m − s_p) let a pair pull the harder the farther it is from where it
    should be; they are weights, through which no gradient flows. An anchor's own pairs stand against each other (the
    paper's pair-wise labels); the mean is over anchors that have a positive and a negative.

    Args:
        scale: γ > 0; the paper's 256 for faces.
        margin: m in (0, 1); the paper's 0.25 for faces. Wanted are s_p > 1 − m and s_n < m.

    Statistics:
        ``active_share``: share of the anchors beyond the knee of their soft hinge, where the product of the two sums
        is above 1.

    Raises:
        ConfigurationError: for a parameter outside its range.
    """

    def __init__(self, scale: float = 256.0, margin: float = 0.25) -> None:
        super().__init__()
        check_range("CircleLoss", "scale", scale, above=0)
        check_range("CircleLoss", "margin", margin, above=0, below=1)
        self.scale = scale
        self.margin = margin
        self.similarity = CosineSimilarity()

    def compare(self, embeddings: Tensor, identities: Tensor, references: References) -> Computed:
        """The formula of the class."""
        genuine, impostor = comparisons = compare_identities(identities, references.identities)
        images, others = directions(embeddings, references.embeddings)
        cosines = images @ others.T
        constant = cosines.detach()
        positives = -self.scale * relu(1 + self.margin - constant) * (cosines - 1 + self.margin)
        negatives = self.scale * relu(constant + self.margin) * (cosines - self.margin)
        anchors = genuine.any(1) & impostor.any(1)
        losses = log_one_plus(selected_logsumexp(positives, genuine) + selected_logsumexp(negatives, impostor))
        value = selected_mean(losses, anchors)
        losses = losses.detach()

        def find() -> dict[str, Tensor]:
            return batch_statistics(
                embeddings,
                constant,
                comparisons,
                active_share=(anchors & (losses > math.log(2))).sum() / anchors.sum().clamp_min(1),
                empty=~anchors.any(),
            )

        return Computed(value, find)
