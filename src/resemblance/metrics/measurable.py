"""Which embeddings a figure can be computed from: every metric and protocol asks here and refuses the same ones."""

import torch
from torch import Tensor

from resemblance.embeddings import Embeddings
from resemblance.errors import DataError
from resemblance.similarity import Similarity

SHORTEST = 1e-12
"""Below this norm :func:`torch.nn.functional.normalize` gives no unit vector."""
_LARGEST = torch.finfo(torch.float32).max
_NUMBERS = 2**20
"""Numbers looked at at a time; in float64 they take 8 MiB."""


class UnmeasurableEmbeddingsError(DataError, ValueError):
    """Embeddings that no figure can be computed from: a user's data, and a wrong value where a metric is called."""


def check_embeddings(embeddings: Embeddings, similarity: Similarity) -> None:
    """Refuse what no figure can be computed from.

    Args:
        embeddings: of a set.
        similarity: what will judge them.

    Raises:
        UnmeasurableEmbeddingsError: a DataError and a ValueError, for vectors that are not [N, D], or not one for each
            identity; and as :func:`check_vectors`.
    """
    vectors, identities = embeddings.vectors, embeddings.identities
    if vectors.ndim != 2 or vectors.shape[1] == 0 or identities.shape != vectors.shape[:1]:
        raise UnmeasurableEmbeddingsError(
            f"Embeddings are a matrix [N, D] with N identities, not {list(vectors.shape)} with "
            f"{list(identities.shape)} identities; give one row of the same size for each image."
        )
    check_vectors(vectors, similarity)


def check_vectors(vectors: Tensor, similarity: Similarity, name: str = "embeddings") -> None:
    """Refuse rows that a similarity has no score of.

    Args:
        vectors: raw embeddings [N, D].
        similarity: what will judge them.
        name: what the rows are called.

    Raises:
        UnmeasurableEmbeddingsError: for rows with a NaN or an infinite number, which a sort would put somewhere without
            a word; for rows of zeros, or nearly, where the similarity compares directions; and for rows so long that
            their scores are no finite float32 numbers.
    """
    broken = short = long = 0
    for rows in vectors.split(max(1, _NUMBERS // vectors.shape[1])):
        numbers = rows.cpu().double()
        finite = torch.isfinite(numbers).all(1)
        norms = torch.linalg.vector_norm(numbers, dim=1)
        broken += int((~finite).sum())
        short += int((norms < SHORTEST).sum())
        long += int((finite & (_greatest_score(numbers, norms, similarity) > _LARGEST)).sum())
    if broken:
        raise UnmeasurableEmbeddingsError(
            f"{broken} of {len(vectors)} {name} hold NaN or infinite numbers; the network has diverged: train it again "
            f"with a lower learning rate or in 32-bit precision."
        )
    if short and similarity.normalized:
        raise UnmeasurableEmbeddingsError(
            f"{short} of {len(vectors)} {name} are zero or nearly (norm below {SHORTEST}) and have no direction, which "
            f"the similarity '{similarity.name}' compares; the network has collapsed or its last layer cuts all "
            f"numbers off: train it again, or judge by a similarity that does not normalise."
        )
    if long:
        raise UnmeasurableEmbeddingsError(
            f"{long} of {len(vectors)} {name} are so long that scores of the similarity '{similarity.name}' exceed "
            f"{_LARGEST:.1e}, the largest float32 number; scale the embeddings down, or judge by a similarity that "
            f"normalises."
        )


def _greatest_score(vectors: Tensor, norms: Tensor, similarity: Similarity) -> Tensor:
    """What the score of two rows as long as each of these can come to, without its sign."""
    if not similarity.normalized and similarity.name == "negative_squared_l2":
        return 4 * norms.square()
    if not similarity.normalized and similarity.name == "negative_l1":
        return 2 * vectors.abs().sum(1)
    return torch.where(norms.isfinite(), 0.0, norms)  # which are divided by where float64 holds them
