"""SphereFace, the angular softmax (A-Softmax) with a multiplicative angular margin.

W. Liu, Y. Wen, Z. Yu, M. Li, B. Raj, L. Song: SphereFace: Deep Hypersphere Embedding for Face Recognition. CVPR 2017.
"""

import math

import torch
from torch import Tensor, nn

from resemblance.losses.angles import angle
from resemblance.losses.classification import ClassificationLoss
from resemblance.losses.sphere import inverse_norms, to_unit_sphere


class SphereFaceLoss(ClassificationLoss):
    """Mean of −log( e^{s·ψ(θ_y)} / (e^{s·ψ(θ_y)} + Σ_{j≠y} e^{s·cosθ_j}) ).

    ψ(θ) = (−1)^k·cos(mθ) − 2k on [kπ/m, (k+1)π/m] falls from 1 at θ = 0 to below −1; θ_j is the angle between an
    embedding and the L2-normalised weight of identity j.

    * The paper's own form leaves the embeddings' length in: s = ‖x‖₂ (``scale=None``), and m = 4. That is too hard at
      first, so its code mixes (λ·cosθ_y + ψ(θ_y))/(1 + λ) with λ falling from 1,000 to 5 as 1,000/(1 + 0.12·step), in a
      training of 28,000 steps. Here the share of the training that is done takes the place of the step.
    * Later papers (Deng et al., ArcFace, CVPR 2019) compare with m = 1.35, s = 64 and no λ.

    The paper's code also rescales the gradient in a way of its own, which is left out: the gradient here is that of the
    formula.

    Args:
        num_identities: C ≥ 2, the training identities, labelled 0 … C − 1.
        embedding_size: D.
        scale: s > 0, or None for the length of each embedding.
        margin: m ≥ 1; 1 is the modified softmax without margin.
        lambda_start: λ at the beginning of the training; 0 leaves ψ alone.
        lambda_end: the λ below which it does not fall.
        lambda_decay: λ = max(lambda_end, lambda_start/(1 + lambda_decay·progress)); 0.12·28,000 in the paper's code.
        label_smoothing: share of the target spread evenly over all identities, in [0, 1); not part of the paper.

    Raises:
        ConfigurationError: for a parameter outside its range.
        ValueError: from the call, for identities outside 0 … C − 1.

    Warns:
        ResemblanceWarning: if s is given and below the bound for a class-centre probability of 0.9.
    """

    def __init__(
        self,
        num_identities: int,
        embedding_size: int,
        scale: float | None = None,
        margin: float = 4.0,
        lambda_start: float = 1000.0,
        lambda_end: float = 5.0,
        lambda_decay: float = 3360.0,
        label_smoothing: float = 0.0,
    ) -> None:
        super().__init__(num_identities, embedding_size, label_smoothing)
        if scale is not None:
            self._check_scale(scale)
        self._check("margin", margin, at_least=1)
        self._check("lambda_start", lambda_start, at_least=0)
        self._check("lambda_end", lambda_end, at_least=0, at_most=lambda_start)
        self._check("lambda_decay", lambda_decay, at_least=0)
        self.scale = scale
        self.margin = margin
        self.lambda_start = lambda_start
        self.lambda_end = lambda_end
        self.lambda_decay = lambda_decay
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Uniform within ±√(3/D), Caffe's ``xavier`` in the paper's code."""
        bound = math.sqrt(3 / self.weight.shape[-1])
        nn.init.uniform_(self.weight, -bound, bound)

    def scaled(self, embeddings: Tensor) -> Tensor:
        """s·x/‖x‖₂, or x."""
        return embeddings if self.scale is None else self.scale * to_unit_sphere(embeddings)

    def target(self, own: Tensor, embeddings: Tensor) -> Tensor:
        """s·(λ·cosθ_y + ψ(θ_y))/(1 + λ)."""
        if self.scale is None:
            cosines = own * inverse_norms(embeddings)[:, 0]
            return torch.linalg.vector_norm(embeddings, dim=1) * self._with_margin(cosines)
        return self.scale * self._with_margin(own / self.scale)

    def _with_margin(self, cosines: Tensor) -> Tensor:
        mixed = max(self.lambda_end, self.lambda_start / (1 + self.lambda_decay * self.progress))
        multiple = self.margin * angle(cosines)
        k = (multiple.detach() / math.pi).floor()
        psi = (1 - 2 * k.remainder(2)) * multiple.cos() - 2 * k
        return (mixed * cosines + psi) / (1 + mixed)
