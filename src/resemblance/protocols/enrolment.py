"""Who is enrolled and who probes: galleries made of a set of images, and of other people beside it."""

from typing import get_args

from torch import Tensor

from resemblance.embeddings import Embeddings
from resemblance.errors import ConfigurationError, DataError
from resemblance.metrics.fusion import Fusion
from resemblance.metrics.gallery import Gallery
from resemblance.metrics.identification import Searches, search_gallery
from resemblance.protocols.base import check_embeddings
from resemblance.similarity import Scorer, Similarity


def search_set(
    embeddings: Embeddings,
    similarity: Similarity,
    gallery: Tensor,
    probes: Tensor,
    *,
    fusion: Fusion = "max",
    distractors: Embeddings | None = None,
) -> Searches:
    """Search some rows of a set in a gallery of others.

    Args:
        embeddings: the set.
        similarity: scores are computed in float64 and rounded to float32.
        gallery: int64, rows that are enrolled.
        probes: int64 [P], rows that are searched.
        fusion: of several images of an identity.
        distractors: other people who are enrolled too, with all their images.

    Raises:
        DataError: for an embedding that the similarity can't judge, or embeddings of two sizes.
    """
    check_embeddings(embeddings, similarity)
    vectors, identities = embeddings.vectors, embeddings.identities
    others = None
    if distractors is not None and len(distractors):
        check_embeddings(distractors, similarity)
        if distractors.vectors.shape[1] != vectors.shape[1]:
            raise DataError(
                f"The distractors' embeddings have {distractors.vectors.shape[1]} numbers and those of the set "
                f"{vectors.shape[1]}; embed both with one network."
            )
        others = Gallery(distractors.vectors, distractors.identities, fusion=fusion, normalized=similarity.normalized)
    enrolled = Gallery(vectors[gallery], identities[gallery], fusion=fusion, normalized=similarity.normalized)
    return search_gallery(enrolled, vectors[probes], identities[probes], Scorer(similarity), distractors=others)


def count_identities(embeddings: Embeddings | None) -> int:
    """How many people there are; 0 for no set."""
    return 0 if embeddings is None else len(embeddings.identities.unique())


def check_enrolment(protocol: str, enrolled: int, ranks: tuple[int, ...], fusion: str) -> None:
    """Refuse settings of a gallery that no data could fit.

    Raises:
        ConfigurationError: for no enrolled image, a rank below 1 or one that is there twice, or an unknown fusion.
    """
    if enrolled < 1:
        raise ConfigurationError(f"{protocol} enrols at least one image an identity (enrolled), not {enrolled}.")
    if any(k < 1 for k in ranks) or len(set(ranks)) < len(ranks):
        raise ConfigurationError(f"{protocol} takes ranks from 1 up, each once, not {list(ranks)}.")
    check_fusion(protocol, fusion)


def check_fusion(protocol: str, fusion: str) -> None:
    """Refuse a fusion that does not exist.

    Raises:
        ConfigurationError: naming those that do.
    """
    if fusion not in get_args(Fusion):
        raise ConfigurationError(f"{protocol} takes fusion=max or fusion=mean, not '{fusion}'.")
