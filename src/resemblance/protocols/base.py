"""What a protocol is, and what it asks of any embeddings."""

import typing
from typing import ClassVar

import torch

from resemblance.embeddings import Embeddings
from resemblance.errors import DataError
from resemblance.results import Result
from resemblance.similarity import Similarity


class Protocol(typing.Protocol):
    """Measures a set of embeddings: every figure that it reports comes from them and a similarity alone."""

    needs: ClassVar[tuple[str, ...]]
    """Constructor arguments that the framework knows and hands over: ``pairs``, ``threshold``. A protocol is left out
    where one of them is not known. A class may have ``accepts`` too: arguments it can do without, with a default."""

    def __call__(self, embeddings: Embeddings, similarity: Similarity, *, intervals: bool = True) -> Result:
        """The figures, under keys that begin with the protocol's own name.

        Args:
            embeddings: of a set of images.
            similarity: what judges them.
            intervals: give each figure its 95 % interval and its replicates; the epochs of a training do without.

        Raises:
            DataError: for embeddings that the protocol can't be run on.
        """


def check_embeddings(embeddings: Embeddings, similarity: Similarity | None = None) -> None:
    """Refuse what no figure can be computed from.

    Args:
        embeddings: of a set.
        similarity: what will judge them.

    Raises:
        DataError: for vectors that are not [N, D], or not one for each identity; for rows with a NaN or an infinite
            number, which a sort would put somewhere without a word; and, where the similarity compares directions, for
            rows of zeros, which have none.
    """
    vectors, identities = embeddings.vectors, embeddings.identities
    if vectors.ndim != 2 or vectors.shape[1] == 0 or identities.shape != vectors.shape[:1]:
        raise DataError(
            f"Embeddings are a matrix [N, D] with N identities, not {list(vectors.shape)} with "
            f"{list(identities.shape)} identities; give one row of the same size for each image."
        )
    # A row's sum is finite in float64 if all its float32 numbers are: no matrix of truth values is made.
    broken = int((~torch.isfinite(vectors.sum(1, dtype=torch.float64))).sum())
    if broken:
        raise DataError(
            f"{broken} of {len(embeddings)} embeddings hold NaN or infinite numbers; the network has diverged: train "
            f"it again with a lower learning rate or in 32-bit precision."
        )
    if similarity is None or not similarity.normalized:
        return
    zeros = int((torch.linalg.vector_norm(vectors, ord=torch.inf, dim=1) == 0).sum())
    if zeros:
        raise DataError(
            f"{zeros} of {len(embeddings)} embeddings are zero and have no direction, which the similarity "
            f"'{similarity.name}' compares; the network has collapsed or its last layer cuts all numbers off: train it "
            f"again, or judge by a similarity that does not normalise."
        )
