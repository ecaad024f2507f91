"""Closed-set identification (1:N): every probe has its mate in the gallery."""

from dataclasses import dataclass, field
from typing import ClassVar

from torch import Tensor

from resemblance.embeddings import Embeddings
from resemblance.errors import DataError
from resemblance.metrics import cmc, rank_k
from resemblance.metrics.fusion import Fusion
from resemblance.metrics.gallery import enroll_first
from resemblance.metrics.identification import CURVE_RANKS
from resemblance.metrics.subject_means import probe_influence
from resemblance.metrics.uncertainty import interval
from resemblance.protocols.base import check_embeddings
from resemblance.protocols.comparisons import refused_table
from resemblance.protocols.enrolment import check_enrolment, count_identities, search_set
from resemblance.protocols.estimates import Estimate, measured
from resemblance.protocols.thin import thin
from resemblance.results import Curve, Result, Table
from resemblance.similarity import Similarity

TABLE_RANKS = (1, 2, 5, 10, 20)


@dataclass(frozen=True)
class Identification:
    """Rank-k and CMC: the first image of every identity is enrolled, all its other images are probes.

    "First" means first in the order of the rows, the order of the data set, so that the gallery is the same for every
    network. An identity whose images are all enrolled is a distractor without probes.

    Reports ``identification/rank_1`` (one for each rank), ``identification/cmc`` as a curve with the band
    ``identification/cmc_low``, ``identification/cmc_high``, and as a short table. A rank that a gallery of so few
    identities can't miss goes to the table ``identification/refused``. Intervals are over the subjects of the probes,
    with the gallery as it is.

    Args:
        ranks: k of each rank-k.
        enrolled: images enrolled of each identity, the first ones.
        fusion: the score of an identity with several images: ``max``, the best of them, or ``mean``, that of the mean
            of its embeddings, each normalised before where the similarity normalises.
        distractors: other people who are enrolled too, with all their images.

    Raises:
        ConfigurationError: for a rank below 1, one that is there twice, no enrolled image, or an unknown fusion.
    """

    needs: ClassVar[tuple[str, ...]] = ()
    accepts: ClassVar[tuple[str, ...]] = ("distractors",)

    ranks: tuple[int, ...] = (1, 5)
    enrolled: int = 1
    fusion: Fusion = "max"
    distractors: Embeddings | None = field(default=None, compare=False, repr=False)

    def __post_init__(self) -> None:
        check_enrolment("Identification", self.enrolled, self.ranks, self.fusion)

    def __call__(self, embeddings: Embeddings, similarity: Similarity, *, intervals: bool = True) -> Result:
        """The figures of one set.

        Raises:
            DataError: if no identity has an image to probe with, if there is one identity only, if the distractors come
                from another network, or if the similarity can't judge an embedding.
        """
        check_embeddings(embeddings, similarity)
        identities = embeddings.identities.cpu()
        gallery, probes = enroll_first(identities, self.enrolled)
        labels, subjects = identities.unique(return_inverse=True)
        size = len(labels) + count_identities(self.distractors)
        self._check(len(embeddings), len(probes), size)
        ranks = search_set(
            embeddings, similarity, gallery, probes, fusion=self.fusion, distractors=self.distractors
        ).ranks
        prober = subjects[probes]
        counts = {
            "subjects": len(prober.unique()),
            "gallery": size,
            "distractors": size - len(prober.unique()),
            "probes": len(probes),
        }
        estimates, refused = {}, []
        for k in self.ranks:
            if k >= size:
                refused.append((f"rank-{k}", f"Among {size} enrolled identities a rank of {k} can't be missed."))
                continue
            errors = int((ranks > k).sum())
            estimates[f"identification/rank_{k}"] = Estimate(
                rank_k(ranks, k),
                f"rank-{k}",
                {**counts, "errors": errors},
                probe_influence(ranks <= k, prober, len(labels)) if intervals else None,
                note=thin(errors),
            )
        rates = cmc(ranks, size)[:CURVE_RANKS].tolist()
        listed = tuple((k, rates[k - 1]) for k in TABLE_RANKS if k <= len(rates))
        curves = {"cmc": rates} | (_band(ranks, rates, prober, len(labels)) if intervals else {})
        x = tuple(map(float, range(1, len(rates) + 1)))
        return measured(estimates, identities) | Result(
            curves={f"identification/{name}": Curve(x, tuple(y), "rank", "rate") for name, y in curves.items()},
            tables={
                "identification/cmc": Table(("rank", "rate"), listed),
                **refused_table("identification", refused),
            },
        )

    def _check(self, images: int, probes: int, size: int) -> None:
        if probes == 0:
            needed = "two images" if self.enrolled == 1 else f"{self.enrolled + 1} images"
            raise DataError(
                f"Identification on {images} images has no probe; it needs an identity with {needed} or more."
            )
        if size == 1:
            raise DataError("Identification among one identity can't fail; it needs at least two identities.")


def _band(ranks: Tensor, rates: list[float], subjects: Tensor, count: int) -> dict[str, list[float]]:
    """Ends of the interval at each rank of the CMC, which can't fall: in ascending order, as those of the ROC."""
    found = [interval(rate, probe_influence(ranks <= k, subjects, count)) for k, rate in enumerate(rates, start=1)]
    return {"cmc_low": sorted(one.low for one in found), "cmc_high": sorted(one.high for one in found)}
