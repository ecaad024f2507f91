"""Triplet loss on cosines.

C. Li, X. Ma, B. Jiang, X. Li, X. Zhang, X. Liu, Y. Cao, A. Kannan, Z. Zhu: Deep Speaker: an End-to-End Neural Speaker
Embedding System. arXiv 1705.02304, 2017.
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
from resemblance.similarity import CosineSimilarity


class CosineTripletLoss(PairwiseLoss):
    """Mean of max(0, a·n − a·p + α) over the mined triplets, embeddings L2-normalised.

    Half of :class:`~resemblance.losses.triplet.TripletLoss` with margin 2α: as a loss it is FaceNet's. What sets the
    paper apart is its recipe: softmax pre-training, then triplets whose negatives come from all GPUs.

    Args:
        margin: α > 0, in cosine, which runs from −1 to 1.
        mining: ``semihard``, ``hard`` or ``all``, in the distance −cos; see :mod:`resemblance.losses.mining`.

    Statistics:
        ``active_share``: as in :class:`~resemblance.losses.triplet.TripletLoss`.

    Raises:
        ConfigurationError: for a margin that is not above zero or an unknown mining.
    """

    def __init__(self, margin: float = 0.1, mining: TripletMining = "semihard") -> None:
        super().__init__()
        check_range("CosineTripletLoss", "margin", margin, above=0)
        check_choice("CosineTripletLoss", "mining", mining, TRIPLET_MININGS)
        self.margin = margin
        self.mining = mining
        self.similarity = CosineSimilarity()

    def compare(self, embeddings: Tensor, identities: Tensor, references: References) -> Computed:
        """The formula of the class."""
        unit, others = to_unit_sphere(embeddings), to_unit_sphere(references.embeddings)
        comparisons = compare_identities(identities, references.identities)
        cosines = unit @ others.T
        triplets = mine_triplets(-cosines, comparisons, self.margin, self.mining)
        statistics = partial(
            batch_statistics,
            embeddings,
            cosines,
            comparisons,
            active_share=triplets.active_share(),
            empty=triplets.empty(),
        )
        return Computed(triplets.mean_hinge(), statistics)
