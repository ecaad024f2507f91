"""Closed-set identification (1:N) with a gallery of one image each."""

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from resemblance.embeddings import Embeddings
from resemblance.errors import ConfigurationError, DataError
from resemblance.metrics import cmc, mate_ranks, rank_k
from resemblance.protocols.base import check_embeddings
from resemblance.protocols.comparisons import refused_table
from resemblance.protocols.scores import Scorer
from resemblance.results import Curve, Result, Scalar, Table
from resemblance.similarity import Similarity

CURVE_RANKS = 50
TABLE_RANKS = (1, 2, 5, 10, 20)


@dataclass(frozen=True)
class Identification:
    """Rank-k and CMC: the first image of every identity is enrolled, all its other images are probes.

    "First" means first in the order of the rows, the order of the data set, so that the gallery is the same for every
    network. An identity with a single image is enrolled too, as a distractor without probes.

    Reports ``identification/rank_1`` (one for each rank), and ``identification/cmc`` as a curve and as a short table.
    A rank that a gallery of so few identities can't miss goes to the table ``identification/refused``.

    Args:
        ranks: k of each rank-k.

    Raises:
        ConfigurationError: for a rank below 1 or one that is there twice.
    """

    needs: ClassVar[tuple[str, ...]] = ()

    ranks: tuple[int, ...] = (1, 5)

    def __post_init__(self) -> None:
        if any(k < 1 for k in self.ranks) or len(set(self.ranks)) < len(self.ranks):
            raise ConfigurationError(f"Identification takes ranks from 1 up, each once, not {list(self.ranks)}.")

    def __call__(self, embeddings: Embeddings, similarity: Similarity, *, intervals: bool = True) -> Result:
        """The figures of one set.

        Raises:
            DataError: if no identity has a second image to probe with, if there is one identity only, or if an
                embedding is not finite.
        """
        check_embeddings(embeddings)
        gallery, probes = enroll_first(embeddings.identities)
        if len(probes) == 0:
            raise DataError(
                f"Identification on {len(embeddings)} images has no probe; it needs an identity with two images or "
                f"more."
            )
        if len(gallery) == 1:
            raise DataError("Identification among one identity can't fail; it needs at least two identities.")
        ranks = closed_set_ranks(embeddings, similarity, gallery, probes)
        counts = {
            "subjects": len(gallery),
            "gallery": len(gallery),
            "distractors": len(gallery) - len(embeddings.identities[probes].unique()),
            "probes": len(probes),
        }
        scalars, refused = {}, []
        for k in self.ranks:
            if k >= len(gallery):
                reason = f"Among {len(gallery)} enrolled identities a rank of {k} can't be missed."
                refused.append((f"rank-{k}", reason))
                continue
            errors = int((ranks > k).sum())
            scalars[f"identification/rank_{k}"] = Scalar(rank_k(ranks, k), f"rank-{k}", {**counts, "errors": errors})
        rates = cmc(ranks, len(gallery))[:CURVE_RANKS].tolist()
        listed = tuple((k, rates[k - 1]) for k in TABLE_RANKS if k <= len(rates))
        return Result(
            scalars,
            {"identification/cmc": Curve(tuple(map(float, range(1, len(rates) + 1))), tuple(rates), "rank", "rate")},
            {
                "identification/cmc": Table(("rank", "rate"), listed),
                **refused_table("identification", refused),
            },
        )


def enroll_first(identities: Tensor) -> tuple[Tensor, Tensor]:
    """Rows of the first image of every identity, and the rows of all others, both ascending.

    >>> gallery, probes = enroll_first(torch.tensor([4, 4, 2, 4, 2]))
    >>> gallery.tolist(), probes.tolist()
    ([0, 2], [1, 3, 4])
    """
    order = torch.argsort(identities, stable=True)
    ordered = identities[order]
    first = torch.ones_like(ordered, dtype=torch.bool)
    first[1:] = ordered[1:] != ordered[:-1]
    return order[first].sort().values, order[~first].sort().values


def closed_set_ranks(
    embeddings: Embeddings, similarity: Similarity, gallery: Tensor, probes: Tensor, block: int = 1024
) -> Tensor:
    """Rank of each probe's mate, int64 [P]; memory is O(block · G)."""
    scorer = Scorer(similarity)
    vectors, identities = embeddings.vectors, embeddings.identities
    enrolled = vectors[gallery]
    return torch.cat(
        [
            mate_ranks(scorer(vectors[rows], enrolled), identities[rows], identities[gallery])
            for rows in probes.split(block)
        ]
    )
