"""What a protocol is, and what it asks of any embeddings."""

import typing
from typing import ClassVar

from resemblance.embeddings import Embeddings
from resemblance.metrics.measurable import check_embeddings as check_embeddings
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
