"""Triplet loss on cosines.

C. Li, X. Ma, B. Jiang, X. Li, X. Zhang, X. Liu, Y. Cao, A. Kannan, Z. Zhu: Deep Speaker: an End-to-End Neural Speaker
Embedding System. arXiv 1705.02304, 2017.
"""

from torch import Tensor

from resemblance.losses.mining import TripletMining
from resemblance.losses.triplet_family import SphereTripletLoss
from resemblance.similarity import CosineSimilarity


class CosineTripletLoss(SphereTripletLoss):
    """Mean of max(0, a·n − a·p + α) over the mined triplets, embeddings L2-normalised.

    Half of :class:`~resemblance.losses.triplet.TripletLoss` with margin 2α: as a loss it is FaceNet's. What sets the
    paper apart is its recipe: softmax pre-training, then triplets whose negatives come from all GPUs.

    Args:
        margin: α > 0, in cosine, which runs from −1 to 1.
        mining: as in :class:`~resemblance.losses.triplet.TripletLoss`, in the distance −cos.
        seed: of ``distance_weighted``, the only mining that draws.

    Statistics:
        ``active_share``, ``zero_loss_share``: as in :class:`~resemblance.losses.triplet.TripletLoss`.

    Raises:
        ConfigurationError: for a margin that is not above zero, an unknown mining or a negative seed.
    """

    scale = 1

    def __init__(self, margin: float = 0.1, mining: TripletMining = "semihard", seed: int = 0) -> None:
        super().__init__(margin, mining, seed)
        self.similarity = CosineSimilarity()

    def _similarities(self, distances: Tensor) -> Tensor:
        return -distances
