"""Sub-centre ArcFace.

J. Deng, J. Guo, T. Liu, M. Gong, S. Zafeiriou: Sub-center ArcFace: Boosting Face Recognition by Large-scale Noisy Web
Faces. ECCV 2020.
"""

import torch
from torch import nn

from resemblance.losses.arcface import ArcFaceLoss
from resemblance.losses.checks import check_whole_number


class SubCenterArcFaceLoss(ArcFaceLoss):
    """ArcFace with cosθ_j = max_k x·w_jk / (‖x‖₂ ‖w_jk‖₂) over K sub-centres of identity j.

    An image has to be near one of its identity's sub-centres only, so that mislabelled and hard images gather at a
    sub-centre of their own. The gradient goes to the nearest sub-centre, for the own class and for the others. The
    margin is that of ArcFace, and K = 1 is ArcFace.

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
        weight: [C, K, D] parameter, not normalised; [C, D] for K = 1. It begins normal with deviation 0.01, as in
            insightface's ``subcenter_arcface``.

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
        super().__init__(num_identities, embedding_size, scale, margin, easy_margin, label_smoothing)
        check_whole_number("SubCenterArcFaceLoss", "sub_centres", sub_centres, at_least=1)
        if sub_centres > 1:
            self.weight = nn.Parameter(torch.empty(num_identities, sub_centres, embedding_size))
            self.reset_parameters()
