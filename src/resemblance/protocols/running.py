"""Several protocols on one set of embeddings, judged by the loss's own similarity and by the cosine."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from resemblance.embeddings import Embeddings
from resemblance.protocols.base import Protocol
from resemblance.results import Result
from resemblance.similarity import CosineSimilarity, Similarity


def run_protocols(
    protocols: Mapping[str, Protocol] | Iterable[Protocol],
    embeddings: Embeddings,
    similarity: Similarity,
    *,
    intervals: bool = True,
) -> Result:
    """All protocols on one set of embeddings, merged.

    Embeddings are judged by the similarity that their loss trained for. Where that is not one that orders
    comparisons as the cosine does, the cosine's figures stand beside it, under ``verification_cosine/…``, without those
    at a threshold, which belongs to the similarity that it was chosen in.

    Args:
        protocols: as configured; the names of a mapping are the configuration's and are not used.
        embeddings: the test or validation set.
        similarity: of the loss.
        intervals: with 95 % intervals and replicates.

    Raises:
        DataError: for embeddings that a protocol can't be run on.
        ValueError: if two protocols report the same key.
    """
    result = Result()
    for protocol in protocols.values() if isinstance(protocols, Mapping) else protocols:
        result |= protocol(embeddings, similarity, intervals=intervals)
        if not similarity.ranks_like_cosine:
            if chosen := [name for name in ("threshold", "thresholds") if name in protocol.needs]:
                protocol = replace(protocol, **dict.fromkeys(chosen))  # type: ignore[type-var]
            result |= _beside(protocol(embeddings, CosineSimilarity(), intervals=intervals), "cosine")
    return result


def _beside(result: Result, name: str) -> Result:
    """The same under ``verification_NAME/…`` and with the name in every label."""

    def renamed(key: str) -> str:
        protocol, _, figure = key.partition("/")
        return f"{protocol}_{name}/{figure}"

    return Result(
        {renamed(key): replace(value, label=f"{value.label} ({name})") for key, value in result.scalars.items()},
        {renamed(key): value for key, value in result.curves.items()},
        {renamed(key): value for key, value in result.tables.items()},
        {renamed(key): value for key, value in result.replicates.items()},
    )
