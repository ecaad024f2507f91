"""Sub-centre ArcFace.

J. Deng, J. Guo, T. Liu, M. Gong, S. Zafeiriou: Sub-center ArcFace: Boosting Face Recognition by Large-scale Noisy Web
Faces. ECCV 2020.
"""

import math

from torch import Tensor, nn

from resemblance.losses.arcface import add_angular_margin
from resemblance.losses.classification import ScaledCosineLoss


class SubCenterArcFaceLoss(ScaledCosineLoss):
    """ArcFace with cosθ_j = max_k x·w_jk / (‖x‖₂ ‖w_jk‖₂) over K sub-centres of identity j.

    An image has to be near one of its identity's sub-centres only, so that mislabelled and hard images gather at a
    sub-centre of their own. The gradient goes to the nearest sub-centre, for the own class and for the others. The
    margin is that of :class:`~resemblance.losses.arcface.ArcFaceLoss`.

    Args:
        num_identities: C ≥ 2, the training identities, labelled 0 … C − 1.
        embedding_size: D.
        scale: s > 0; the paper uses 64. Few identities need less, see
            :func:`~resemblance.losses.classification.minimal_scale`.
        margin: m in [0, π/2], in radians; 0.5 in the paper.
        sub_centres: K; 3 in the paper.
        easy_margin: put the margin on images nearer than 90° to their class only.
        label_smoothing: share of the target spread evenly over all identities, in [0, 1); not part of the paper.

    Attributes:
        weight: [C, K, D] parameter, not normalised; [C, D] for K = 1, which is ArcFace.

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
        margin: float = 0.5,
        sub_centres: int = 3,
        easy_margin: bool = False,
        label_smoothing: float = 0.0,
    ) -> None:
        super().__init__(num_identities, embedding_size, scale, label_smoothing, sub_centres)
        self._check("margin", margin, at_least=0, at_most=math.pi / 2)
        self.margin = margin
        self.easy_margin = easy_margin

    def reset_parameters(self) -> None:
        """Normal with deviation 0.01, as in insightface's ``subcenter_arcface``."""
        nn.init.normal_(self.weight, std=0.01)

    def target_cosine(self, cosines: Tensor, embeddings: Tensor) -> Tensor:
        """cos(θ_y + m) for the nearest of the own sub-centres."""
        return add_angular_margin(cosines, self.margin, self.easy_margin)
