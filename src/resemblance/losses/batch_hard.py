"""Batch-hard triplet loss.

A. Hermans, L. Beyer, B. Leibe: In Defense of the Triplet Loss for Person Re-Identification. arXiv 1703.07737, 2017.
"""

from typing import Literal

import torch
from torch import Tensor
from torch.nn.functional import relu, softplus

from resemblance.losses.base import Computed
from resemblance.losses.checks import check_range
from resemblance.losses.comparisons import References, compare_identities, selected_mean
from resemblance.losses.mining import share_above_zero
from resemblance.losses.mining_windows import count_active
from resemblance.losses.pairs import PairwiseLoss
from resemblance.losses.sphere import directions
from resemblance.losses.triplet_statistics import triplet_statistics
from resemblance.similarity import NegativeSquaredL2

Margin = float | Literal["soft"]


def check_margin(loss: str, parameter: str, margin: object) -> None:
    """Refuse what is neither ``soft`` nor a number above zero.

    Raises:
        ConfigurationError: naming the loss, the parameter, its value and what is allowed.
    """
    if margin != "soft":
        check_range(loss, parameter, margin, above=0)


def penalty(differences: Tensor, margin: Margin) -> Tensor:
    """max(0, x + m), or log(1 + exp x) for the soft margin, of the differences x = d(a,p) − d(a,n)."""
    return softplus(differences) if margin == "soft" else relu(differences + margin)


class BatchHardTripletLoss(PairwiseLoss):
    """Mean over anchors of max(0, m + max_p ‖a − p‖₂ − min_n ‖a − n‖₂), or of log(1 + exp(max_p … − min_n …)).

    The paper's own setting: the plain, not squared, Euclidean distance of raw embeddings. Squared distances made its
    networks collapse more often. Anchors without positive or negative are left out. :class:`TripletLoss` with
    ``mining=hard`` is the same with FaceNet's squared distances on the unit sphere.

    Where two images are the same, their distance has no gradient, and is given none.

    Args:
        margin: m > 0, or ``soft`` for log(1 + exp(·)), which never stops pulling.
        normalized: whether embeddings are L2-normalised first.

    Statistics:
        ``active_share``: share of the anchors with a positive hinge. ``zero_loss_share``: share of all valid triplets
        whose hinge is zero. The soft margin has no zero: for it both are found with m = 0, so that they count the
        anchors that are on the wrong side and the triplets that are on the right one. Similarities are −‖x − y‖₂².

    Raises:
        ConfigurationError: for a margin that is neither ``soft`` nor a number above zero.
    """

    def __init__(self, margin: Margin = "soft", normalized: bool = False) -> None:
        super().__init__()
        check_margin("BatchHardTripletLoss", "margin", margin)
        self.margin = margin
        self.normalized = normalized
        self.similarity = NegativeSquaredL2(normalized=normalized)  # ranks as the plain distance does

    def compare(self, embeddings: Tensor, identities: Tensor, references: References) -> Computed:
        """The formula of the class."""
        images, others = embeddings, references.embeddings
        if self.normalized:
            images, others = directions(embeddings, references.embeddings)
        comparisons = compare_identities(identities, references.identities)
        with torch.no_grad():
            squared = _squared_distances(images, others)
            positives = torch.where(comparisons.genuine, squared, -torch.inf).argmax(1)
            negatives = torch.where(comparisons.impostor, squared, torch.inf).argmin(1)
            rows = torch.arange(len(images), device=images.device)
            valid = comparisons.genuine[rows, positives] & comparisons.impostor[rows, negatives]
        # The chosen distances come from differences, with all their digits between near-duplicates too. The choice has
        # those of the table: of distances that differ by less, ≈ 10⁻⁷ of the batch's squared extent, either is taken.
        differences = torch.linalg.vector_norm(images - others[positives], dim=1) - torch.linalg.vector_norm(
            images - others[negatives], dim=1
        )
        value = selected_mean(penalty(differences, self.margin), valid)
        differences = differences.detach()

        def find() -> dict[str, Tensor]:
            margin = 0.0 if self.margin == "soft" else self.margin
            return triplet_statistics(
                embeddings,
                -squared,
                comparisons,
                count_active(squared, comparisons, margin, squared=True),
                active_share=share_above_zero(differences + margin, valid),
            )

        return Computed(value, find)


def _squared_distances(x: Tensor, y: Tensor) -> Tensor:
    """‖x − y‖² in one matrix product; about their mean, far from which all digits would go to what they share."""
    center = y.mean(0)
    x, y = x - center, y - center
    squares = x.square().sum(1)[:, None] + y.square().sum(1)
    return torch.addmm(squares, x, y.T, alpha=-2).clamp_min_(0)
