"""Triplet loss on squared Euclidean distances.

F. Schroff, D. Kalenichenko, J. Philbin: FaceNet: A Unified Embedding for Face Recognition and Clustering. CVPR 2015.
"""

from torch import Tensor

from resemblance.losses.mining import TripletMining
from resemblance.losses.triplet_family import SphereTripletLoss
from resemblance.similarity import NegativeSquaredL2


class TripletLoss(SphereTripletLoss):
    """Mean of max(0, ‖a − p‖₂² − ‖a − n‖₂² + α) over the mined triplets, embeddings L2-normalised.

    It equals twice :class:`~resemblance.losses.cosine_triplet.CosineTripletLoss` with margin α/2 and the same mining.
    No mining enumerates triplets: memory is O(B²), or O(B·M) with a memory of M references.

    Args:
        margin: α > 0, in squared Euclidean distance on the unit sphere, where distances run from 0 to 4.
        mining: which triplets, and over which the mean: see :mod:`resemblance.losses.mining`. ``semihard`` (FaceNet),
            ``hardest_semihard``, ``hard`` (can collapse), ``all``, ``distance_weighted`` or ``easy_positive``.
        seed: of ``distance_weighted``, the only mining that draws.

    Statistics:
        ``active_share``: share of the valid triplets (``all``, ``semihard``), of the anchor-positive pairs
        (``hardest_semihard``, ``distance_weighted``) or of the anchors (``hard``, ``easy_positive``) that are mined
        with a positive hinge. With semi-hard mining it is zero both when all is learnt and when no negative is far
        enough: ``zero_loss_share`` tells which, the share of all valid triplets, mined or not, whose hinge is zero.

    Raises:
        ConfigurationError: for a margin that is not above zero, an unknown mining or a negative seed.
    """

    scale = 2  # ‖x − y‖² = 2 − 2·cos on the sphere

    def __init__(self, margin: float = 0.2, mining: TripletMining = "semihard", seed: int = 0) -> None:
        super().__init__(margin, mining, seed)
        self.similarity = NegativeSquaredL2(normalized=True)

    def _similarities(self, distances: Tensor) -> Tensor:
        return -2 - distances
