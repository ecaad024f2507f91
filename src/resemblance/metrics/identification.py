"""Identification (1:N): probes searched in a gallery of enrolled identities.

A closed-set probe has its mate in the gallery; an open-set probe may have none (see :mod:`.open_set`).
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from resemblance.metrics.gallery import Enrolment, Gallery

Score = Callable[[Tensor, Tensor], Tensor]
"""[N, D] and [M, D] to [N, M]; higher = more alike."""
CURVE_RANKS = 50
"""Ranks that a curve shows at most."""
PROBES = 1024
"""Probes at a time."""
IMAGES = 8192
"""Enrolled images at a time; memory is O(PROBES · IMAGES)."""
_MATES = 256
"""Probes at a time that are compared with the images of their own identities."""


@dataclass(frozen=True)
class Searches:
    """What P searches have found.

    Attributes:
        ranks: int64 [P], rank of the mate, 1 = first; 0 for a probe whose identity is not enrolled.
        mates: [P], score of the mate; −∞ where there is none.
        tops: [P], best score of all enrolled identities.
    """

    ranks: Tensor
    mates: Tensor
    tops: Tensor

    @property
    def mated(self) -> Tensor:
        """Which probes have a mate, bool [P]."""
        return self.ranks > 0


def search_gallery(
    gallery: Gallery, probes: Tensor, identities: Tensor, score: Score, *, distractors: Gallery | None = None
) -> Searches:
    """Search every probe, in blocks of probes and of enrolled identities: memory does not grow with either.

    rank = 1 + number of other identities whose score is at least the mate's: a tie counts against the probe.

    Args:
        gallery: the enrolled identities.
        probes: [P, D], raw.
        identities: int64 [P], of the probes.
        score: must give two embeddings one score in whatever block, for else ties would be won by rounding: products
            in float64, rounded to float32, do.
        distractors: other people who are enrolled too; their labels mean nothing among the others.

    Raises:
        ValueError: for sizes that differ or scores that are NaN.

    >>> gallery = Gallery(torch.tensor([[1.0, 0.0], [0.0, 1.0]]), torch.tensor([3, 8]))
    >>> probes, identities = torch.tensor([[0.5, 1.0], [1.0, 1.0], [2.0, 0.0]]), torch.tensor([8, 8, 5])
    >>> found = search_gallery(gallery, probes, identities, lambda x, y: x @ y.T)
    >>> found.ranks.tolist(), found.tops.tolist()
    ([1, 2, 0], [1.0, 1.0, 2.0])
    """
    _check_sizes(gallery, probes, identities, distractors)
    places = gallery.enrolment.places(identities)
    mates = _mate_scores(gallery, probes, places, score)
    tops = torch.full_like(mates, -torch.inf)
    ranks = (places >= 0).long()  # the mate itself
    for enrolled, own in ((gallery, places), (distractors, None)):
        if enrolled is not None:
            _pass_by(enrolled, own, probes, score, mates, ranks, tops)
    if broken := int((tops.isnan() | mates.isnan()).sum()):
        raise ValueError(f"{broken} of the {len(probes)} probes have scores that are NaN.")
    return Searches(torch.where(places >= 0, ranks, 0), mates, tops)


def _check_sizes(gallery: Gallery, probes: Tensor, identities: Tensor, distractors: Gallery | None) -> None:
    if len(probes) != len(identities):
        raise ValueError(f"{len(probes)} probes can't have {len(identities)} identities.")
    for name, others in (("gallery", gallery), ("distractors", distractors)):
        if others is not None and others.vectors.shape[1:] != probes.shape[1:]:
            raise ValueError(
                f"The embeddings of the probes have {probes.shape[-1]} numbers and those of the {name} "
                f"{others.vectors.shape[-1]}; they come from different networks."
            )


def _mate_scores(gallery: Gallery, probes: Tensor, places: Tensor, score: Score) -> Tensor:
    """Score of each probe with its own identity, [P]; −∞ where it is not enrolled."""
    found = score(probes[:1], gallery.vectors[:1]).new_full((len(probes),), -torch.inf)
    mated = (places >= 0).nonzero().squeeze(1)
    if len(mated) == 0:
        return found
    for rows in mated[torch.argsort(places[mated], stable=True)].split(_MATES):
        own, column = places[rows].unique(return_inverse=True)
        scores = score(probes[rows], gallery.vectors[gallery.enrolment.rows(own)])
        found[rows] = gallery.enrolment.fused(scores, own).gather(1, column[:, None]).squeeze(1)
    return found


def _pass_by(
    gallery: Gallery, own: Tensor | None, probes: Tensor, score: Score, mates: Tensor, ranks: Tensor, tops: Tensor
) -> None:
    """Add to ``ranks`` how many identities but the own one reach the mate's score, and to ``tops`` the best score."""
    for places in gallery.enrolment.blocks(IMAGES):
        vectors = gallery.vectors[gallery.enrolment.rows(places)]
        for start in range(0, len(probes), PROBES):
            rows = slice(start, start + PROBES)
            scores = gallery.enrolment.fused(score(probes[rows], vectors), places)
            tops[rows] = torch.maximum(tops[rows], scores.amax(1))
            ranks[rows] += _reaching(scores, mates[rows])
            if own is not None:
                # The own identity has been counted with the others if its score came out as it did before.
                inside = ((own[rows] >= places[0]) & (own[rows] <= places[-1])).nonzero().squeeze(1)
                again = scores[inside, own[rows][inside] - places[0]]
                ranks[start + inside] -= (again >= mates[rows][inside]).long()


def _reaching(scores: Tensor, mates: Tensor) -> Tensor:
    """How many scores of each row are at least the mate's."""
    return torch.count_nonzero(scores >= mates[:, None], dim=1)


def mate_ranks(similarity: Tensor, probe_identities: Tensor, gallery_identities: Tensor) -> Tensor:
    """Rank of each probe's mate among the enrolled identities, from a matrix of scores; 1 is first.

    rank = 1 + number of other identities whose score is at least the mate's. An identity's score is the maximum over
    its gallery images. A tie counts against the probe: a network that maps all faces to one point finds nobody.
    :func:`search_gallery` does the same without a matrix.

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
    enrolment = Enrolment(gallery_identities)
    own = enrolment.places(probe_identities)
    if (own < 0).any():
        raise ValueError("A probe has no mate in the gallery; closed-set ranks need one for every probe.")
    ranks = torch.empty(len(own), dtype=torch.int64, device=similarity.device)
    if len(own) == 0:
        return ranks
    everyone = torch.arange(len(enrolment), device=similarity.device)
    columns = enrolment.rows(everyone)
    for start in range(0, len(own), PROBES):
        rows = slice(start, start + PROBES)
        scores = enrolment.fused(similarity[rows][:, columns], everyone)
        # The mate itself is one of those that reach its score: it stands for the 1 of the first rank.
        ranks[rows] = _reaching(scores, scores.gather(1, own[rows, None]).squeeze(1))
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
        raise ValueError(f"Ranks begin with 1, not {int(ranks.min())}; 0 stands for a probe without a mate.")
