"""Verification within the groups that metadata make, so that differences between groups are seen."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import ClassVar

import torch

from resemblance.embeddings import Embeddings
from resemblance.errors import ConfigurationError, DataError
from resemblance.metrics import UnmeasurableRateError, allowed_impostor_errors
from resemblance.metrics.all_pairs import AllPairs, Watch
from resemblance.metrics.counted import threshold_at
from resemblance.metrics.uncertainty import Interval
from resemblance.protocols.at_threshold import NOTHING_KNOWN, rates_at_thresholds
from resemblance.protocols.comparisons import Refusal, refused_table
from resemblance.protocols.counting import count_all_pairs
from resemblance.protocols.groups import Cell, Group, groups_of
from resemblance.protocols.progress import watched
from resemblance.protocols.rates import check_rates, rate_key, rate_label
from resemblance.protocols.verification import Verification
from resemblance.results import Result, Table
from resemblance.similarity import Similarity
from resemblance.wording import agreeing, counted

FEWEST = 30
"""Comparisons of each kind below which a group's figures would say nothing."""
MOST_GROUPS = 50
"""Groups of a column beyond which it is taken for an identifier, such as a file's name or a time."""
AT_MOST = f"a breakdown has at most {MOST_GROUPS} groups a column"


@dataclass(frozen=True)
class Breakdown:
    """The comparisons within each group of a column (both images in the group), at thresholds common to all groups.

    A threshold is the one that gives the whole set its FAR, over all impostor pairs: a system has one threshold for
    everybody. A group whose impostors resemble each other more than others then has a higher FMR, and one with harder
    images a lower TAR. Impostor pairs within a group are those of people who have the column's value in common, which
    makes them more alike where the column describes people.

    Reports a table ``breakdown/COLUMN`` for each column: ``group``, ``images``, ``subjects``, ``genuine``,
    ``impostor``, ``auc``, ``eer`` and, for each rate, ``tar_at_far_1e_3`` and ``fmr_at_far_1e_3``, each figure with
    its 95 % interval as ``…_low`` and ``…_high``. Groups with fewer than 30 comparisons of either kind are listed in
    ``breakdown/refused`` instead, with their counts; so is a column with more than 50 groups, as a whole.

    Args:
        metadata: columns of N cells, in the order of the rows of the set.
        columns: those to break down by; all of them where none is named.
        fars: of the common thresholds.

    Raises:
        ConfigurationError: for a rate outside 0 < far < 1, and a rate or a column that is there twice.
    """

    needs: ClassVar[tuple[str, ...]] = ("metadata",)

    metadata: Mapping[str, Sequence[Cell]]
    columns: tuple[str, ...] = ()
    fars: tuple[float, ...] = (1e-2, 1e-3)

    def __post_init__(self) -> None:
        check_rates("Breakdown", self.fars)
        if len(set(self.columns)) < len(self.columns):
            raise ConfigurationError(f"Breakdown has a column twice in {list(self.columns)}; name each once.")

    def __call__(self, embeddings: Embeddings, similarity: Similarity, *, intervals: bool = True) -> Result:
        """The tables of one set.

        Raises:
            DataError: if the metadata lack a column or its cells are not one for each image, there are no genuine or no
                impostor pairs, or the similarity can't judge an embedding.
        """
        pairs = AllPairs(embeddings, similarity, watch=_watch("comparing all pairs for common thresholds", intervals))
        refused: list[Refusal] = []
        thresholds = self._thresholds(pairs, refused)
        tables = {}
        for column in self.columns or tuple(self.metadata):
            rows = []
            groups = groups_of(self._values(column, len(embeddings)))
            if len(groups) > MOST_GROUPS:
                refused.append((column, f"its {len(groups):,} groups make it an identifier; {AT_MOST}."))
                continue
            for group in groups:
                row = _row(group, embeddings, similarity, thresholds, intervals)
                if isinstance(row, str):
                    refused.append((f"{column}: {group.name}", row))
                else:
                    rows.append(row)
            if rows:
                tables[f"breakdown/{column}"] = Table(tuple(rows[0]), tuple(tuple(row.values()) for row in rows))
        return Result(tables={**tables, **refused_table("breakdown", refused)})

    def _values(self, column: str, images: int) -> Sequence[Cell]:
        if column not in self.metadata:
            raise DataError(
                f"The metadata have no column '{column}' to break down by; they have: {', '.join(self.metadata)}."
            )
        values = self.metadata[column]
        if len(values) != images:
            raise DataError(
                f"The metadata column '{column}' has {len(values)} values for {images} images; it needs one for each."
            )
        return values

    def _thresholds(self, pairs: AllPairs, refused: list[Refusal]) -> dict[str, float]:
        """Of each rate that the whole set can measure, by the rate's key."""
        allowed = {}
        for far in self.fars:
            try:
                allowed[rate_key(far)] = allowed_impostor_errors(far, pairs.impostor)
            except UnmeasurableRateError as error:
                refused.append((f"the common threshold at FAR={rate_label(far)}", str(error)))
        if not allowed:
            return {}
        scores = count_all_pairs(pairs, torch.tensor(list(allowed.values())))
        return {key: threshold_at(scores, errors)[0] for key, errors in allowed.items()}


def _row(
    group: Group, embeddings: Embeddings, similarity: Similarity, thresholds: Mapping[str, float], intervals: bool
) -> dict[str, float | int | str] | str:
    """A group's figures by column, or the reason why it has none."""
    chosen = Embeddings(embeddings.vectors[group.rows], embeddings.identities[group.rows])
    images = chosen.identities.unique(return_counts=True)[1]
    genuine = int((images * (images - 1) // 2).sum())
    impostor = len(chosen) * (len(chosen) - 1) // 2 - genuine
    if min(genuine, impostor) < FEWEST:
        return (
            f"its {counted(len(chosen), 'image')} of {counted(len(images), 'identity', 'identities')} "
            f"{agreeing(len(chosen), 'makes', 'make')} {genuine:,} genuine and {impostor:,} "
            f"impostor comparisons; figures need {FEWEST} of each."
        )
    counts = {"images": len(chosen), "subjects": len(images), "genuine": genuine, "impostor": impostor}
    figures: dict[str, float | int | str] = {}
    scalars = Verification(fars=())(chosen, similarity, intervals=intervals).scalars
    for name in ("auc", "eer"):
        scalar = scalars[f"verification/{name}"]
        ends = NOTHING_KNOWN if scalar.low is None or scalar.high is None else Interval(scalar.low, scalar.high, "")
        figures |= _with_ends(name, scalar.value, ends if intervals else None)
    pairs = AllPairs(chosen, similarity, watch=_watch(f"comparing within {group.name}", intervals))
    found = rates_at_thresholds(pairs, list(thresholds.values()))
    for key, rates in zip(thresholds, found, strict=True):
        figures |= _with_ends(f"tar_at_far_{key}", rates.tar, rates.tar_interval if intervals else None)
        figures |= _with_ends(f"fmr_at_far_{key}", rates.fmr, rates.fmr_interval if intervals else None)
    return {"group": group.name, **counts, **figures}


def _watch(told: str, intervals: bool) -> Watch | None:
    return partial(watched, told=told) if intervals else None


def _with_ends(name: str, value: float, ends: Interval | None) -> dict[str, float]:
    return {name: value} | ({} if ends is None else {f"{name}_low": ends.low, f"{name}_high": ends.high})
