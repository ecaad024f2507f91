"""Triplet loss on squared Euclidean distances.

F. Schroff, D. Kalenichenko, J. Philbin: FaceNet: A Unified Embedding for Face Recognition and Clustering. CVPR 2015.
Batch hard and batch all: A. Hermans, L. Beyer, B. Leibe: In Defense of the Triplet Loss for Person
Re-Identification. arXiv 1703.07737, 2017.
"""

from functools import partial

from torch import Tensor

from resemblance.losses.base import Computed
from resemblance.losses.checks import check_choice, check_range
from resemblance.losses.comparisons import References, compare_identities
from resemblance.losses.mining import TRIPLET_MININGS, TripletMining, mine_triplets
from resemblance.losses.pairs import PairwiseLoss
from resemblance.losses.sphere import to_unit_sphere
from resemblance.losses.statistics import batch_statistics
from resemblance.similarity import NegativeSquaredL2


class TripletLoss(PairwiseLoss):
    """Mean of max(0, ‖a − p‖₂² − ‖a − n‖₂² + α) over the mined triplets, embeddings L2-normalised.

    It equals twice :class:`~resemblance.losses.cosine_triplet.CosineTripletLoss` with margin α/2 and the same mining.

    Args:
        margin: α > 0, in squared Euclidean distance on the unit sphere, where distances run from 0 to 4.
        mining: ``semihard`` takes every negative with d(a,p) < d(a,n) < d(a,p) + α; ``hard`` each anchor's farthest
            positive and nearest negative; ``all`` every triplet with a positive hinge. See
            :mod:`resemblance.losses.mining` for each mean.

    Statistics:
        ``active_share``: share of the valid triplets (for ``hard``: of the anchors) that are mined with a positive
        hinge. With ``semihard`` it is zero both when all is learnt and when no negative is far enough: the
        similarities tell which.

    Raises:
        ConfigurationError: for a margin that is not above zero or an unknown mining.
    """

    def __init__(self, margin: float = 0.2, mining: TripletMining = "semihard") -> None:
        super().__init__()
        check_range("TripletLoss", "margin", margin, above=0)
        check_choice("TripletLoss", "mining", mining, TRIPLET_MININGS)
        self.margin = margin
        self.mining = mining
        self.similarity = NegativeSquaredL2(normalized=True)

    def compare(self, embeddings: Tensor, identities: Tensor, references: References) -> Computed:
        """The formula of the class."""
        unit, others = to_unit_sphere(embeddings), to_unit_sphere(references.embeddings)
        comparisons = compare_identities(identities, references.identities)
        # ‖x − y‖² = 2 − 2·x·y on the sphere. The 2 cancels in every difference; without it these are exactly twice
        # the distances of the cosine triplet loss, so that rounding can't make the two choose different triplets.
        distances = -2 * (unit @ others.T)
        triplets = mine_triplets(distances, comparisons, self.margin, self.mining)
        statistics = partial(
            batch_statistics,
            embeddings,
            -2 - distances,
            comparisons,
            active_share=triplets.active_share(),
            empty=triplets.empty(),
        )
        return Computed(triplets.mean_hinge(), statistics)
