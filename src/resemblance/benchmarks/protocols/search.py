"""1:N search in a large gallery: ours and FAISS's flat indexes."""

from collections.abc import Callable
from functools import partial

import torch
from torch import Tensor

from resemblance.benchmarks.protocols.cases import EMBEDDING_SIZE, NEIGHBOURS, Case
from resemblance.benchmarks.protocols.inputs import gallery, probes
from resemblance.benchmarks.protocols.trials import Answer
from resemblance.metrics.search import nearest
from resemblance.similarity import CosineSimilarity, NegativeSquaredL2, Similarity

SOURCE = "unit vectors in random directions; each probe a blurred copy of an enrolled one"


def ours(case: Case, device: str, *, similarity: Similarity | None = None) -> Callable[[], Answer]:
    """Exact search by the cosine, with the gallery where the search is done."""
    enrolled = _filled(case.size, device)
    assert case.probes
    asked = probes(case.probes)
    judge = similarity or CosineSimilarity()
    return lambda: Answer(neighbours=nearest(asked, enrolled, judge, NEIGHBOURS).rows.numpy(), source=SOURCE)


ours_by_distance = partial(ours, similarity=NegativeSquaredL2(normalized=False))


def flat_index(case: Case, device: str, *, index: str) -> Callable[[], Answer]:
    """``IndexFlatIP`` or ``IndexFlatL2``, which holds the only copy of the gallery, with as many threads as ours."""
    import faiss

    faiss.omp_set_num_threads(torch.get_num_threads())
    enrolled = getattr(faiss, index)(EMBEDDING_SIZE)
    enrolled.add(_filled(case.size, "cpu").numpy())
    assert case.probes
    asked = probes(case.probes).numpy()

    def call() -> Answer:
        _, found = enrolled.search(asked, NEIGHBOURS)
        return Answer(neighbours=found, source=SOURCE)

    return call


inner_product_index = partial(flat_index, index="IndexFlatIP")
distance_index = partial(flat_index, index="IndexFlatL2")


def _filled(size: int, device: str) -> Tensor:
    """The gallery, float32 [N, 128], without a second copy."""
    enrolled = torch.empty(size, EMBEDDING_SIZE, device=device)
    for rows, block in gallery(size):
        enrolled[rows] = block.to(device)
    return enrolled
