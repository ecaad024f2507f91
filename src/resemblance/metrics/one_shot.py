"""One-shot classification: N-way K-shot episodes, each of whose queries goes to the class that it resembles most."""

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn.functional import normalize

from resemblance.embeddings import EpisodeList
from resemblance.metrics.fusion import Fusion, check_fusion
from resemblance.similarity import Scorer, Similarity

BLOCK = 2**20
"""Numbers at a time, among embeddings and scores: 8 MiB of float64, which stay in the cache."""


class UnmeasurableEpisodesError(ValueError):
    """Too few identities, or too few images of them, for episodes of that many ways and shots."""


def sample_episodes(
    identities: Tensor, *, ways: int, shots: int, queries: int = 1, episodes: int = 1000, seed: int = 0
) -> EpisodeList:
    """Random episodes: W identities of those with K + q images or more, and K support and q query images of each.

    All subsets are equally likely, without replacement. The draw depends on ``identities`` and ``seed`` alone, so that
    every network is asked the same.

    Args:
        identities: int64 [N], the label of each row.
        ways: W, 2 or more.
        shots: K, support images of each class.
        queries: q, query images of each class; an episode has Q = W · q of them, class by class.
        episodes: E.
        seed: of the draw.

    Raises:
        UnmeasurableEpisodesError: a ValueError, for fewer than W identities with K + q images.
        ValueError: for fewer than 2 ways, or no shots, queries or episodes.

    >>> drawn = sample_episodes(torch.tensor([7, 7, 3, 3, 5]), ways=2, shots=1, episodes=3)
    >>> drawn.support.shape, drawn.queries.shape, drawn.answers[0].tolist()
    (torch.Size([3, 2, 1]), torch.Size([3, 2]), [0, 1])
    """
    check_episodes(ways, shots, queries, episodes)
    taken = shots + queries
    rows = torch.argsort(identities.cpu(), stable=True)
    _, counts = identities.cpu().unique(return_counts=True)
    starts = counts.cumsum(0) - counts
    usable = (counts >= taken).nonzero()[:, 0]
    if len(usable) < ways:
        raise UnmeasurableEpisodesError(
            f"{ways}-way {shots}-shot episodes need {ways} identities with {taken} images or more, but there are "
            f"{len(usable)}."
        )
    generator = torch.Generator().manual_seed(seed)
    classes = usable[_subsets(torch.full((episodes,), len(usable)), ways, generator)]
    chosen = rows[starts[classes, None] + _subsets(counts[classes], taken, generator)]
    return EpisodeList(
        support=chosen[..., :shots],
        queries=chosen[..., shots:].flatten(1),
        answers=torch.arange(ways).repeat_interleave(queries).expand(episodes, -1),
        name=f"{episodes:,} random episodes",
    )


def check_episodes(ways: int, shots: int, queries: int, episodes: int) -> None:
    """Refuse settings that no set could make episodes of.

    Raises:
        ValueError: for fewer than 2 ways, or no shots, queries or episodes.
    """
    if ways < 2 or min(shots, queries, episodes) < 1:
        raise ValueError(
            f"Episodes have 2 ways or more and at least one shot, query and episode, not ways={ways}, shots={shots}, "
            f"queries={queries}, episodes={episodes}."
        )


def one_shot_hits(
    vectors: Tensor, episodes: EpisodeList, similarity: Similarity, *, fusion: Fusion = "max", block: int = BLOCK
) -> Tensor:
    """Whether each query is most similar to its own class, bool [E, Q].

    A class scores the maximum over its support images, or, with ``fusion="mean"``, the similarity to their mean (of
    unit vectors, where the similarity compares directions). A tie with another class is a miss: a network that maps
    all images to one point classifies none.

    Scores are computed in float64 and rounded to float32. Memory is O(block) beside the result.

    Args:
        vectors: [N, D].
        episodes: as rows of ``vectors``.
        similarity: of the loss.
        fusion: of several support images.
        block: numbers at a time.

    Raises:
        ValueError: for rows outside the set, NaN or infinite embeddings of them, or an unknown fusion.

    >>> from resemblance.similarity import CosineSimilarity
    >>> vectors = torch.tensor([[1.0, 0.0], [0.0, 1.0], [0.9, 0.2], [0.7, 0.7]])
    >>> support, queries = torch.tensor([[[0], [1]]]), torch.tensor([[2, 3]])
    >>> episodes = EpisodeList(support, queries, torch.tensor([[0, 1]]), "by hand")
    >>> one_shot_hits(vectors, episodes, CosineSimilarity()).tolist()  # the last query lies midway
    [[True, False]]
    """
    check_fusion(fusion)
    for rows in (episodes.support, episodes.queries):
        if rows.numel() and (rows.min() < 0 or rows.max() >= len(vectors)):
            raise ValueError(
                f"The episodes name rows {int(rows.min())} to {int(rows.max())} of a set of {len(vectors)} images."
            )
    # Any similarity of [Q, D] and [M, D] becomes one of whole blocks of episodes.
    score: Callable[[Tensor, Tensor], Tensor] = torch.func.vmap(Scorer(similarity))
    ways, shots = episodes.ways, episodes.shots
    asked = episodes.queries.shape[1]
    step = max(1, block // max(1, (asked + ways * shots) * vectors.shape[1] + asked * ways * shots))
    hits = torch.empty(len(episodes), asked, dtype=torch.bool)
    for start in range(0, len(episodes), step):
        part = slice(start, start + step)
        support = vectors[episodes.support[part]].cpu().double()
        if fusion == "mean":
            support = (normalize(support, dim=-1) if similarity.normalized else support).mean(2, keepdim=True)
        scores = score(vectors[episodes.queries[part]], support.flatten(1, 2))
        if not torch.isfinite(scores).all():
            raise ValueError("An embedding that the episodes name is NaN or infinite.")
        by_class = scores.unflatten(2, (ways, -1)).amax(3)
        right = by_class.gather(2, episodes.answers[part, :, None])
        hits[part] = (by_class >= right).sum(2) == 1  # the right class itself is the one that reaches its score
    return hits


def _subsets(sizes: Tensor, k: int, generator: torch.Generator) -> Tensor:
    """For each n in ``sizes`` [...], k different numbers below n in random order, int64 [..., k].

    Floyd's algorithm for all sizes at once: O(k²) for each, however large n is.
    """
    chosen = torch.empty(*sizes.shape, k, dtype=torch.int64)
    for place in range(k):
        last = sizes - k + place
        drawn = (torch.rand(sizes.shape, dtype=torch.float64, generator=generator) * (last + 1)).long()
        there = (chosen[..., :place] == drawn[..., None]).any(-1)
        chosen[..., place] = torch.where(there, last, drawn)
    # The subset is uniform, but its largest numbers come late; which of them are support images must be chance too.
    order = torch.rand(chosen.shape, dtype=torch.float64, generator=generator).argsort(-1)
    return chosen.gather(-1, order)
