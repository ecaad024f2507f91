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


def check_embeddings(embeddings: Embeddings) -> None:
    """Refuse what no figure can be computed from.

    Raises:
        DataError: for rows with a NaN or an infinite number, which a sort would put somewhere without a word.
    """
    broken = int((~torch.isfinite(embeddings.vectors).all(dim=1)).sum())
    if broken:
        raise DataError(
            f"{broken} of {len(embeddings)} embeddings hold NaN or infinite numbers; the network has diverged: train "
            f"it again with a lower learning rate or in 32-bit precision."
        )
