"""What a data set must offer to be trained on and tested on; a new data set is one class with these methods."""

from collections.abc import Mapping, Sequence
from typing import Protocol, Self

from resemblance.data.faces import FaceDataset
from resemblance.embeddings import EpisodeList, PairList


class FaceSource(Protocol):
    """Three sets of images that share no identity.

    Constructing a source checks its knobs and touches no image. Every method may raise
    :class:`~resemblance.errors.DataError`.
    """

    image_size: int
    """Height and width of every image, in pixels."""

    def prepare(self) -> None:
        """Do the long work, such as rendering into a cache, once; called on one process before the others start."""

    def train(self) -> FaceDataset:
        """Images to learn from."""

    def validation(self) -> FaceDataset:
        """Other identities: they choose the checkpoint and the threshold."""

    def test(self) -> FaceDataset:
        """Other identities again, looked at once, at the end."""

    def pairs(self) -> PairList | None:
        """The benchmark's own comparisons as rows of :meth:`test`, or None where there is no such list."""

    def episodes(self) -> EpisodeList | None:
        """The benchmark's own one-shot episodes as rows of :meth:`test`, or None where there are none."""

    def rehearsal(self) -> Self:
        """The same source cut to some 16 identities of 3 images a set, for ``trainer=smoke``."""

    def describe(self) -> dict[str, int | float | str]:
        """What the sets hold and what was left out, for the console and the run's record."""


def metadata_of(source: FaceSource) -> Mapping[str, Sequence[str | float | None]] | None:
    """What a source knows of each image of its test set, column by column, or None.

    A source that knows more than who is on an image has a method ``metadata()``, which no source needs.
    """
    told = getattr(source, "metadata", None)
    return None if told is None else told()


def resolved_by(source: FaceSource) -> Mapping[str, str]:
    """Settings that were left to what lies there, such as which of two sets of images, as they have turned out.

    A source that has such settings has a method ``resolved()``, which no source needs.
    """
    told = getattr(source, "resolved", None)
    return {} if told is None else told()


def has_validation(source: FaceSource) -> bool:
    """Whether there are identities to choose a threshold on; a source that can test all it has, has ``tests_all``."""
    return not getattr(source, "tests_all", False)
