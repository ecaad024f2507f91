"""Retrieval metrics of the deep-metric-learning field: each image is a query against all others.

With R references of the query's class (the query itself is none) and rel(i) = 1 where the i-th reference is one of
them (Musgrave et al. 2020, "A Metric Learning Reality Check"):

    R@k         = 1 if one of the first k references is relevant,
    R-precision = Σ_{i≤R} rel(i) / R,
    MAP@R       = (1/R) Σ_{i≤R} P(i)·rel(i),        P(i) = precision among the first i.

Each is a mean over the queries. Equal scores are put in the order that is worst for the query, references of other
classes first: the figures depend on no order of rows, and a network that maps all images to one point retrieves
nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

SCORES = 2**23
"""Scores at a time, 32 MiB of float32."""
_OF_A_MATE = 24
"""Memory that a mate of a query takes beside its score (places, hits, precision), in scores."""


@dataclass(frozen=True)
class Retrievals:
    """What each query has found.

    Attributes:
        queries: int64 [Q], rows of the images that have another image of their class, ascending.
        first: int64 [Q], place of the first relevant reference, 1 … ``depth``; ``depth`` + 1 if it lies beyond.
        r_precision: float64 [Q].
        average_precision: float64 [Q], MAP@R before the mean.
        excluded: number of images without another one of their class; they are references only.
    """

    queries: Tensor
    first: Tensor
    r_precision: Tensor
    average_precision: Tensor
    excluded: int

    def recall_at(self, k: int) -> float:
        """R@k, for k up to the ``depth`` that was asked for."""
        return int((self.first <= k).sum()) / len(self.first)


def retrieve(
    vectors: Tensor, identities: Tensor, score: Callable[[Tensor, Tensor], Tensor], *, depth: int = 1
) -> Retrievals:
    """Search each image among all others.

    Only the best R scores of other classes are kept of a query, and blocks of queries bound the rest, fewer of them
    where a class is large: beside the embeddings, memory is O(SCORES), or that of one query.

    Args:
        vectors: [N, D], raw.
        identities: int64 [N].
        score: [N, D] and [M, D] to [N, M], higher = more alike.
        depth: the largest k that :meth:`Retrievals.recall_at` will be asked for.

    Raises:
        ValueError: if no image has another of its class, all are of one class, sizes differ, or scores are NaN.

    >>> vectors = torch.tensor([[0.0], [1.0], [1.5], [4.0], [5.0]])
    >>> found = retrieve(vectors, torch.tensor([0, 0, 1, 1, 2]), lambda x, y: -(x - y.T).abs())
    >>> found.queries.tolist(), found.first.tolist(), found.excluded
    ([0, 1, 2, 3], [1, 2, 2, 2], 1)
    """
    if len(vectors) != len(identities):
        raise ValueError(f"{len(vectors)} embeddings can't have {len(identities)} identities.")
    order = torch.argsort(identities, stable=True)
    labels, images = identities[order].unique_consecutive(return_counts=True)
    if len(labels) < 2 or int(images.max()) < 2:
        raise ValueError("Retrieval needs two classes or more, and one of them with two images or more.")
    ordered = vectors[order]
    starts = images.cumsum(0) - images
    # Queries with as many mates stand together, so that a block asks for as many references for each of them.
    classes = torch.argsort(images, stable=True)
    classes = classes[images[classes] > 1]
    block = max(1, SCORES // len(vectors))
    found = []
    for some in _runs(classes, images, block):
        rows = torch.cat([starts[one] + torch.arange(images[one], device=order.device) for one in some.tolist()])
        own = some.repeat_interleave(images[some])
        fewer = max(1, SCORES // (len(vectors) + _OF_A_MATE * int(images[some].max())))
        for part, members in zip(rows.split(fewer), own.split(fewer), strict=True):
            scores = score(ordered[part], ordered)
            found.append((order[part], *_measured(scores, part, starts[members], images[members], depth)))
    queries, first, r_precision, average = (torch.cat(column) for column in zip(*found, strict=True))
    ascending = torch.argsort(queries)
    return Retrievals(
        queries[ascending], first[ascending], r_precision[ascending], average[ascending], len(vectors) - len(queries)
    )


def _runs(classes: Tensor, images: Tensor, block: int) -> list[Tensor]:
    """Classes in runs of about so many images."""
    run = torch.div(images[classes].cumsum(0) - 1, block, rounding_mode="floor")
    return list(classes.split(run.unique_consecutive(return_counts=True)[1].tolist()))


def _measured(
    scores: Tensor, queries: Tensor, starts: Tensor, images: Tensor, depth: int
) -> tuple[Tensor, Tensor, Tensor]:
    """Place of the first mate, R-precision and average precision of a block; takes the scores [b, N] apart.

    Args:
        scores: with all images, the images of a class side by side.
        queries: int64 [b], place of each query among the images.
        starts: int64 [b], place of the first image of its class.
        images: int64 [b], images of its class.
        depth: of the search.
    """
    width = int(images.max())
    places = torch.arange(width, device=scores.device)
    columns = starts[:, None] + places
    there = (places < images[:, None]) & (columns != queries[:, None])
    columns = torch.where(there, columns, queries[:, None])
    mates = scores.gather(1, columns).masked_fill(~there, -torch.inf).sort(1, descending=True).values[:, : width - 1]
    inside = (places < images[:, None]).nonzero()
    scores[inside[:, 0], starts[inside[:, 0]] + inside[:, 1]] = -torch.inf
    wanted = min(max(width - 1, depth), scores.shape[1])
    others = scores.topk(wanted, dim=1).values
    if mates[:, 0].isnan().any() or others[:, 0].isnan().any():
        raise ValueError("Some scores are NaN.")
    # How many of the others stand before each mate: all that score as much. More than R of them need no exact number.
    before = wanted - torch.searchsorted(others.flip(1), mates.contiguous())
    hit_number = places[1:]
    place = hit_number + before
    relevant = images[:, None] - 1
    hits = (place <= relevant) & (hit_number <= relevant)
    precision = (hit_number / place.double()).masked_fill(~hits, 0)
    relevant = relevant.squeeze(1)
    first = place[:, 0].clamp(max=depth + 1)
    return first, hits.sum(1).double() / relevant, precision.sum(1) / relevant
