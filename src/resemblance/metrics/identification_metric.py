"""Closed-set identification as a torchmetrics class."""

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from resemblance.metrics.embedding_metric import EmbeddingMetric, Plotted, several
from resemblance.metrics.fusion import Fusion, check_fusion
from resemblance.metrics.gallery import Gallery, enroll_first
from resemblance.metrics.identification import CURVE_RANKS, cmc, rank_k, search_gallery
from resemblance.similarity import Scorer, Similarity


class IdentificationRate(EmbeddingMetric):
    """``rank_1``, ``rank_5``: share of the probes whose mate is among the first k enrolled identities.

    The first images of every identity, in the order of the rows, are enrolled; all its others are probes. Hand over
    ``indices`` where several processes share the images, for they say which is first. A rank that a gallery of so few
    identities can't miss is 1.

    Args:
        ranks: k of rank-k, or several.
        enrolled: images enrolled of each identity.
        fusion: the score of an identity with several images: ``max``, the best of them, or ``mean``, their template.
        similarity: what judges; the cosine if not given.
        settings: of :class:`torchmetrics.Metric`.

    Raises:
        ValueError: for ranks or enrolled images below 1, or an unknown fusion; and from ``compute``, for a set without
            a probe.

    >>> metric = IdentificationRate(ranks=(1, 2))
    >>> metric.update(torch.tensor([[1.0, 0.0], [0.9, 0.1]]), torch.tensor([0, 0]))
    >>> metric.update(torch.tensor([[0.0, 1.0], [0.6, 0.5]]), torch.tensor([1, 1]))
    >>> metric.compute()
    {'rank_1': tensor(0.5000), 'rank_2': tensor(1.)}
    """

    def __init__(
        self,
        ranks: int | Sequence[int] = (1, 5),
        enrolled: int = 1,
        fusion: Fusion = "max",
        similarity: Similarity | None = None,
        **settings: Any,
    ) -> None:
        super().__init__(similarity, **settings)
        check_fusion(fusion)
        self.ranks = several(ranks, "ranks")
        if enrolled < 1 or min(self.ranks, default=0) < 1:
            raise ValueError(f"Ranks and enrolled images count from 1, not ranks={self.ranks}, enrolled={enrolled}.")
        self.enrolled = enrolled
        self.fusion: Fusion = fusion

    def figures(self, vectors: Tensor, identities: Tensor) -> Mapping[str, float]:
        """Rank-k of all rows."""
        ranks, _ = self._ranks(vectors, identities)
        return {f"rank_{k}": rank_k(ranks, k) for k in self.ranks}

    def cmc(self, vectors: Tensor, identities: Tensor) -> tuple[Tensor, Tensor]:
        """Ranks 1 to 50 at most, and the share of the probes whose mate is found by each."""
        ranks, size = self._ranks(vectors, identities)
        rates = cmc(ranks, size)[:CURVE_RANKS]
        return torch.arange(1, len(rates) + 1), rates

    def plot(self, val: Mapping[str, Tensor] | Sequence[Mapping[str, Tensor]] | None = None, ax: Any = None) -> Plotted:
        """Draw the CMC of what was collected, or figures that ``compute`` gave, where handed over."""
        return self._draw_line(self.cmc, ax, "rank", "rate", "linear") if val is None else super().plot(val, ax)

    def _ranks(self, vectors: Tensor, identities: Tensor) -> tuple[Tensor, int]:
        """Rank of each probe's mate, and the number of enrolled identities."""
        enrolled, probes = enroll_first(identities, self.enrolled)
        if len(probes) == 0:
            raise ValueError(
                f"There is no probe: no identity among the {len(vectors)} images has more than {self.enrolled}."
            )
        gallery = Gallery(
            vectors[enrolled], identities[enrolled], fusion=self.fusion, normalized=self.similarity.normalized
        )
        found = search_gallery(gallery, vectors[probes], identities[probes], Scorer(self.similarity))
        return found.ranks, len(gallery)
