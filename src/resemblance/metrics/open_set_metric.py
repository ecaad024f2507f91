"""Open-set identification as a torchmetrics class."""

import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from resemblance.errors import ResemblanceWarning
from resemblance.metrics.embedding_metric import EmbeddingMetric, Plotted, several
from resemblance.metrics.fusion import Fusion, check_fusion
from resemblance.metrics.gallery import Gallery, enroll_first
from resemblance.metrics.identification import search_gallery
from resemblance.metrics.log_spaced import spread_counts
from resemblance.metrics.open_set import draw_non_mated, tpir_at_false_positives, tpir_at_fpir
from resemblance.metrics.rate_names import rate_key
from resemblance.metrics.rates import UnmeasurableRateError
from resemblance.similarity import Scorer, Similarity


class OpenSetIdentification(EmbeddingMetric):
    """``tpir_at_fpir_1e_2`` (one for each rate): a share of the identities is not enrolled and has no mate.

    Rank-1 TPIR at a given FPIR is DIR@FAR. Who is not enrolled is drawn with the seed; of all others the first images,
    in the order of the rows, are enrolled, and the rest are mated probes. A rate below 1 in the number of non-mated
    searches can't be measured: it is left out, with a warning that says so.

    Args:
        fpirs: false positive identification rate, or several.
        rank: within which the mate must be found.
        non_mated: share of the identities that are not enrolled.
        seed: of their draw.
        enrolled: images enrolled of each identity.
        fusion: the score of an identity with several images: ``max``, the best of them, or ``mean``, their template.
        similarity: what judges; the cosine if not given.
        settings: of :class:`torchmetrics.Metric`.

    Raises:
        ValueError: for a rate or share outside 0 … 1, counts below 1, or an unknown fusion; and from ``compute``, for a
            set without a mated or a non-mated search.

    >>> metric = OpenSetIdentification(fpirs=(0.5,))
    >>> metric.update(torch.tensor([[1.0, 0.0], [0.9, 0.1]]), torch.tensor([0, 0]))
    >>> metric.update(torch.tensor([[0.0, 1.0], [0.6, 0.5]]), torch.tensor([1, 1]))
    >>> metric.compute()
    {'tpir_at_fpir_5e_1': tensor(1.)}
    """

    def __init__(
        self,
        fpirs: float | Sequence[float] = (1e-1, 1e-2),
        rank: int = 1,
        non_mated: float = 0.5,
        seed: int = 0,
        enrolled: int = 1,
        fusion: Fusion = "max",
        similarity: Similarity | None = None,
        **settings: Any,
    ) -> None:
        super().__init__(similarity, **settings)
        check_fusion(fusion)
        self.fpirs = several(fpirs, "fpirs")
        for fpir in self.fpirs:
            if not 0 < fpir < 1:
                raise ValueError(f"A false positive identification rate lies between 0 and 1, not at {fpir}.")
        if not 0 < non_mated < 1:
            raise ValueError(f"non_mated is a share between 0 and 1, not {non_mated}.")
        if min(rank, enrolled) < 1:
            raise ValueError(f"Ranks and enrolled images count from 1, not rank={rank}, enrolled={enrolled}.")
        self.rank, self.non_mated, self.seed, self.enrolled = rank, non_mated, seed, enrolled
        self.fusion: Fusion = fusion

    def figures(self, vectors: Tensor, identities: Tensor) -> Mapping[str, float]:
        """TPIR of all rows."""
        searches = self._searches(vectors, identities)
        found = {}
        for fpir in self.fpirs:
            try:
                found[f"tpir_at_fpir_{rate_key(fpir)}"] = tpir_at_fpir(*searches, fpir, self.rank).tpir
            except UnmeasurableRateError as error:
                warnings.warn(str(error), ResemblanceWarning, stacklevel=2)
        return found

    def tpir(self, vectors: Tensor, identities: Tensor) -> tuple[Tensor, Tensor]:
        """FPIR and TPIR at up to 500 rates, evenly spread over log FPIR from the smallest that exists to 1."""
        ranks, mates, tops = self._searches(vectors, identities)
        allowed = spread_counts(len(tops))
        return allowed.double() / len(tops), tpir_at_false_positives(ranks, mates, tops, allowed, self.rank)

    def plot(self, val: Mapping[str, Tensor] | Sequence[Mapping[str, Tensor]] | None = None, ax: Any = None) -> Plotted:
        """Draw TPIR over log FPIR of what was collected, or figures that ``compute`` gave, where handed over."""
        return self._draw_line(self.tpir, ax, "FPIR", "TPIR", "log") if val is None else super().plot(val, ax)

    def _searches(self, vectors: Tensor, identities: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Ranks and scores of the mates of the mated searches, and best scores of the non-mated ones."""
        labels, subjects, images = identities.unique(return_inverse=True, return_counts=True)
        if len(labels) < 2 or int(images.max()) <= self.enrolled:
            raise ValueError(
                f"Open-set identification needs two identities, one of them with more than {self.enrolled} images; "
                f"there are {len(vectors)} images of {len(labels)}."
            )
        outside = draw_non_mated(images > self.enrolled, self.non_mated, self.seed)[subjects]
        enrolled, others = (rows[~outside[rows]] for rows in enroll_first(identities, self.enrolled))
        gallery = Gallery(
            vectors[enrolled], identities[enrolled], fusion=self.fusion, normalized=self.similarity.normalized
        )
        probes = torch.cat([others, outside.nonzero()[:, 0]])
        found = search_gallery(gallery, vectors[probes], identities[probes], Scorer(self.similarity))
        mated = len(others)
        return found.ranks[:mated], found.mates[:mated], found.tops[mated:]
