"""Siamese network with a learned, weighted L1 distance.

G. Koch, R. Zemel, R. Salakhutdinov: Siamese Neural Networks for One-shot Image Recognition. ICML Deep Learning
Workshop 2015.
"""

from functools import partial
from typing import ClassVar

import torch
from torch import Tensor
from torch.nn.functional import softplus

from resemblance.losses.base import Computed, Need
from resemblance.losses.checks import check_weights, check_whole_number
from resemblance.losses.comparisons import References, compare_identities, selected_mean
from resemblance.losses.pairs import PairwiseLoss
from resemblance.losses.statistics import batch_statistics
from resemblance.similarity import WeightedL1


class SiameseL1Loss(PairwiseLoss):
    """Binary cross-entropy of p = σ(b + Σ_j α_j·|h_j(x) − h_j(y)|), the probability of one person, h = σ(embedding).

    Koch trains on as many pairs of one kind as of the other. A batch holds far more impostor pairs: the value is the
    mean of the two kinds' own means, ½·mean(−log p) + ½·mean(−log(1 − p)), the expected cross-entropy over pairs so
    drawn; a batch with pairs of one kind has that kind's half. The pair (x, y) is (y, x), and no image is its own.

    Args:
        embedding_size: D.
        bias: whether b is learned. The paper prints none, and b = 0 leaves identical images at p = ½: nothing could
            be called the same person with more confidence than that, unless some α_j become positive.

    Attributes:
        similarity: the logit of p, with α and b; the weights that are trained are those that judge.

    Statistics:
        ``active_share``: share of the pairs on the wrong side of p = ½.

    Raises:
        ConfigurationError: for an embedding size that is not a whole number of at least 1.
        ValueError: from the call, for embeddings of another size or on another device.
    """

    needs: ClassVar[tuple[Need, ...]] = ("embedding_size",)

    def __init__(self, embedding_size: int, bias: bool = True) -> None:
        super().__init__()
        check_whole_number("SiameseL1Loss", "embedding_size", embedding_size, at_least=1)
        self.similarity: WeightedL1 = WeightedL1(embedding_size, bias=bias)

    def compare(self, embeddings: Tensor, identities: Tensor, references: References) -> Computed:
        """The formula of the class."""
        check_weights("SiameseL1Loss", embeddings, self.similarity.weight)
        genuine, impostor = comparisons = compare_identities(identities, references.identities)
        logits = self.similarity(embeddings, references.embeddings)
        value = (selected_mean(softplus(-logits), genuine) + selected_mean(softplus(logits), impostor)) / 2
        wrong = torch.where(genuine, logits < 0, impostor & (logits > 0))
        statistics = partial(
            batch_statistics,
            embeddings,
            logits,
            comparisons,
            active_share=wrong.sum() / (genuine | impostor).sum().clamp_min(1),
            empty=~(genuine.any() | impostor.any()),
        )
        return Computed(value, statistics)
