"""N-pair loss with the angular loss beside it.

J. Wang, F. Zhou, S. Wen, X. Liu, Y. Lin: Deep Metric Learning with Angular Loss. ICCV 2017. Section 3.3.
"""

from torch import Tensor

from resemblance.losses.angular import AngularLoss
from resemblance.losses.base import Computed, MetricLoss
from resemblance.losses.checks import check_range
from resemblance.losses.n_pair import NPairLoss
from resemblance.similarity import CosineSimilarity


class NPairAngularLoss(MetricLoss):
    """N-pair loss + λ·angular loss; the N-pair part sees the embeddings as they are, the angular part normalised.

    Args:
        angular_weight: λ ≥ 0; the paper's 2.
        angle_degrees: α of :class:`~resemblance.losses.angular.AngularLoss`.
        norm_penalty: of :class:`~resemblance.losses.n_pair.NPairLoss`.

    Statistics:
        Those of the angular loss.

    Raises:
        ConfigurationError: for a parameter outside its range.
    """

    def __init__(self, angular_weight: float = 2.0, angle_degrees: float = 45.0, norm_penalty: float = 0.002) -> None:
        super().__init__()
        check_range("NPairAngularLoss", "angular_weight", angular_weight, at_least=0)
        self.angular_weight = angular_weight
        self.n_pair = NPairLoss(norm_penalty)
        self.angular = AngularLoss(angle_degrees)
        self.similarity = CosineSimilarity()

    def compute(self, embeddings: Tensor, identities: Tensor) -> Computed:
        """The formula of the class on one batch."""
        n_pair = self.n_pair.compute(embeddings, identities)
        angular = self.angular.compute(embeddings, identities)
        return Computed(n_pair.value + self.angular_weight * angular.value, angular.statistics)
