"""CosFace, the large margin cosine loss (LMCL).

H. Wang, Y. Wang, Z. Zhou, X. Ji, D. Gong, J. Zhou, Z. Li, W. Liu: CosFace: Large Margin Cosine Loss for Deep Face
Recognition. CVPR 2018.
"""

from torch import Tensor, nn

from resemblance.losses.classification import ScaledCosineLoss


def maximal_margin(num_identities: int) -> float:
    """The largest m that C classes can meet, C/(C − 1), reached by a regular simplex of C ≤ D + 1 class centres.

    With more classes than that the reachable margin is well below it (paper's section 3.4).
    """
    return num_identities / (num_identities - 1)


class CosFaceLoss(ScaledCosineLoss):
    """Mean of −log( e^{s(cosθ_y − m)} / (e^{s(cosθ_y − m)} + Σ_{j≠y} e^{s·cosθ_j}) ).

    θ_j is the angle between an embedding and the weight of identity j; both are L2-normalised. The paper does not say
    how it initialises the weights: Xavier's normal distribution.

    Args:
        num_identities: C ≥ 2, the training identities, labelled 0 … C − 1.
        embedding_size: D.
        scale: s > 0; the paper uses 64. Few identities need less, see
            :func:`~resemblance.losses.classification.minimal_scale`.
        margin: m in [0, C/(C − 1)], in cosine; 0.35 in the paper, and 0 is the normalised softmax.
        label_smoothing: share of the target spread evenly over all identities, in [0, 1); not part of the paper.

    Raises:
        ConfigurationError: for a parameter outside its range.
        ValueError: from the call, for identities outside 0 … C − 1.

    Warns:
        ResemblanceWarning: if s is below the bound for a class-centre probability of 0.9.
    """

    def __init__(
        self,
        num_identities: int,
        embedding_size: int,
        scale: float = 64.0,
        margin: float = 0.35,
        label_smoothing: float = 0.0,
    ) -> None:
        super().__init__(num_identities, embedding_size, scale, label_smoothing)
        self._check("margin", margin, at_least=0, at_most=maximal_margin(num_identities))
        self.margin = margin

    def reset_parameters(self) -> None:
        """Xavier's normal distribution."""
        nn.init.xavier_normal_(self.weight)

    def target_cosine(self, cosines: Tensor, embeddings: Tensor) -> Tensor:
        """cosθ_y − m."""
        return cosines - self.margin
