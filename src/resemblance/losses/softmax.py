"""The plain softmax classifier, the baseline of the margin losses.

Y. Taigman, M. Yang, M. Ranzato, L. Wolf: DeepFace: Closing the Gap to Human-Level Performance in Face Verification.
CVPR 2014.
"""

import math
from typing import ClassVar

import torch
from torch import Tensor, nn

from resemblance.losses.classification import ClassificationLoss


class SoftmaxLoss(ClassificationLoss):
    """Mean of −log( e^{x·w_y + b_y} / Σ_j e^{x·w_j + b_j} ), nothing normalised.

    The embeddings are judged by their cosine all the same, as those of classifiers are in face recognition.

    Args:
        num_identities: C ≥ 2, the training identities, labelled 0 … C − 1.
        embedding_size: D.
        label_smoothing: share of the target spread evenly over all identities, in [0, 1).

    Attributes:
        bias: [C] parameter.

    Raises:
        ConfigurationError: for a parameter outside its range.
        ValueError: from the call, for identities outside 0 … C − 1.
    """

    normalizes_weights: ClassVar[bool] = False
    bias: Tensor

    def __init__(self, num_identities: int, embedding_size: int, label_smoothing: float = 0.0) -> None:
        super().__init__(num_identities, embedding_size, label_smoothing)
        self.bias = nn.Parameter(torch.empty(num_identities))
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """As :class:`torch.nn.Linear`: uniform within ±1/√D."""
        bound = 1 / math.sqrt(self.weight.shape[-1])
        nn.init.uniform_(self.weight, -bound, bound)
        nn.init.uniform_(self.bias, -bound, bound)

    def scaled(self, embeddings: Tensor) -> Tensor:
        """Embeddings as they are."""
        return embeddings

    def target(self, own: Tensor, embeddings: Tensor) -> Tensor:
        """The own logit as it is."""
        return own
