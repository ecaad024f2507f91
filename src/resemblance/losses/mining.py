"""Which triplets of a batch a triplet loss learns from.

Mining happens in the distance of the loss itself: a miner that tests its margin in another distance (non-squared for
a squared loss, say) selects other triplets than the paper's.

* ``semihard`` (Schroff et al. 2015, eq. 4): all anchor-positive pairs, each with **every** negative that satisfies
  d(a,p) < d(a,n) < d(a,p) + α; mean over these triplets. FaceNet itself leaves open how many of a pair's semi-hard
  negatives it takes; ports that take one take a random one or the nearest. A pair without any contributes nothing.
* ``hard`` (Hermans et al. 2017, batch hard): each anchor with its farthest positive and its nearest negative; mean
  over the anchors that have both, also those whose hinge is zero, as in the paper's eq. 5 up to the factor.
* ``all`` (Hermans et al. 2017, batch all): every valid triplet, mean over the **active** ones, those with a positive
  hinge (the paper's BA≠0). Over all valid triplets the value would fade as training goes on because ever more zeros
  enter the mean.

Both inequalities of eq. 4 are strict: a negative exactly as far as the positive is hard, not semi-hard.
"""

from typing import Literal, NamedTuple, get_args

import torch
from torch import Tensor
from torch.nn.functional import relu

from resemblance.losses.comparisons import Comparisons, selected_mean

TripletMining = Literal["semihard", "hard", "all"]
TRIPLET_MININGS: tuple[str, ...] = get_args(TripletMining)


class Triplets(NamedTuple):
    """The candidates of a mining and its choice among them; all three tensors have one shape."""

    violations: Tensor
    """d(a,p) − d(a,n) + α."""
    valid: Tensor
    """bool: whether the entry is a triplet at all."""
    selected: Tensor
    """bool: whether the triplet was mined; only where ``valid``."""

    def mean_hinge(self) -> Tensor:
        """Mean of max(0, d(a,p) − d(a,n) + α) over the mined triplets; zero with zero gradient where there is none."""
        return selected_mean(relu(self.violations), self.selected)

    def active_share(self) -> Tensor:
        """Share of the valid triplets that are mined and have a positive hinge."""
        active = self.selected & (self.violations > 0)
        return active.sum() / self.valid.sum().clamp_min(1)

    def empty(self) -> Tensor:
        """Whether the batch held no valid triplet."""
        return ~self.valid.any()


def mine_triplets(distances: Tensor, comparisons: Comparisons, margin: float, mining: TripletMining) -> Triplets:
    """The triplets of a batch.

    Args:
        distances: [B, B], anchor by row, smaller is more alike; a constant added to all of them changes nothing.
        comparisons: the positives (genuine) and negatives (impostor) of each anchor.
        margin: α, in the unit of the distances.
        mining: ``semihard``, ``hard`` or ``all``.

    Returns:
        One entry per anchor that has a positive and a negative for ``hard``; a table [P, B] of the P ordered
        anchor-positive pairs against the batch for the other two.
    """
    if mining == "hard":
        return _batch_hard(distances, comparisons, margin)
    anchors, positives = comparisons.genuine.nonzero(as_tuple=True)
    positive_distances = distances[anchors, positives][:, None]
    negative_distances = distances[anchors]
    violations = positive_distances - negative_distances + margin
    valid = comparisons.impostor[anchors]
    if mining == "all":
        return Triplets(violations, valid, selected=valid & (violations > 0))
    beyond = positive_distances < negative_distances
    within = negative_distances < positive_distances + margin
    return Triplets(violations, valid, selected=valid & beyond & within)


def _batch_hard(distances: Tensor, comparisons: Comparisons, margin: float) -> Triplets:
    genuine, impostor = comparisons
    anchors = genuine.any(1) & impostor.any(1)
    distances, genuine, impostor = distances[anchors], genuine[anchors], impostor[anchors]
    # amax and amin share the gradient evenly among ties, so that duplicated images don't depend on their order.
    farthest_positives = distances.masked_fill(~genuine, -torch.inf).amax(1)
    nearest_negatives = distances.masked_fill(~impostor, torch.inf).amin(1)
    violations = farthest_positives - nearest_negatives + margin
    everything = torch.ones_like(violations, dtype=torch.bool)
    return Triplets(violations, valid=everything, selected=everything)
