"""Closed-set identification (1:N): every probe has its mate in the gallery."""

import torch
from torch import Tensor

BLOCK = 1024
"""Probes at a time, so that only their own rows are copied."""


def mate_ranks(similarity: Tensor, probe_identities: Tensor, gallery_identities: Tensor) -> Tensor:
    """Rank of each probe's mate among the enrolled identities; 1 is first.

    rank = 1 + number of other identities whose score is at least the mate's. An identity's score is the maximum over
    its gallery images. A tie counts against the probe: a network that maps all faces to one point finds nobody.

    Args:
        similarity: [P, G], higher = more alike.
        probe_identities: int64 [P].
        gallery_identities: int64 [G]; an identity may be there several times.

    Returns:
        int64 [P].

    Raises:
        ValueError: for a probe without a mate in the gallery, a similarity that is NaN, or shapes that do not fit.

    >>> similarity = torch.tensor([[0.9, 0.2, 0.1], [0.5, 0.4, 0.5]])
    >>> mate_ranks(similarity, torch.tensor([7, 3]), torch.tensor([7, 7, 3])).tolist()
    [1, 2]
    """
    if similarity.shape != (len(probe_identities), len(gallery_identities)):
        raise ValueError(
            f"The similarity of {len(probe_identities)} probes and {len(gallery_identities)} gallery images is a "
            f"matrix of that shape, not {list(similarity.shape)}."
        )
    if similarity.isnan().any():
        raise ValueError(f"{int(similarity.isnan().sum())} of the similarities are NaN.")
    enrolled, column = gallery_identities.unique(return_inverse=True)  # ascending
    mates = torch.searchsorted(enrolled, probe_identities).clamp(max=max(len(enrolled) - 1, 0))
    if len(probe_identities) and (len(enrolled) == 0 or (enrolled[mates] != probe_identities).any()):
        raise ValueError("A probe has no mate in the gallery; closed-set ranks need one for every probe.")
    ranks = torch.empty(len(probe_identities), dtype=torch.int64, device=similarity.device)
    for start in range(0, len(ranks), BLOCK):
        rows = slice(start, start + BLOCK)
        images = similarity[rows]
        scores = images.new_full((len(images), len(enrolled)), -torch.inf)
        scores.scatter_reduce_(1, column.expand_as(images), images, reduce="amax")
        # The mate itself is one of those that reach its score: it stands for the 1 of the first rank.
        ranks[rows] = (scores >= scores.gather(1, mates[rows, None])).sum(1)
    return ranks


def cmc(ranks: Tensor, gallery_identities_count: int) -> Tensor:
    """Cumulative match characteristic, float64 [G]: the share of probes with rank ≤ 1, 2, …, G.

    >>> cmc(torch.tensor([1, 1, 3, 2]), 3).tolist()
    [0.5, 0.75, 1.0]

    Raises:
        ValueError: for no ranks, or ranks outside 1 … G.
    """
    _check_ranks(ranks)
    if ranks.max() > gallery_identities_count:
        raise ValueError(f"Rank {int(ranks.max())} does not exist among {gallery_identities_count} identities.")
    return torch.bincount(ranks, minlength=gallery_identities_count + 1)[1:].cumsum(0).double() / len(ranks)


def rank_k(ranks: Tensor, k: int) -> float:
    """Share of the probes whose mate is among the first k identities.

    >>> rank_k(torch.tensor([1, 1, 3, 2]), 2)
    0.75
    """
    _check_ranks(ranks)
    return int((ranks <= k).sum()) / len(ranks)


def _check_ranks(ranks: Tensor) -> None:
    if len(ranks) == 0:
        raise ValueError("There are no ranks; a rate needs at least one probe.")
    if ranks.min() < 1:
        raise ValueError(f"Ranks begin with 1, not {int(ranks.min())}.")
