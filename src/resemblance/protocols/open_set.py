"""Open-set identification: some of those who are searched are not enrolled."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import ClassVar

import torch
from torch import Tensor

from resemblance.embeddings import Embeddings
from resemblance.errors import ConfigurationError, DataError
from resemblance.metrics.fusion import Fusion
from resemblance.metrics.gallery import enroll_first
from resemblance.metrics.log_spaced import spread_counts
from resemblance.metrics.open_set import (
    allowed_false_positives,
    draw_non_mated,
    tpir_at_false_positives,
    tpir_at_fpir,
    tpir_influence,
)
from resemblance.metrics.rates import UnmeasurableRateError
from resemblance.metrics.uncertainty import interval
from resemblance.protocols.base import check_embeddings
from resemblance.protocols.comparisons import refused_table
from resemblance.protocols.enrolment import check_enrolment, count_identities, search_set
from resemblance.protocols.estimates import Estimate, measured
from resemblance.protocols.rates import rate_key, rate_label
from resemblance.protocols.score_curves import BAND_POINTS, ROC_POINTS, band, with_asked
from resemblance.protocols.thin import thin
from resemblance.results import Curve, Result
from resemblance.similarity import Similarity

AXES = ("FPIR", "TPIR")
"""Of its curves."""


@dataclass(frozen=True)
class OpenSet:
    """TPIR at given FPIRs (DIR@FAR): a share of the identities is not enrolled, and none of their searches has a mate.

    The share is drawn with a seed from the identities in ascending order of their labels, separately among those with
    images left to probe with once enrolled and those without, so that the draw depends on no order of rows and is the
    same for every network. The first images of everybody else are enrolled and the others are mated probes.

    Reports ``open_set/tpir_at_fpir_1e_2`` (one for each rate), with other ranks ``open_set/rank_5_tpir_at_fpir_1e_2``,
    the curve ``open_set/tpir`` of the first rank over FPIR with the band ``open_set/tpir_low``, ``open_set/tpir_high``
    and, where a rate can't be measured or a rank can't be missed among so few, the table ``open_set/refused``.
    Intervals are over the subjects of mated and non-mated searches, with the gallery as it is; they include what the
    non-mated subjects do to the threshold.

    Args:
        fpirs: false positive identification rates. With M non-mated searches the smallest that exists is 1/M, and
            below 30/M, or with fewer than 30 misses, the figure is marked as thinly supported.
        ranks: R of each TPIR; 1 is DIR@FAR.
        non_mated: share of the identities that are not enrolled.
        seed: of the draw.
        enrolled: images enrolled of each identity, the first ones.
        fusion: as in :class:`.Identification`.
        distractors: other people who are enrolled too, with all their images.

    Raises:
        ConfigurationError: for a rate or a share outside 0 … 1, a rank below 1, one of them twice, or an unknown
            fusion.
    """

    needs: ClassVar[tuple[str, ...]] = ()
    accepts: ClassVar[tuple[str, ...]] = ("distractors",)

    fpirs: tuple[float, ...] = (1e-1, 1e-2, 1e-3)
    ranks: tuple[int, ...] = (1,)
    non_mated: float = 0.5
    seed: int = 0
    enrolled: int = 1
    fusion: Fusion = "max"
    distractors: Embeddings | None = field(default=None, compare=False, repr=False)

    def __post_init__(self) -> None:
        check_enrolment("OpenSet", self.enrolled, self.ranks, self.fusion)
        if not self.ranks:
            raise ConfigurationError("OpenSet needs a rank, such as ranks=[1].")
        for rate in self.fpirs:
            if not 0 < rate < 1:
                raise ConfigurationError(f"OpenSet takes fpirs between 0 and 1, such as 0.01, not {rate}.")
        if len(set(self.fpirs)) < len(self.fpirs):
            raise ConfigurationError(f"OpenSet has a rate twice in fpirs={list(self.fpirs)}.")
        if not 0 < self.non_mated < 1:
            raise ConfigurationError(
                f"OpenSet leaves a share between 0 and 1 without a mate (non_mated), not {self.non_mated}."
            )

    def __call__(self, embeddings: Embeddings, similarity: Similarity, *, intervals: bool = True) -> Result:
        """The figures of one set.

        Raises:
            DataError: if no identity has an image to probe with, if there is one identity only, if the distractors come
                from another network, or if the similarity can't judge an embedding.
        """
        check_embeddings(embeddings, similarity)
        identities = embeddings.identities.cpu()
        labels, subjects, images = identities.unique(return_inverse=True, return_counts=True)
        if int(images.max()) <= self.enrolled:
            raise DataError(
                f"Open-set identification on {len(embeddings)} images has no mated probe; it needs an identity with "
                f"{self.enrolled + 1} images or more."
            )
        if len(labels) < 2:
            raise DataError(
                "Open-set identification with one identity has nobody who is not enrolled; it needs at least two "
                "identities."
            )
        outside = draw_non_mated(images > self.enrolled, self.non_mated, self.seed)
        gallery, others = enroll_first(identities, self.enrolled)
        gallery, mated = (rows[~outside[subjects[rows]]] for rows in (gallery, others))
        strangers = outside[subjects].nonzero().squeeze(1)
        probes = torch.cat([mated, strangers])
        found = search_set(embeddings, similarity, gallery, probes, fusion=self.fusion, distractors=self.distractors)
        who = (subjects[mated], subjects[strangers])
        size = int((~outside).sum()) + count_identities(self.distractors)
        counts = {
            "subjects": len(torch.cat(who).unique()),
            "gallery": size,
            "distractors": size - len(who[0].unique()),
            "probes": len(probes),
            "mated": len(mated),
            "non_mated": len(strangers),
        }
        searches = (found.ranks[: len(mated)], found.mates[: len(mated)], found.tops[len(mated) :])
        estimates, refused = self._estimates(searches, who if intervals else None, counts, len(labels))
        asked = self._asked(len(strangers))
        curves = {}
        if _can_miss(self.ranks[0], size):
            curves = {"tpir": _curve(*searches, self.ranks[0], asked)}
            curves |= _band(searches, who, len(labels), self.ranks[0], asked) if intervals else {}
        return measured(estimates, identities) | Result(
            curves={f"open_set/{name}": curve for name, curve in curves.items()},
            tables=refused_table("open_set", refused),
        )

    def _asked(self, non_mated: int) -> dict[int, float]:
        """The rates that can be measured, by the false positives that each allows."""
        found = {}
        for rate in self.fpirs:
            with suppress(UnmeasurableRateError):  # it is refused in sight
                found[allowed_false_positives(rate, non_mated)] = rate
        return found

    def _estimates(
        self,
        searches: tuple[Tensor, Tensor, Tensor],
        who: tuple[Tensor, Tensor] | None,
        counts: dict[str, int],
        people: int,
    ) -> tuple[dict[str, Estimate], Sequence[tuple[str, str]]]:
        estimates, refused = {}, []
        for rank in self.ranks:
            prefix, name = ("", "") if rank == 1 else (f"rank_{rank}_", f"rank-{rank} ")
            if not _can_miss(rank, size := counts["gallery"]):
                refused.append((f"{name}TPIR", f"Among {size} enrolled identities a rank of {rank} can't be missed."))
                continue
            for rate in self.fpirs:
                label = f"{name}TPIR@FPIR={rate_label(rate)}"
                try:
                    point = tpir_at_fpir(*searches, rate, rank)
                except UnmeasurableRateError as error:
                    refused.append((label, str(error)))
                    continue
                positives, misses = point.false_positives, round((1 - point.tpir) * counts["mated"])
                estimates[f"open_set/{prefix}tpir_at_fpir_{rate_key(rate)}"] = Estimate(
                    point.tpir,
                    label,
                    {**counts, "false_positives": positives, "misses": misses},
                    None if who is None else tpir_influence(*searches, rate, who, people, rank),
                    note=thin({"false positive": positives, "missed": misses}, "searches"),
                )
        return estimates, refused


def _can_miss(rank: int, gallery: int) -> bool:
    """Whether a mate may lie beyond the rank; the first is asked for in any gallery, and is the mate's or nobody's."""
    return rank == 1 or rank < gallery


def _curve(ranks: Tensor, mates: Tensor, tops: Tensor, rank: int, asked: Iterable[int]) -> Curve:
    """TPIR at up to 500 rates k/M, evenly spread over log FPIR from the least measurable one to 1, and those asked."""
    allowed = with_asked(spread_counts(len(tops), ROC_POINTS), list(asked))
    tpir = tpir_at_false_positives(ranks, mates, tops, allowed, rank)
    return Curve(tuple((allowed.double() / len(tops)).tolist()), tuple(tpir.tolist()), *AXES)


def _band(
    searches: tuple[Tensor, Tensor, Tensor],
    who: tuple[Tensor, Tensor],
    people: int,
    rank: int,
    asked: Mapping[int, float],
) -> dict[str, Curve]:
    """The 95 % band of TPIR over some rates, with those that are asked for as they are."""
    total = len(searches[2])
    allowed = with_asked(spread_counts(total, BAND_POINTS), list(asked))
    tpirs = tpir_at_false_positives(*searches, allowed, rank).tolist()
    ends = {
        count: interval(tpir, tpir_influence(*searches, asked.get(count, count / total), who, people, rank))
        for count, tpir in zip(allowed.tolist(), tpirs, strict=True)
    }
    return band("tpir", ends, total, AXES)
