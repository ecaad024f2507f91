"""Retrieval: each image of a set is a query against all others."""

from dataclasses import dataclass
from typing import ClassVar

from torch import Tensor

from resemblance.embeddings import Embeddings
from resemblance.errors import ConfigurationError, DataError
from resemblance.metrics.retrieval import retrieve
from resemblance.metrics.subject_means import probe_influence
from resemblance.protocols.base import check_embeddings
from resemblance.protocols.comparisons import refused_table
from resemblance.protocols.estimates import Estimate, measured
from resemblance.protocols.thin import thin
from resemblance.results import Result
from resemblance.similarity import Scorer, Similarity


@dataclass(frozen=True)
class Retrieval:
    """R@k, R-precision and MAP@R, the figures of the deep-metric-learning field.

    Reports ``retrieval/r_at_1`` (one for each k), ``retrieval/r_precision`` and ``retrieval/map_at_r``. An image
    without another one of its identity is no query; it is counted as ``excluded`` and stays a reference. Ties count
    against the query. Intervals are over the subjects of the queries, with the references as they are.

    Args:
        recalls: k of each R@k.

    Raises:
        ConfigurationError: for a k below 1 or one that is there twice.
    """

    needs: ClassVar[tuple[str, ...]] = ()

    recalls: tuple[int, ...] = (1,)

    def __post_init__(self) -> None:
        if any(k < 1 for k in self.recalls) or len(set(self.recalls)) < len(self.recalls):
            raise ConfigurationError(f"Retrieval takes recalls from 1 up, each once, not {list(self.recalls)}.")

    def __call__(self, embeddings: Embeddings, similarity: Similarity, *, intervals: bool = True) -> Result:
        """The figures of one set.

        Raises:
            DataError: if no identity has two images, if there is one identity only, or if the similarity can't judge an
                embedding.
        """
        check_embeddings(embeddings, similarity)
        identities = embeddings.identities.cpu()
        labels, subjects, images = identities.unique(return_inverse=True, return_counts=True)
        if len(labels) < 2:
            raise DataError("Retrieval among one identity can't fail; it needs at least two identities.")
        if int(images.max()) < 2:
            raise DataError(
                f"Retrieval on {len(embeddings)} images has no query; it needs an identity with two images or more."
            )
        found = retrieve(embeddings.vectors, identities, Scorer(similarity), depth=max(self.recalls, default=1))
        asked = subjects[found.queries]
        counts = {
            "subjects": len(asked.unique()),
            "queries": len(asked),
            "references": len(embeddings) - 1,
            "excluded": found.excluded,
        }
        figures: dict[str, tuple[str, Tensor, dict[str, int]]] = {
            "r_precision": ("R-precision", found.r_precision, {}),
            "map_at_r": ("MAP@R", found.average_precision, {}),
        }
        refused = []
        most = len(embeddings) - int(images[images > 1].min())  # references of other identities, at most
        for k in self.recalls:
            if k > most:
                refused.append((f"R@{k}", f"Among {most} references of other identities R@{k} can't be missed."))
                continue
            hits = found.first <= k
            figures[f"r_at_{k}"] = (f"R@{k}", hits, {"errors": int((~hits).sum())})
        estimates = {
            f"retrieval/{name}": Estimate(
                float(values.double().mean()),
                label,
                {**counts, **errors},
                probe_influence(values, asked, len(labels)) if intervals else None,
                note=thin(errors["errors"]) if errors else None,
            )
            for name, (label, values, errors) in figures.items()
        }
        return measured(estimates, identities) | Result(tables=refused_table("retrieval", refused))
