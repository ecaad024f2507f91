"""Proxy-anchor loss.

S. Kim, D. Kim, M. Cho, S. Kwak: Proxy Anchor Loss for Deep Metric Learning. CVPR 2020.
"""

from functools import partial
from typing import ClassVar

import torch
from torch import Tensor, nn

from resemblance.losses.base import Computed, MetricLoss, Need
from resemblance.losses.checks import check_labels, check_range, check_weights, check_whole_number
from resemblance.losses.comparisons import Comparisons
from resemblance.losses.selected_sums import log_one_plus, selected_logsumexp
from resemblance.losses.sphere import to_unit_sphere
from resemblance.losses.statistics import batch_statistics
from resemblance.similarity import CosineSimilarity


class ProxyAnchorLoss(MetricLoss):
    """Each identity has a learned proxy, and each proxy is an anchor of the batch's images.

    1/|P⁺|·Σ_{p∈P⁺} log(1 + Σ_{x of p} exp(−α·(s(x, p) − δ))) + 1/|P|·Σ_p log(1 + Σ_{x not of p} exp(α·(s(x, p) + δ))),
    s the cosine, P all proxies and P⁺ those of the identities in the batch. One image per identity is enough. A proxy
    weighs all its images together, so distributed training computes it on the batch of all processes.

    Args:
        num_identities: C ≥ 2, the training identities, labelled 0 … C − 1.
        embedding_size: D.
        scale: α > 0.
        margin: δ ≥ 0, in cosine.

    Attributes:
        proxies: [C, D] parameter, not normalised; initialised as in the authors' code, N(0, 2/C). The authors train
            it at 100 times the network's rate.

    Statistics:
        ``genuine_similarity`` and ``impostor_similarity`` compare images with their own and with the other proxies.
        ``active_share``: share of these comparisons on the wrong side of their margin, s < δ or s > −δ.

    Raises:
        ConfigurationError: for a parameter outside its range.
        ValueError: from the call, for identities outside 0 … C − 1, or embeddings of another size or on another device.
    """

    needs: ClassVar[tuple[Need, ...]] = ("num_identities", "embedding_size")
    min_images_per_identity: ClassVar[int] = 1

    def __init__(self, num_identities: int, embedding_size: int, scale: float = 32.0, margin: float = 0.1) -> None:
        super().__init__()
        check_whole_number("ProxyAnchorLoss", "num_identities", num_identities, at_least=2)
        check_whole_number("ProxyAnchorLoss", "embedding_size", embedding_size, at_least=1)
        check_range("ProxyAnchorLoss", "scale", scale, above=0)
        check_range("ProxyAnchorLoss", "margin", margin, at_least=0)
        self.scale = scale
        self.margin = margin
        self.similarity = CosineSimilarity()
        self.proxies = nn.Parameter(torch.empty(num_identities, embedding_size))
        nn.init.kaiming_normal_(self.proxies, mode="fan_out")

    def compute(self, embeddings: Tensor, identities: Tensor) -> Computed:
        """The formula of the class on one batch."""
        check_weights("ProxyAnchorLoss", embeddings, self.proxies)
        check_labels("ProxyAnchorLoss", identities, len(self.proxies))
        cosines = to_unit_sphere(embeddings) @ to_unit_sphere(self.proxies.to(embeddings.dtype)).T
        own = identities[:, None] == torch.arange(len(self.proxies), device=identities.device)
        pulls = log_one_plus(selected_logsumexp(-self.scale * (cosines - self.margin), own, dim=0))
        pushes = log_one_plus(selected_logsumexp(self.scale * (cosines + self.margin), ~own, dim=0))
        value = pulls.sum() / own.any(0).sum() + pushes.mean()
        return Computed(value, partial(self._statistics, embeddings, cosines, own))

    def _statistics(self, embeddings: Tensor, cosines: Tensor, own: Tensor) -> dict[str, Tensor]:
        wrong = torch.where(own, cosines < self.margin, cosines > -self.margin)
        return batch_statistics(
            embeddings,
            cosines,
            Comparisons(genuine=own, impostor=~own),
            active_share=wrong.to(embeddings.dtype).mean(),
            empty=torch.zeros((), dtype=torch.bool, device=embeddings.device),
        )
