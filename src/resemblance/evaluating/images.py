"""The images of a data set that are measured, loaded once, and the material that embeddings make of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self

from resemblance.data.faces import FaceDataset
from resemblance.data.source import FaceSource, has_validation, metadata_of
from resemblance.embeddings import Embeddings, EpisodeList, PairList
from resemblance.evaluating.material import Material
from resemblance.similarity import Similarity


@dataclass(frozen=True)
class Images:
    """Test and validation images of a source, with what it knows beside them.

    Attributes:
        test: the set that is measured.
        validation: other people, who choose thresholds; None where there are none.
        pairs: comparisons that the benchmark lists, as rows of ``test``.
        episodes: its one-shot episodes, as rows of ``test``.
        metadata: what else it knows of each test image.
    """

    test: FaceDataset
    validation: FaceDataset | None
    pairs: PairList | None
    episodes: EpisodeList | None
    metadata: Mapping[str, Sequence[str | float | None]] | None

    @classmethod
    def of(cls, source: FaceSource) -> Self:
        """Read or draw them.

        Raises:
            DataError: if the data can't be used.
        """
        source.prepare()
        return cls(
            test=source.test(),
            validation=source.validation() if has_validation(source) else None,
            pairs=source.pairs(),
            episodes=source.episodes(),
            metadata=metadata_of(source),
        )

    def material(self, test: Embeddings, validation: Embeddings | None, similarity: Similarity) -> Material:
        """The images as embeddings.

        Args:
            test: of all test images.
            validation: of all validation images, or None where they are not known.
            similarity: that judges.
        """
        return Material(
            test=test,
            image_ids=self.test.image_ids,
            identity_names=self.test.identity_names,
            similarity=similarity,
            validation=validation,
            validation_ids=() if validation is None or self.validation is None else self.validation.image_ids,
            images=self.test.images,
            pairs=self.pairs,
            episodes=self.episodes,
            metadata=self.metadata,
            failures=self.test.failures,
        )
