"""Which triplets of a batch a triplet loss learns from.

Mining happens in the distance of the loss itself: a miner that tests its margin in another distance (non-squared for
a squared loss, say) selects other triplets than the paper's. All inequalities are strict: a negative exactly as far
as the positive is hard, not semi-hard.

Many triplets of each anchor-positive pair:

* ``all`` (Hermans et al. 2017, batch all): every valid triplet, mean over the **active** ones, those with a positive
  hinge (the paper's BA≠0). Over all valid triplets the value would fade as training goes on because ever more zeros
  enter the mean.
* ``semihard`` (Schroff et al. 2015, eq. 4): every anchor-positive pair with **every** negative that satisfies
  d(a,p) < d(a,n) < d(a,p) + α; mean over these triplets. FaceNet itself leaves open how many of a pair's semi-hard
  negatives it takes. A pair without any contributes nothing.

One triplet of each anchor-positive pair:

* ``hardest_semihard``: the nearest of its semi-hard negatives, the first of equally near ones, as ports of FaceNet
  take it; mean over the pairs that have one.
* ``distance_weighted`` (Wu et al. 2017): a negative drawn as in :mod:`resemblance.losses.mining_draws`; mean over all
  pairs whose anchor has a negative, also those whose hinge is zero.

One triplet of each anchor, with one image of several that are equally far:

* ``hard`` (Hermans et al. 2017, batch hard): the farthest positive and the nearest negative; mean over the anchors
  that have both, also those whose hinge is zero, as in the paper's eq. 5 up to the factor.
* ``easy_positive`` (Xuan et al. 2020, with their semi-hard negative, EPSHN): the nearest positive, and the nearest of
  the negatives that are farther than it, however far; mean over the anchors that have both, also those whose hinge is
  zero.
"""

from collections.abc import Callable
from functools import partial
from typing import Literal, NamedTuple, get_args

import torch
from torch import Tensor
from torch.nn.functional import relu

from resemblance.losses.comparisons import Comparisons, selected_mean
from resemblance.losses.mining_windows import Counted, WindowPath, count_triplets, positive_slots

TripletMining = Literal["semihard", "hard", "all", "hardest_semihard", "distance_weighted", "easy_positive"]
TRIPLET_MININGS: tuple[str, ...] = get_args(TripletMining)

Draw = Callable[[int], Tensor]
"""A number of draws K to negatives [B, K], K for each anchor."""


class Mined(NamedTuple):
    """The loss of the mined triplets, and how much of a batch they are."""

    value: Tensor
    """Mean of max(0, d(a,p) − d(a,n) + α); zero with zero gradient where nothing was mined."""
    active_share: Callable[[], Tensor]
    """Share with a positive hinge that was mined: of the valid triplets for ``all`` and ``semihard``, of the
    anchor-positive pairs where one triplet of each pair is mined, of the anchors where it is one of each anchor."""
    counted: Counted | None = None
    """The triplets with a positive hinge, where the mining counts them."""


def mine(
    distances: Tensor,
    comparisons: Comparisons,
    margin: float,
    mining: TripletMining,
    draw: Draw | None = None,
    path: WindowPath | None = None,
) -> Mined:
    """The mean hinge over the mined triplets.

    Args:
        distances: [B, M], anchor by row, smaller is more alike; a constant added to all of them changes nothing.
        comparisons: the positives (genuine) and negatives (impostor) of each anchor.
        margin: α > 0, in the unit of the distances.
        mining: which triplets.
        draw: draws the negatives of ``distance_weighted``.
        path: how ``all`` and ``semihard`` count; None chooses the faster.
    """
    if mining in ("all", "semihard"):
        semihard = mining == "semihard"
        weights, triplets, valid = count_triplets(distances, comparisons, margin, semihard=semihard, path=path)
        # Once they are chosen, the sum of their hinges is linear in the distances. Value and gradient come from the
        # same whole numbers, and so agree about every triplet at the edge of a condition.
        hinges = (weights * distances).sum() + margin * triplets.to(distances.dtype)
        return Mined(
            hinges / triplets.clamp_min(1),
            lambda: triplets / valid.clamp_min(1),
            None if semihard else Counted(triplets, valid),
        )
    if mining in ("hard", "easy_positive"):
        positives, negatives, valid = (batch_hard if mining == "hard" else _easy_positive)(distances, comparisons)
        violations = positives - negatives + margin
        return Mined(selected_mean(relu(violations), valid), partial(share_above_zero, violations.detach(), valid))
    return _one_of_each_pair(distances, comparisons, margin, draw if mining == "distance_weighted" else None)


def share_above_zero(violations: Tensor, valid: Tensor) -> Tensor:
    """Share of the valid entries that are above zero; zero where none is valid."""
    return (valid & (violations > 0)).sum() / valid.sum().clamp_min(1)


class OneOfEachAnchor(NamedTuple):
    """A positive and a negative for each anchor."""

    positives: Tensor
    """d(a,p) [B]."""
    negatives: Tensor
    """d(a,n) [B]."""
    valid: Tensor
    """bool [B]: whether the anchor has both; if not, one of the two is infinite."""


def batch_hard(distances: Tensor, comparisons: Comparisons) -> OneOfEachAnchor:
    """The farthest positive and the nearest negative."""
    # max and min remember a place, to which the gradient goes; amax and amin would compare the whole table once more.
    farthest_positives = distances.masked_fill(~comparisons.genuine, -torch.inf).max(1).values
    nearest_negatives = distances.masked_fill(~comparisons.impostor, torch.inf).min(1).values
    valid = (farthest_positives != -torch.inf) & (nearest_negatives != torch.inf)
    return OneOfEachAnchor(farthest_positives, nearest_negatives, valid)


def _easy_positive(distances: Tensor, comparisons: Comparisons) -> OneOfEachAnchor:
    nearest_positives = distances.masked_fill(~comparisons.genuine, torch.inf).min(1).values
    farther = comparisons.impostor & (distances > nearest_positives[:, None])
    nearest_negatives = distances.masked_fill(~farther, torch.inf).min(1).values
    valid = nearest_negatives < torch.inf  # no negative is farther than a positive that is not there
    return OneOfEachAnchor(nearest_positives, nearest_negatives, valid)


@torch.no_grad()
def _nearest_beyond(positives: Tensor, distances: Tensor, impostor: Tensor) -> Tensor:
    """For each entry of the table ``positives`` [B, K] the nearest negative that is farther, int64 [B, K]."""
    ascending, order = torch.where(impostor, distances, torch.inf).sort(dim=1, stable=True)
    places = torch.searchsorted(ascending, positives, right=True).clamp_(max=distances.shape[1] - 1)
    return order.gather(1, places)


def _one_of_each_pair(distances: Tensor, comparisons: Comparisons, margin: float, draw: Draw | None) -> Mined:
    pairs = positive_slots(comparisons.genuine)
    if draw is None:
        table = _nearest_beyond(pairs.table(distances.detach()), distances, comparisons.impostor)
    else:
        table = draw(pairs.width)
    negatives = table[pairs.anchors, pairs.slots]
    positive_distances = distances[pairs.anchors, pairs.positives]
    negative_distances = distances[pairs.anchors, negatives]
    hinges = relu(positive_distances - negative_distances + margin)
    mined = comparisons.impostor[pairs.anchors, negatives]  # false for whatever an anchor without negatives has here
    if draw is None:
        mined = mined & (positive_distances < negative_distances) & (negative_distances < positive_distances + margin)
    return Mined(
        selected_mean(hinges, mined),
        lambda: (mined & (hinges > 0)).sum() / comparisons.impostor.any(1)[pairs.anchors].sum().clamp_min(1),
    )
