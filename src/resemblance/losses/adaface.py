"""AdaFace, a margin adapted to the quality of the image.

M. Kim, A. K. Jain, X. Liu: AdaFace: Quality Adaptive Margin for Face Recognition. CVPR 2022.
"""

import math

import torch
from torch import Tensor, nn

from resemblance.distributed import gather, gather_sizes
from resemblance.losses.angles import angle
from resemblance.losses.classification import ScaledCosineLoss
from resemblance.losses.sphere import to_unit_sphere

_NORM_RANGE = (0.001, 100.0)
_STD_OFFSET = 0.001
"""Both from the paper's code."""


class AdaFaceLoss(ScaledCosineLoss):
    """Mean of −log( e^t / (e^t + Σ_{j≠y} e^{s·cosθ_j}) ) with t = s·(cos(θ_y + g_angle) − g_add).

    g_angle = −m·ẑ and g_add = m·ẑ + m, where ẑ = (‖x‖₂ − μ)/σ·h, clipped to [−1, 1], stands for the image's quality. At
    ẑ = −1 the margin is ArcFace's, at 0 CosFace's, at 1 a negative angular one with an additive one of 2·m: images of
    high quality are pushed the harder they are, images of low quality the easier.

    μ and σ are running means of the mean and the standard deviation of the embeddings' lengths in a batch, that of all
    processes together; they move in training mode only. Lengths are clipped to [0.001, 100] and pass no gradient; 0.001
    is added to σ; θ_y + g_angle is clipped to [0, π]. All that is as in the paper's code, which moreover clips cosθ to
    ±0.999 and so sends no gradient from images nearer to their class: that is left out, the gradient here is finite
    without.

    Args:
        num_identities: C ≥ 2, the training identities, labelled 0 … C − 1.
        embedding_size: D.
        scale: s > 0; the paper uses 64. Few identities need less, see
            :func:`~resemblance.losses.classification.minimal_scale`.
        margin: m in [0, 1]; 0.4 in the paper.
        h: h > 0, how much of the distribution of lengths lies inside the clipping; 0.333 in the paper.
        t_alpha: weight of a batch in the running means, in (0, 1]; 0.01 in the paper. They begin at the code's 20 and
            100 and need a few times 1/t_alpha steps to arrive; until then ẑ is near 0.
        label_smoothing: share of the target spread evenly over all identities, in [0, 1); not part of the paper.

    Attributes:
        norm_mean: μ, a buffer.
        norm_std: σ, a buffer.

    Raises:
        ConfigurationError: for a parameter outside its range.
        ValueError: from the call, for identities outside 0 … C − 1.

    Warns:
        ResemblanceWarning: if s is below the bound for a class-centre probability of 0.9.
    """

    norm_mean: Tensor
    norm_std: Tensor

    def __init__(
        self,
        num_identities: int,
        embedding_size: int,
        scale: float = 64.0,
        margin: float = 0.4,
        h: float = 0.333,
        t_alpha: float = 0.01,
        label_smoothing: float = 0.0,
    ) -> None:
        super().__init__(num_identities, embedding_size, scale, label_smoothing)
        self._check("margin", margin, at_least=0, at_most=1)
        self._check("h", h, above=0)
        self._check("t_alpha", t_alpha, above=0, at_most=1)
        self.margin = margin
        self.h = h
        self.t_alpha = t_alpha
        self.register_buffer("norm_mean", torch.tensor(20.0))
        self.register_buffer("norm_std", torch.tensor(100.0))

    def reset_parameters(self) -> None:
        """Uniform in the cube, then length 1, as in the paper's code."""
        nn.init.uniform_(self.weight, -1, 1)
        with torch.no_grad():
            self.weight.copy_(to_unit_sphere(self.weight))

    def target_cosine(self, cosines: Tensor, embeddings: Tensor) -> Tensor:
        """cos(θ_y + g_angle) − g_add."""
        quality = self._quality(embeddings)
        theta = (angle(cosines) - self.margin * quality).clamp(0, math.pi)
        return theta.cos() - self.margin * (1 + quality)

    @torch.no_grad()
    def _quality(self, embeddings: Tensor) -> Tensor:
        norms = torch.linalg.vector_norm(embeddings, dim=1).clamp(*_NORM_RANGE)
        if self.training:
            everyone = gather(norms, gather_sizes(len(norms), norms.device))
            # A deviation needs two images, and a batch that is not a number must not stay in the running means.
            if len(everyone) > 1 and everyone.isfinite().all():
                self.norm_mean.lerp_(everyone.mean().to(self.norm_mean.dtype), self.t_alpha)
                self.norm_std.lerp_(everyone.std().to(self.norm_std.dtype), self.t_alpha)
        return ((norms - self.norm_mean) / (self.norm_std + _STD_OFFSET) * self.h).clamp(-1, 1)
