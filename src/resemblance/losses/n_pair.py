"""Multi-class N-pair loss.

K. Sohn: Improved Deep Metric Learning with Multi-class N-pair Loss Objective. NIPS 2016.
"""

import math
from functools import partial

import torch
from torch import Tensor

from resemblance.losses.base import Computed, MetricLoss
from resemblance.losses.checks import check_range
from resemblance.losses.comparisons import compare_identities, selected_mean
from resemblance.losses.selected_sums import log_one_plus, selected_logsumexp
from resemblance.losses.sphere import to_unit_sphere
from resemblance.losses.statistics import batch_statistics
from resemblance.similarity import CosineSimilarity


class NPairLoss(MetricLoss):
    """Mean over pairs i of log(1 + Σ_j exp(a_i·p_j − a_i·p_i)), plus (λ/2)·mean ‖x‖₂²; embeddings are not normalised.

    This is N-pair-mc: a batch of N identities with an anchor a and a positive p each; the negatives of an anchor are
    the positives of the other identities, and nothing else. The penalty, over the images of the pairs, keeps the
    embeddings short; it stands in for a normalisation, which would bound the dot products.

    The images of an identity are paired in the order of the batch: the first is the anchor of the second, the third of
    the fourth, and so on; an odd one is left out. With more than two images the positives j are those of all other
    identities' pairs. Swapping the two images of a pair changes the value, as it does in the paper.

    Args:
        norm_penalty: λ ≥ 0; the paper gives none, 0.002 is that of TensorFlow's implementation.

    Attributes:
        similarity: the cosine, since the length of an embedding is penalised, not learned.

    Statistics:
        ``active_share``: share of the pairs beyond the knee of their soft hinge, where the sum is above 1.

    Raises:
        ConfigurationError: for a penalty below zero.
    """

    def __init__(self, norm_penalty: float = 0.002) -> None:
        super().__init__()
        check_range("NPairLoss", "norm_penalty", norm_penalty, at_least=0)
        self.norm_penalty = norm_penalty
        self.similarity = CosineSimilarity()

    def compute(self, embeddings: Tensor, identities: Tensor) -> Computed:
        """The formula of the class on one batch."""
        first, second = pair_up(identities)
        anchors, positives = embeddings[first], embeddings[second]
        products = anchors @ positives.T
        others = identities[first][:, None] != identities[second][None, :]
        compared = others.any(1)
        own = products.diagonal()
        losses = log_one_plus(selected_logsumexp(products, others) - own)
        squares = (anchors.square().sum(1) + positives.square().sum(1)) / 2
        value = selected_mean(losses, compared) + self.norm_penalty / 2 * selected_mean(squares, compared)
        active = (compared & (losses > math.log(2))).sum() / compared.sum().clamp_min(1)
        directions = to_unit_sphere(embeddings.detach())
        return Computed(value, partial(_statistics, directions, identities, active, ~compared.any()))


def _statistics(directions: Tensor, identities: Tensor, active: Tensor, empty: Tensor) -> dict[str, Tensor]:
    cosines = directions @ directions.T
    return batch_statistics(directions, cosines, compare_identities(identities), active_share=active, empty=empty)


def pair_up(identities: Tensor) -> tuple[Tensor, Tensor]:
    """The batch's pairs of one identity: its first image with its second, its third with its fourth, and so on.

    >>> first, second = pair_up(torch.tensor([7, 5, 7, 7, 5]))
    >>> list(zip(first.tolist(), second.tolist()))
    [(1, 4), (0, 2)]

    Returns:
        Rows of the batch, int64 [P] each.
    """
    order = identities.argsort(stable=True)
    ordered = identities[order]
    rows = torch.arange(len(order), device=order.device)
    continues = torch.zeros_like(rows, dtype=torch.bool)
    continues[1:] = ordered[1:] == ordered[:-1]
    place = rows - torch.where(continues, 0, rows).cummax(0).values  # within the identity, from 0
    seconds = (place % 2 == 1).nonzero()[:, 0]
    return order[seconds - 1], order[seconds]
