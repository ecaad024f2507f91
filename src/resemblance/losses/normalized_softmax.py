"""The normalised softmax.

F. Wang, X. Xiang, J. Cheng, A. L. Yuille: NormFace: L2 Hypersphere Embedding for Face Verification. ACM MM 2017.
A. Zhai, H.-Y. Wu: Classification is a Strong Baseline for Deep Metric Learning. BMVC 2019.
"""

import torch
from torch import Tensor, nn

from resemblance.losses.classification import ScaledCosineLoss
from resemblance.losses.sphere import to_unit_sphere


class NormalizedSoftmaxLoss(ScaledCosineLoss):
    """Mean of −log( e^{s·cosθ_y} / Σ_j e^{s·cosθ_j} ): the margin softmax losses without a margin.

    NormFace learns s, from 10; here it is fixed, as with Zhai and Wu, whose temperature σ is 1/s.

    Args:
        num_identities: C ≥ 2, the training identities, labelled 0 … C − 1.
        embedding_size: D.
        scale: s > 0; 1/σ = 20 by Zhai and Wu.
        label_smoothing: share of the target spread evenly over all identities, in [0, 1); not part of the papers.

    Raises:
        ConfigurationError: for a parameter outside its range.
        ValueError: from the call, for identities outside 0 … C − 1.

    Warns:
        ResemblanceWarning: if s is below the bound for a class-centre probability of 0.9.
    """

    def __init__(
        self, num_identities: int, embedding_size: int, scale: float = 20.0, label_smoothing: float = 0.0
    ) -> None:
        super().__init__(num_identities, embedding_size, scale, label_smoothing)

    def reset_parameters(self) -> None:
        """Random directions of length 1, as NormFace's code (``gaussian_unitball``)."""
        nn.init.normal_(self.weight)
        with torch.no_grad():
            self.weight.copy_(to_unit_sphere(self.weight))

    def target_cosine(self, cosines: Tensor, embeddings: Tensor) -> Tensor:
        """cosθ_y as it is."""
        return cosines
