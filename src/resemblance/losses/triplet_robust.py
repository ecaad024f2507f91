"""Triplet loss that begins with semi-hard triplets and goes on to batch hard.

Semi-hard: F. Schroff, D. Kalenichenko, J. Philbin: FaceNet: A Unified Embedding for Face Recognition and Clustering.
CVPR 2015. Batch hard and its soft margin: A. Hermans, L. Beyer, B. Leibe: In Defense of the Triplet Loss for Person
Re-Identification. arXiv 1703.07737, 2017.
"""

from torch import Tensor

from resemblance.losses.base import Computed
from resemblance.losses.batch_hard import Margin, check_margin, penalty
from resemblance.losses.checks import check_range
from resemblance.losses.comparisons import Comparisons, References, compare_identities, selected_mean
from resemblance.losses.mining import Mined, batch_hard, mine, share_above_zero
from resemblance.losses.mining_windows import count_active
from resemblance.losses.pairs import PairwiseLoss
from resemblance.losses.sphere import directions
from resemblance.losses.triplet_statistics import triplet_statistics
from resemblance.similarity import NegativeSquaredL2


class RobustTripletLoss(PairwiseLoss):
    """(1 − w) · semi-hard loss + w · batch-hard loss, where w rises from 0 as the training goes on.

    At the start the hardest triplets of a batch are the wrong lesson: the quickest way to lower their loss is to move
    all embeddings into one point, where it stays at the margin. A semi-hard negative is farther than the positive, so
    that semi-hard triplets never ask for that; they run dry as the embedding is sorted, and batch hard then adds the
    triplets that are still wrong. Where some always are, batch hard alone would undo what was learnt: by default the
    semi-hard part stays the larger one.

    Distances are squared Euclidean on the unit sphere, as in :class:`~resemblance.losses.triplet.TripletLoss`.

    Args:
        margin: α > 0 of the semi-hard triplets.
        hard_margin: α > 0 of the batch-hard triplets, or ``soft`` for log(1 + exp(d(a,p) − d(a,n))).
        hard_share: the w of the end, 0 … 1; 1 hands over to batch hard.
        switch: share of the training, 0 … 1, up to which w = 0.
        ramp: share of the training, 0 … 1, over which w then rises linearly; 0 switches at once.

    Statistics:
        ``active_share``: (1 − w) · share of the triplets that are semi-hard + w · share of the anchors with a positive
        hinge (for the soft margin: on the wrong side). ``zero_loss_share``: share of all valid triplets whose hinge
        with ``margin`` is zero.

    Raises:
        ConfigurationError: for a parameter outside its range.
    """

    def __init__(
        self,
        margin: float = 0.2,
        hard_margin: Margin = "soft",
        hard_share: float = 0.25,
        switch: float = 0.5,
        ramp: float = 0.25,
    ) -> None:
        super().__init__()
        check_range("RobustTripletLoss", "margin", margin, above=0)
        check_margin("RobustTripletLoss", "hard_margin", hard_margin)
        for parameter, share in (("hard_share", hard_share), ("switch", switch), ("ramp", ramp)):
            check_range("RobustTripletLoss", parameter, share, at_least=0, at_most=1)
        self.margin = margin
        self.hard_margin = hard_margin
        self.hard_share = hard_share
        self.switch = switch
        self.ramp = ramp
        self.similarity = NegativeSquaredL2(normalized=True)

    @property
    def hard_weight(self) -> float:
        """The w of now."""
        late = self.progress - self.switch
        if late < 0:
            return 0.0
        return self.hard_share * (min(late / self.ramp, 1.0) if self.ramp > 0 else 1.0)

    def compare(self, embeddings: Tensor, identities: Tensor, references: References) -> Computed:
        """The formula of the class."""
        unit, others = directions(embeddings, references.embeddings)
        comparisons = compare_identities(identities, references.identities)
        distances = (-2 * unit) @ others.T  # up to a constant
        weight = self.hard_weight
        parts = []
        if weight < 1:
            parts.append((1 - weight, mine(distances, comparisons, self.margin, "semihard")))
        if weight > 0:
            parts.append((weight, self._batch_hard(distances, comparisons)))
        value = sum((share * part.value for share, part in parts), distances.new_zeros(()))
        distances = distances.detach()

        def find() -> dict[str, Tensor]:
            return triplet_statistics(
                embeddings,
                -2 - distances,
                comparisons,
                count_active(distances, comparisons, self.margin),
                active_share=sum((share * part.active_share() for share, part in parts), distances.new_zeros(())),
            )

        return Computed(value, find)

    def _batch_hard(self, distances: Tensor, comparisons: Comparisons) -> Mined:
        positives, negatives, valid = batch_hard(distances, comparisons)
        differences = positives - negatives
        margin = 0.0 if self.hard_margin == "soft" else self.hard_margin
        return Mined(
            selected_mean(penalty(differences, self.hard_margin), valid),
            lambda: share_above_zero(differences.detach() + margin, valid),
        )
