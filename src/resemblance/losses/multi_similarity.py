"""Multi-similarity loss with its pair mining.

X. Wang, X. Han, W. Huang, D. Dong, M. R. Scott: Multi-Similarity Loss with General Pair Weighting for Deep Metric
Learning. CVPR 2019.
"""

import torch
from torch import Tensor

from resemblance.losses.base import Computed
from resemblance.losses.checks import check_range
from resemblance.losses.comparisons import Comparisons, References, compare_identities
from resemblance.losses.pairs import PairwiseLoss
from resemblance.losses.selected_sums import log_one_plus, selected_logsumexp
from resemblance.losses.sphere import directions
from resemblance.losses.statistics import batch_statistics
from resemblance.similarity import CosineSimilarity


class MultiSimilarityLoss(PairwiseLoss):
    """Mean over images i of (1/α)·log(1 + Σ_p exp(−α·(S_ip − λ))) + (1/β)·log(1 + Σ_n exp(β·(S_in − λ))).

    S is the cosine; the sums run over the mined pairs. A negative is mined where S_in > min_p S_ip − ε, a positive
    where S_ip < max_n S_in + ε: pairs that the other kind comes within ε of. Images without mined pairs count in the
    mean with zero, as in the paper.

    Args:
        positive_scale: α > 0.
        negative_scale: β > 0; the authors' code also uses 40.
        threshold: λ in [−1, 1]; 0.5 as in the authors' code.
        epsilon: ε ≥ 0, the slack of the mining; from 2 on every pair is mined where there are both kinds.

    Statistics:
        ``active_share``: share of the pairs that were mined.

    Raises:
        ConfigurationError: for a parameter outside its range.
    """

    def __init__(
        self,
        positive_scale: float = 2.0,
        negative_scale: float = 50.0,
        threshold: float = 0.5,
        epsilon: float = 0.1,
    ) -> None:
        super().__init__()
        check_range("MultiSimilarityLoss", "positive_scale", positive_scale, above=0)
        check_range("MultiSimilarityLoss", "negative_scale", negative_scale, above=0)
        check_range("MultiSimilarityLoss", "threshold", threshold, at_least=-1, at_most=1)
        check_range("MultiSimilarityLoss", "epsilon", epsilon, at_least=0)
        self.positive_scale = positive_scale
        self.negative_scale = negative_scale
        self.threshold = threshold
        self.epsilon = epsilon
        self.similarity = CosineSimilarity()

    def compare(self, embeddings: Tensor, identities: Tensor, references: References) -> Computed:
        """The formula of the class."""
        genuine, impostor = comparisons = compare_identities(identities, references.identities)
        images, others = directions(embeddings, references.embeddings)
        cosines = images @ others.T
        constant = cosines.detach()
        mined = _mine(constant, comparisons, self.epsilon)
        beyond = cosines - self.threshold
        pulls = selected_logsumexp(-self.positive_scale * beyond, mined.genuine)
        pushes = selected_logsumexp(self.negative_scale * beyond, mined.impostor)
        losses = log_one_plus(pulls) / self.positive_scale + log_one_plus(pushes) / self.negative_scale

        def find() -> dict[str, Tensor]:
            pairs = (genuine | impostor).count_nonzero().clamp_min(1)
            return batch_statistics(
                embeddings,
                constant,
                comparisons,
                active_share=(mined.genuine | mined.impostor).count_nonzero() / pairs,
                empty=~(genuine.any(1) & impostor.any(1)).any(),
            )

        return Computed(losses.mean(), find)


def _mine(cosines: Tensor, comparisons: Comparisons, epsilon: float) -> Comparisons:
    """The pairs within ε of the other kind; none for an image that lacks one of the kinds."""
    genuine, impostor = comparisons
    farthest_positives = cosines.masked_fill(~genuine, torch.inf).amin(1, keepdim=True)
    nearest_negatives = cosines.masked_fill(~impostor, -torch.inf).amax(1, keepdim=True)
    return Comparisons(
        genuine=genuine & (cosines < nearest_negatives + epsilon),
        impostor=impostor & (cosines > farthest_positives - epsilon),
    )
