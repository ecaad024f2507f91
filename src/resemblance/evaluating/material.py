"""What an evaluation measures, wherever it came from, and what is left out of it with a reason."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

import torch
from torch import Tensor

from resemblance.embeddings import Embeddings, EpisodeList, PairList
from resemblance.errors import DataError
from resemblance.metrics.measurable import SHORTEST
from resemblance.similarity import Similarity
from resemblance.wording import agreeing, counted

_SHOWN = 60
_Value = TypeVar("_Value")


@dataclass(frozen=True)
class Material:
    """A test set as embeddings, with all that is known beside them.

    Attributes:
        test: embeddings of the test set.
        image_ids: N names, each once.
        identity_names: name of each label of ``test``.
        similarity: what judges them.
        validation: embeddings of other identities, which choose thresholds; None where there are none.
        validation_ids: their names.
        images: uint8 [N, 3, H, W] for pictures, where there are images.
        pairs: comparisons that a benchmark or the user lists, as rows.
        episodes: a benchmark's own one-shot episodes, as rows.
        metadata: what else is known of each image, column by column.
        failures: images, or templates, that gave no embedding, each with the reason.
        failures_within: images that gave no embedding to the templates that stand in their place.
        told: what was left out or should be known, in sentences for the console.
        unit: what a row is called.
    """

    test: Embeddings
    image_ids: Sequence[str]
    identity_names: Sequence[str]
    similarity: Similarity
    validation: Embeddings | None = None
    validation_ids: Sequence[str] = ()
    images: Tensor | None = None
    pairs: PairList | None = None
    episodes: EpisodeList | None = None
    metadata: Mapping[str, Sequence[str | float | None]] | None = None
    failures: Mapping[str, str] = field(default_factory=dict)
    failures_within: Mapping[str, str] = field(default_factory=dict)
    told: tuple[str, ...] = ()
    unit: str = "image"

    def listed_failures(self) -> tuple[Mapping[str, str], Mapping[str, str]]:
        """The images that gave no embedding, and the templates that none was left for."""
        return (self.failures_within, self.failures) if self.unit == "template" else (self.failures, {})

    def telling(self, *sentences: str) -> "Material":
        """The same with more to tell."""
        return replace(self, told=(*self.told, *sentences))

    def without(self, rows: Tensor, reasons: Callable[[int], str]) -> "Material":
        """The same without some rows, which count as failures to acquire.

        Listed comparisons of such an image are left out and counted; a fixed episode of it can't be run, so the
        benchmark's episodes are then left out as a whole.

        Args:
            rows: int64 [K], distinct.
            reasons: why, for each of the rows.

        Raises:
            DataError: if nothing is left.
        """
        if len(rows) == 0:
            return self
        kept = torch.ones(len(self.test), dtype=torch.bool)
        kept[rows] = False
        if not kept.any():
            raise DataError(f"No {self.unit} gives a usable embedding: {reasons(int(rows[0]))}.")
        labels, identities = torch.unique(self.test.identities[kept], return_inverse=True)
        told = []
        pairs, dropped = None, 0
        if self.pairs is not None:
            pairs, dropped = rows_kept(self.pairs, kept)
        if dropped:
            told.append(f"{dropped:,} of the listed comparisons are left out: an image of theirs gives no embedding.")
        if self.episodes is not None:
            told.append("The fixed episodes of the data set are left out: an image of theirs gives no embedding.")
        failed = {self.image_ids[row]: reasons(row) for row in rows.tolist()}
        return replace(
            self,
            test=Embeddings(self.test.vectors[kept], identities),
            image_ids=_kept(self.image_ids, kept),
            identity_names=[self.identity_names[label] for label in labels.tolist()],
            images=None if self.images is None else self.images[kept],
            pairs=pairs,
            episodes=None,
            metadata=self.metadata and {name: _kept(values, kept) for name, values in self.metadata.items()},
            failures={**self.failures, **failed},
            told=(*self.told, *told),
        )


def _kept(values: Sequence[_Value], kept: Tensor) -> list[_Value]:
    return [value for value, keep in zip(values, kept.tolist(), strict=True) if keep]


def rows_kept(pairs: PairList, kept: Tensor) -> tuple[PairList, int]:
    """A list after rows of its set have gone, and how many comparisons went with them.

    Args:
        pairs: rows of a set of N images.
        kept: bool [N].
    """
    place = torch.cumsum(kept, 0) - 1
    both = kept[pairs.first] & kept[pairs.second]
    remaining = PairList(
        first=place[pairs.first[both]],
        second=place[pairs.second[both]],
        same=pairs.same[both],
        name=pairs.name,
        folds=None if pairs.folds is None else pairs.folds[both],
    )
    return remaining, int((~both).sum())


def unusable(vectors: Tensor) -> tuple[Tensor, Tensor]:
    """Rows that hold NaN or infinite numbers, and rows without a direction: bool [N] each."""
    broken = ~torch.isfinite(vectors).all(dim=1)
    return broken, ~broken & (torch.linalg.vector_norm(vectors, dim=1, dtype=torch.float64) < SHORTEST)


def without_invalid(material: Material, rule: str, origin: str) -> Material:
    """What to do with embeddings that can't be compared: NaN, infinite numbers, and vectors of length zero.

    A vector of zeros has no direction, and every set is judged by the cosine at least beside its own similarity.
    Validation images without a usable embedding choose no threshold; they are no failures of the test set.

    Args:
        material: as it came.
        rule: ``refuse``, or ``exclude`` to count them as failures to acquire.
        origin: where they came from, for the message.

    Raises:
        DataError: where they are to be refused.
    """
    if material.validation is not None:
        usable = ~torch.stack(unusable(material.validation.vectors)).any(dim=0)
        _check_rule(material.validation.vectors, material.validation_ids, rule, f"the validation images from {origin}")
        if not usable.all():
            material = _fewer_validation(material, usable, origin)
    vectors = material.test.vectors
    broken, zero = unusable(vectors)
    _check_rule(vectors, material.image_ids, rule, f"the test set from {origin}")

    def reason(row: int) -> str:
        return "the embedding holds NaN or infinite numbers" if broken[row] else "the embedding is all zeros"

    return material.without(torch.nonzero(broken | zero).flatten(), reason)


def _check_rule(vectors: Tensor, names: Sequence[str], rule: str, of: str) -> None:
    broken, zero = unusable(vectors)
    rows = torch.nonzero(broken | zero).flatten()
    if len(rows) == 0 or rule != "refuse":
        return
    kinds = (
        [f"{int(broken.sum())} {agreeing(int(broken.sum()), 'holds', 'hold')} NaN or infinite numbers"]
        if broken.any()
        else []
    )
    kinds += [f"{int(zero.sum())} {agreeing(int(zero.sum()), 'is', 'are')} all zeros"] if zero.any() else []
    raise DataError(
        f"Of the {counted(len(vectors), 'embedding')} of {of} {' and '.join(kinds)}, the first being "
        f"'{names[int(rows[0])][:_SHOWN]}'; mend them, or count them as failures to acquire with invalid=exclude."
    )


def _fewer_validation(material: Material, usable: Tensor, origin: str) -> Material:
    """Without the validation images that can't be compared; without any, where the rest has no comparison to choose."""
    assert material.validation is not None  # asked before
    kept = Embeddings(material.validation.vectors[usable], material.validation.identities[usable])
    sizes = torch.unique(kept.identities, return_counts=True)[1]
    lost = int((~usable).sum())
    told = f"{lost:,} of {len(usable):,} validation images have no usable embedding from {origin}: they choose nothing."
    if len(sizes) < 2 or sizes.max() < 2:
        material = replace(material, validation=None, validation_ids=())
        return material.telling(f"{told[:-1]}, and so few are left that there is no threshold.")
    return replace(material, validation=kept, validation_ids=_kept(material.validation_ids, usable)).telling(told)
