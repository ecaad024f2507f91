"""Deep Speaker's recipe: softmax pre-training, then cosine triplets.

C. Li, X. Ma, B. Jiang, X. Li, X. Zhang, X. Liu, Y. Cao, A. Kannan, Z. Zhu: Deep Speaker: an End-to-End Neural Speaker
Embedding System. arXiv 1705.02304, 2017.
"""

from typing import ClassVar

from torch import Tensor

from resemblance.losses.base import Computed, MetricLoss, Need
from resemblance.losses.checks import check_range
from resemblance.losses.cosine_triplet import CosineTripletLoss
from resemblance.losses.mining import TripletMining
from resemblance.losses.softmax import SoftmaxLoss


class DeepSpeakerLoss(MetricLoss):
    """First :class:`~resemblance.losses.softmax.SoftmaxLoss`, then :class:`CosineTripletLoss`, on one network.

    The classifier brings the identities into their neighbourhoods, from which triplets go on; the paper trains one
    after the other, and here a share of the training belongs to each. Negatives come from all processes, as in the
    paper, because every process sees the batch of all of them. The classifier's weights rest in the second part.

    Args:
        num_identities: C ≥ 2, the training identities.
        embedding_size: D.
        pretraining: share of the training, in (0, 1), that belongs to the softmax.
        margin: α > 0 of the triplets, in cosine; 0.1 in the paper.
        mining: of the triplets, as for :class:`~resemblance.losses.cosine_triplet.CosineTripletLoss`.
        seed: of ``distance_weighted``, the only mining that draws.

    Statistics:
        Those of the loss at work: similarities are with the class weights at first, and between images then.

    Raises:
        ConfigurationError: for a parameter outside its range.
    """

    needs: ClassVar[tuple[Need, ...]] = ("num_identities", "embedding_size")

    def __init__(
        self,
        num_identities: int,
        embedding_size: int,
        pretraining: float = 0.4,
        margin: float = 0.1,
        mining: TripletMining = "semihard",
        seed: int = 0,
    ) -> None:
        super().__init__()
        check_range("DeepSpeakerLoss", "pretraining", pretraining, above=0, below=1)
        self.pretraining = pretraining
        self.softmax = SoftmaxLoss(num_identities, embedding_size)
        self.triplets = CosineTripletLoss(margin, mining, seed)
        self.similarity = self.triplets.similarity

    def compute(self, embeddings: Tensor, identities: Tensor) -> Computed:
        """The formula of the part that the training is in."""
        if self.progress < self.pretraining:
            return self.softmax.compute(embeddings, identities)
        value, statistics = self.triplets.compute(embeddings, identities)
        # Processes that train together wait for a gradient of every parameter, if only for zero.
        unused = sum(((parameter * 0).sum() for parameter in self.softmax.parameters()), value.new_zeros(()))
        return Computed(value + unused, statistics)
