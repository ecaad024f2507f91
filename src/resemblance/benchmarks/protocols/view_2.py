"""LFW View 2: all figures of its 6,000 pairs with all intervals."""

from collections.abc import Callable

from resemblance.benchmarks.protocols.cases import Case
from resemblance.benchmarks.protocols.inputs import view_2
from resemblance.benchmarks.protocols.trials import Answer
from resemblance.embeddings import PairList
from resemblance.protocols import PairVerification
from resemblance.similarity import NegativeSquaredL2


def ours(case: Case, device: str) -> Callable[[], Answer]:
    """The protocol with its intervals and replicates; dlib compares by distance."""
    known, first, second, folds, source = view_2(case.size)
    same = known.identities[first] == known.identities[second]
    protocol = PairVerification(PairList(first, second, same, "View 2", folds), threshold=None, fars=(1e-1, 1e-2, 1e-3))

    def call() -> Answer:
        scalars = protocol(known, NegativeSquaredL2(normalized=False)).scalars
        return Answer({key.removeprefix("pairs/"): scalar.value for key, scalar in scalars.items()}, source=source)

    return call
