"""Whether a threshold chosen on validation identities keeps its promise on the test identities."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import ClassVar

from resemblance.embeddings import Embeddings
from resemblance.metrics.all_pairs import AllPairs
from resemblance.protocols.at_threshold import rates_at_thresholds
from resemblance.protocols.comparisons import refused_table
from resemblance.protocols.progress import watched
from resemblance.results import Result, Table
from resemblance.similarity import Similarity

COLUMNS = ("target_far", "threshold", "test_far", "test_tar", "impostor_errors")
INTERVALS = ("test_far_low", "test_far_high", "test_tar_low", "test_tar_high")


@dataclass(frozen=True)
class Calibration:
    """FAR and TAR over all pairs of the test identities at the thresholds that the validation identities chose.

    Whoever uses a system sets its threshold on people that are not there later. TAR@FAR, whose threshold is taken from
    the test impostors themselves, does not say what FAR that gives; this table does.

    Reports the table ``verification/calibration``, a row for each target from the largest down: ``target_far``,
    ``threshold``, ``test_far``, ``test_tar`` and ``impostor_errors``, with the 95 % intervals ``test_far_low``,
    ``test_far_high``, ``test_tar_low`` and ``test_tar_high`` of the test subjects for a threshold that stays. The draw
    of the validation identities, which the threshold comes from, is not in them.

    Args:
        thresholds: of each false accept rate, chosen on validation identities in the similarity that judges; None is
            told in the table ``calibration/refused``.
    """

    needs: ClassVar[tuple[str, ...]] = ("thresholds",)

    thresholds: Mapping[float, float] | None

    def __call__(self, embeddings: Embeddings, similarity: Similarity, *, intervals: bool = True) -> Result:
        """The table of one set.

        Raises:
            DataError: if there are no genuine or no impostor pairs, or the similarity can't judge an embedding.
        """
        if not self.thresholds:
            reason = "No threshold was chosen on validation identities in this similarity."
            return Result(tables=refused_table("calibration", [("the FAR of validation thresholds", reason)]))
        targets = sorted(self.thresholds, reverse=True)
        thresholds = [self.thresholds[target] for target in targets]
        rows: list[tuple[float | int | str, ...]] = []
        watch = partial(watched, told="comparing all pairs at the validation thresholds") if intervals else None
        found = rates_at_thresholds(AllPairs(embeddings, similarity, watch=watch), thresholds)
        for target, threshold, rates in zip(targets, thresholds, found, strict=True):
            far, tar = rates.fmr_interval, rates.tar_interval
            ends = (far.low, far.high, tar.low, tar.high) if intervals else ()
            rows.append((target, threshold, rates.fmr, rates.tar, rates.impostor_errors, *ends))
        return Result(
            tables={"verification/calibration": Table(COLUMNS + (INTERVALS if intervals else ()), tuple(rows))}
        )
