"""Supervised contrastive loss.

P. Khosla, P. Teterwak, C. Wang, A. Sarna, Y. Tian, P. Isola, A. Maschinot, C. Liu, D. Krishnan: Supervised Contrastive
Learning. NeurIPS 2020.
"""

from functools import partial

import torch
from torch import Tensor

from resemblance.losses.base import Computed
from resemblance.losses.checks import check_range
from resemblance.losses.comparisons import Comparisons, References, compare_identities, selected_mean
from resemblance.losses.pairs import PairwiseLoss
from resemblance.losses.selected_sums import selected_logsumexp
from resemblance.losses.sphere import directions
from resemblance.losses.statistics import batch_statistics
from resemblance.similarity import CosineSimilarity


class SupervisedContrastiveLoss(PairwiseLoss):
    """Mean over anchors i of −1/|P(i)| · Σ_p log( exp(z_i·z_p/τ) / Σ_{a≠i} exp(z_i·z_a/τ) ), z on the unit sphere.

    This is the paper's L_out, with the sum over positives outside the logarithm, which it finds better than L_in. The
    paper sums over anchors; the authors' code and this one take the mean, here over the anchors that have a positive
    and a negative. With one positive an anchor it is NT-Xent.

    Args:
        temperature: τ > 0.

    Statistics:
        ``active_share``: share of these anchors whose negatives outweigh their positives in the denominator.

    Raises:
        ConfigurationError: for a temperature that is not above zero.
    """

    def __init__(self, temperature: float = 0.1) -> None:
        super().__init__()
        check_range("SupervisedContrastiveLoss", "temperature", temperature, above=0)
        self.temperature = temperature
        self.similarity = CosineSimilarity()

    def compare(self, embeddings: Tensor, identities: Tensor, references: References) -> Computed:
        """The formula of the class."""
        genuine, impostor = comparisons = compare_identities(identities, references.identities)
        images, others = directions(embeddings, references.embeddings)
        cosines = images @ others.T
        logits = cosines / self.temperature
        anchors = genuine.any(1) & impostor.any(1)
        positives = torch.where(genuine, logits, 0).sum(1) / genuine.sum(1).clamp_min(1)
        losses = selected_logsumexp(logits, genuine | impostor) - positives
        statistics = partial(_statistics, embeddings, cosines.detach(), comparisons, logits.detach(), anchors)
        return Computed(selected_mean(losses, anchors), statistics)


def _statistics(
    embeddings: Tensor, cosines: Tensor, comparisons: Comparisons, logits: Tensor, anchors: Tensor
) -> dict[str, Tensor]:
    outweighed = selected_logsumexp(logits, comparisons.impostor) > selected_logsumexp(logits, comparisons.genuine)
    return batch_statistics(
        embeddings,
        cosines,
        comparisons,
        active_share=(anchors & outweighed).sum() / anchors.sum().clamp_min(1),
        empty=~anchors.any(),
    )
