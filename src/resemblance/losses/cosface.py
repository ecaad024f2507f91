"""CosFace, the large margin cosine loss (LMCL).

H. Wang, Y. Wang, Z. Zhou, X. Ji, D. Gong, J. Zhou, Z. Li, W. Liu: CosFace: Large Margin Cosine Loss for Deep Face
Recognition. CVPR 2018.
"""

import math
import warnings
from functools import partial
from typing import ClassVar

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, one_hot

from resemblance.losses.base import Computed, MetricLoss, Need
from resemblance.losses.checks import check_range
from resemblance.losses.comparisons import Comparisons
from resemblance.losses.sphere import to_unit_sphere
from resemblance.losses.statistics import batch_statistics
from resemblance.similarity import CosineSimilarity

_WANTED_PROBABILITY = 0.9


def minimal_scale(num_identities: int, probability: float) -> float:
    """The smallest s with which a class centre can reach ``probability`` (paper's section 3.3, without margin).

    s ≥ (C − 1)/C · ln((C − 1)·P/(1 − P)). Below it the loss can't come near zero however well the classes separate.

    >>> round(minimal_scale(500, 0.9), 1)
    8.4
    """
    rivals = num_identities - 1
    return rivals / num_identities * math.log(rivals * probability / (1 - probability))


def maximal_margin(num_identities: int) -> float:
    """The largest m that C classes can meet, C/(C − 1), reached by a regular simplex of C ≤ D + 1 class centres.

    With more classes than that the reachable margin is well below it (paper's section 3.4).
    """
    return num_identities / (num_identities - 1)


class CosFaceLoss(MetricLoss):
    """Mean of −log( e^{s(cosθ_y − m)} / (e^{s(cosθ_y − m)} + Σ_{j≠y} e^{s·cosθ_j}) ).

    θ_j is the angle between an embedding and the weight of identity j; both are L2-normalised. One image per identity
    is enough, and no mining is needed: every image is compared with every identity.

    Args:
        num_identities: C ≥ 2, the training identities, labelled 0 … C − 1.
        embedding_size: D.
        scale: s > 0; the paper uses 64. Few identities need less, see :func:`minimal_scale`.
        margin: m in [0, C/(C − 1)], in cosine; 0.35 in the paper, and 0 is the normalised softmax.
        label_smoothing: share of the target spread evenly over all identities, in [0, 1); not part of the paper.

    Attributes:
        weight: [C, D] parameter, one row per identity, not normalised.

    Statistics:
        ``genuine_similarity`` and ``impostor_similarity`` compare embeddings with their own and with the other
        identities' weights. ``active_share``: share of the images whose own identity does not win by the margin,
        cosθ_y − m ≤ max_{j≠y} cosθ_j.

    Raises:
        ConfigurationError: for a parameter outside its range.
        ValueError: from the call, for identities outside 0 … C − 1.

    Warns:
        UserWarning: if s is below the bound for a class-centre probability of 0.9.
    """

    needs: ClassVar[tuple[Need, ...]] = ("num_identities", "embedding_size")
    min_images_per_identity: ClassVar[int] = 1
    compares_images: ClassVar[bool] = False

    def __init__(
        self,
        num_identities: int,
        embedding_size: int,
        scale: float = 64.0,
        margin: float = 0.35,
        label_smoothing: float = 0.0,
    ) -> None:
        super().__init__()
        check_range("CosFaceLoss", "num_identities", num_identities, at_least=2)
        check_range("CosFaceLoss", "embedding_size", embedding_size, at_least=1)
        check_range("CosFaceLoss", "scale", scale, above=0)
        check_range("CosFaceLoss", "margin", margin, at_least=0, at_most=maximal_margin(num_identities))
        check_range("CosFaceLoss", "label_smoothing", label_smoothing, at_least=0, below=1)
        bound = minimal_scale(num_identities, _WANTED_PROBABILITY)
        if scale < bound:
            warnings.warn(
                f"CosFaceLoss with scale={scale:g} and {num_identities} identities can't reach a probability of "
                f"{_WANTED_PROBABILITY} even at the class centres; use a scale of at least {bound:.1f}.",
                stacklevel=2,
            )
        self.scale = scale
        self.margin = margin
        self.label_smoothing = label_smoothing
        self.similarity = CosineSimilarity()
        self.weight = nn.Parameter(torch.empty(num_identities, embedding_size))
        nn.init.xavier_normal_(self.weight)

    def compute(self, embeddings: Tensor, identities: Tensor) -> Computed:
        """The formula of the class on one batch."""
        self._check_batch(embeddings, identities)
        # A module cast to half precision still computes in the embeddings' float32.
        cosines = to_unit_sphere(embeddings) @ to_unit_sphere(self.weight.to(embeddings.dtype)).T
        own = one_hot(identities, len(self.weight)).bool()
        with_margin = torch.where(own, cosines - self.margin, cosines)
        value = cross_entropy(self.scale * with_margin, identities, label_smoothing=self.label_smoothing)
        with torch.no_grad():
            best_rival = cosines.masked_fill(own, -torch.inf).amax(1)
            unseparated = with_margin.gather(1, identities[:, None])[:, 0] <= best_rival
        statistics = partial(
            batch_statistics,
            embeddings,
            cosines,
            Comparisons(genuine=own, impostor=~own),
            active_share=unseparated.to(embeddings.dtype).mean(),
            empty=torch.zeros((), dtype=torch.bool, device=embeddings.device),
        )
        return Computed(value, statistics)

    def _check_batch(self, embeddings: Tensor, identities: Tensor) -> None:
        num_identities, embedding_size = self.weight.shape
        if embeddings.shape[1] != embedding_size:
            raise ValueError(
                f"CosFaceLoss was built with embedding_size={embedding_size} and received embeddings of size "
                f"{embeddings.shape[1]}."
            )
        # On an accelerator a label out of range would end the process with an error far from its cause.
        lowest, highest = identities.min().item(), identities.max().item()
        if lowest < 0 or highest >= num_identities:
            raise ValueError(
                f"CosFaceLoss was built with num_identities={num_identities}, so labels run from 0 to "
                f"{num_identities - 1}, but the batch holds {lowest if lowest < 0 else highest}."
            )
