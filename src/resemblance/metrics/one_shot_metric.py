"""One-shot classification as a torchmetrics class."""

from collections.abc import Mapping
from typing import Any

from torch import Tensor

from resemblance.metrics.embedding_metric import EmbeddingMetric
from resemblance.metrics.fusion import Fusion, check_fusion
from resemblance.metrics.one_shot import check_episodes, one_shot_hits, sample_episodes
from resemblance.similarity import Similarity


class OneShotAccuracy(EmbeddingMetric):
    """``5_way_1_shot``: share of the queries of random episodes that are most similar to their own class.

    The episodes depend on the labels, in the order of the rows, and on the seed: hand over ``indices`` where several
    processes share the images.

    Args:
        ways: classes of an episode.
        shots: support images of a class.
        queries: query images of a class.
        episodes: how many.
        fusion: of several support images: ``max``, the most similar counts, or ``mean``, their prototype.
        seed: of the draw.
        similarity: what judges; the cosine if not given.
        settings: of :class:`torchmetrics.Metric`.

    Raises:
        ValueError: for fewer than 2 ways, other counts below 1, or an unknown fusion; and from ``compute``, for too few
            identities or images of them.

    >>> import torch
    >>> metric = OneShotAccuracy(ways=2, episodes=100)
    >>> metric.update(torch.tensor([[1.0, 0.0], [0.9, 0.1], [0.0, 1.0], [0.4, 0.5]]), torch.tensor([0, 0, 1, 1]))
    >>> metric.compute()
    {'2_way_1_shot': tensor(1.)}
    """

    def __init__(
        self,
        ways: int = 5,
        shots: int = 1,
        queries: int = 1,
        episodes: int = 1000,
        fusion: Fusion = "max",
        seed: int = 0,
        similarity: Similarity | None = None,
        **settings: Any,
    ) -> None:
        super().__init__(similarity, **settings)
        check_episodes(ways, shots, queries, episodes)
        check_fusion(fusion)
        self.ways, self.shots, self.queries, self.episodes = ways, shots, queries, episodes
        self.fusion: Fusion = fusion
        self.seed = seed

    def figures(self, vectors: Tensor, identities: Tensor) -> Mapping[str, float]:
        """The accuracy."""
        episodes = sample_episodes(
            identities,
            ways=self.ways,
            shots=self.shots,
            queries=self.queries,
            episodes=self.episodes,
            seed=self.seed,
        )
        hits = one_shot_hits(vectors, episodes, self.similarity, fusion=self.fusion)
        return {f"{self.ways}_way_{self.shots}_shot": int(hits.sum()) / hits.numel()}
