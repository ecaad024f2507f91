"""ArcFace, the additive angular margin loss.

J. Deng, J. Guo, N. Xue, S. Zafeiriou: ArcFace: Additive Angular Margin Loss for Deep Face Recognition. CVPR 2019.
"""

import math

import torch
from torch import Tensor, nn

from resemblance.losses.angles import sine
from resemblance.losses.classification import ScaledCosineLoss


class ArcFaceLoss(ScaledCosineLoss):
    """Mean of −log( e^{s·cos(θ_y + m)} / (e^{s·cos(θ_y + m)} + Σ_{j≠y} e^{s·cosθ_j}) ).

    θ_j is the angle between an embedding and the weight of identity j; both are L2-normalised.

    Beyond θ_y = π − m the cosine of the paper's formula rises again, and would push such an image further away. The
    paper says that training almost never comes there; its authors' code (insightface) nevertheless falls back on
    cosθ_y − m·sin m, which falls with θ everywhere and jumps down by cos m + m·sin m − 1 at π − m (0.12 for m = 0.5).
    So does this class. With ``easy_margin``, the other branch of that code, images beyond 90° have no margin at all.

    Args:
        num_identities: C ≥ 2, the training identities, labelled 0 … C − 1.
        embedding_size: D.
        scale: s > 0; the paper uses 64. Few identities need less, see
            :func:`~resemblance.losses.classification.minimal_scale`.
        margin: m in [0, π/2], in radians; 0.5 in the paper.
        easy_margin: put the margin on images nearer than 90° to their class only.
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
        margin: float = 0.5,
        easy_margin: bool = False,
        label_smoothing: float = 0.0,
    ) -> None:
        super().__init__(num_identities, embedding_size, scale, label_smoothing)
        self._check("margin", margin, at_least=0, at_most=math.pi / 2)
        self.margin = margin
        self.easy_margin = easy_margin

    def reset_parameters(self) -> None:
        """Normal with deviation 0.01, as in insightface's ``partial_fc_v2.py``: lengths near 0.01·√D turn quickly."""
        nn.init.normal_(self.weight, std=0.01)

    def target_cosine(self, cosines: Tensor, embeddings: Tensor) -> Tensor:
        """cos(θ_y + m) = cosθ_y·cos m − sinθ_y·sin m, with the fallback of the class."""
        cos_m, sin_m = math.cos(self.margin), math.sin(self.margin)
        with_margin = cosines * cos_m - sine(cosines) * sin_m
        if self.easy_margin:
            return torch.where(cosines > 0, with_margin, cosines)
        return torch.where(cosines > -cos_m, with_margin, cosines - self.margin * sin_m)
