"""The rendered faces as a source of training, validation and test sets."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Self

import numpy as np

from resemblance.data.faces import FaceDataset
from resemblance.data.rendered.dataset import images_of, rendered_faces
from resemblance.data.rendered.metadata import rendered_metadata
from resemblance.data.rendered.settings import RenderSettings, check_count

if TYPE_CHECKING:
    from resemblance.embeddings import EpisodeList, PairList


MOST_IDENTITIES = 1_000_000
STARTS = (2 * MOST_IDENTITIES, MOST_IDENTITIES, 0)
"""First identity number of the training, validation and test set."""


class RenderedFaces:
    """Faces that are drawn, never photographed: any number of people from a seed.

    The three sets are disjoint ranges of identity numbers. Validation and test sets have right labels and equally
    many images of everyone, whatever ``label_noise`` and ``long_tail`` do to the training set.

    Args:
        train_identities: people to learn from.
        validation_identities: other people, for choosing a checkpoint and a threshold.
        test_identities: other people again.
        images_per_identity: images of each.
        image_size: height and width in pixels, 32 to 256.
        seed: of the data set, apart from the experiment's seed: all training seeds see the same pictures.
        pose_range: largest yaw in degrees, 0 to 60.
        nuisance_strength: multiplies the range of all other nuisances, 0 to 1.5.
        lookalikes: share of people who are a near-copy of another, 0 to 0.5.
        label_noise: share of training images with a wrong label, 0 to 0.5.
        long_tail: exponent of the number of training images a person, 0 = equal.
        cache_dir: folder for the rendered sets; None draws them anew in each run.

    Raises:
        ConfigurationError: if a knob is out of its range.
    """

    image_sizes: ClassVar[tuple[int, int]] = (32, 256)
    """The least and the largest ``image_size``."""

    def __init__(
        self,
        train_identities: int = 500,
        validation_identities: int = 50,
        test_identities: int = 100,
        images_per_identity: int = 12,
        image_size: int = 64,
        seed: int = 0,
        pose_range: float = 35.0,
        nuisance_strength: float = 1.0,
        lookalikes: float = 0.0,
        label_noise: float = 0.0,
        long_tail: float = 0.0,
        cache_dir: str | None = None,
    ) -> None:
        check_count("train_identities", train_identities, 2, MOST_IDENTITIES)
        check_count("validation_identities", validation_identities, 2, MOST_IDENTITIES)
        check_count("test_identities", test_identities, 2, MOST_IDENTITIES)
        check_count("images_per_identity", images_per_identity, 2, 10_000)
        check_count("image_size", image_size, *self.image_sizes)
        check_count("seed", seed, 0, 2**31 - 1)
        self._settings = RenderSettings(pose_range, nuisance_strength, lookalikes, label_noise, long_tail)
        self._counts = (train_identities, validation_identities, test_identities)
        self._images_per_identity = images_per_identity
        self._seed = seed
        self._cache_dir = None if cache_dir is None else Path(cache_dir).expanduser()
        self.image_size = image_size

    def prepare(self) -> None:
        """Render what the cache does not hold yet; without a cache there is nothing to prepare."""
        if self._cache_dir is not None:
            self.train()
            self.validation()
            self.test()

    def train(self) -> FaceDataset:
        """The training set."""
        return self._render(0)

    def validation(self) -> FaceDataset:
        """The validation set."""
        return self._render(1)

    def test(self) -> FaceDataset:
        """The test set."""
        return self._render(2)

    def pairs(self) -> "PairList | None":
        """None: all pairs of the test set are compared."""
        return None

    def episodes(self) -> "EpisodeList | None":
        """None: one-shot episodes are drawn at random."""
        return None

    def metadata(self) -> dict[str, list[str | float | None]]:
        """Pose, light, what is worn and skin tone of each image of the test set, to break figures down by."""
        return rendered_metadata(
            seed=self._seed,
            identities=self._identities(2),
            images_per_identity=self._images_per_identity,
            settings=self._settings_of(2),
        )

    def rehearsal(self) -> Self:
        """The same source with 16 people of 3 images a set and no cache, for a run that only checks the machinery."""
        settings = self._settings
        train, validation, test = (min(count, 16) for count in self._counts)
        return type(self)(
            train_identities=train,
            validation_identities=validation,
            test_identities=test,
            images_per_identity=min(self._images_per_identity, 3),
            image_size=self.image_size,
            seed=self._seed,
            pose_range=settings.pose_range,
            nuisance_strength=settings.nuisance_strength,
            lookalikes=settings.lookalikes,
            label_noise=settings.label_noise,
            long_tail=settings.long_tail,
            cache_dir=None,
        )

    def describe(self) -> dict[str, int | float | str]:
        """Counts and knobs."""
        counts: dict[str, int | float | str] = {}
        for split, name in enumerate(("train", "validation", "test")):
            people = np.asarray(self._identities(split))
            images = images_of(self._seed, people, self._images_per_identity, self._settings_of(split).long_tail)
            counts |= {f"{name}_identities": len(people), f"{name}_images": int(images.sum())}
        return {
            "kind": "rendered faces",
            **counts,
            "images_per_identity": self._images_per_identity,
            "image_size": self.image_size,
            "seed": self._seed,
            **vars(self._settings),
        }

    def _render(self, split: int) -> FaceDataset:
        return rendered_faces(
            seed=self._seed,
            identities=self._identities(split),
            images_per_identity=self._images_per_identity,
            image_size=self.image_size,
            settings=self._settings_of(split),
            cache_dir=self._cache_dir,
        )

    def _settings_of(self, split: int) -> RenderSettings:
        return self._settings if split == 0 else replace(self._settings, label_noise=0.0, long_tail=0.0)

    def _identities(self, split: int) -> range:
        # Fixed places for the three sets: no knob of one changes who is in another. A look-alike is an odd number and
        # its original the even one below: even starts keep both in one set.
        return range(STARTS[split], STARTS[split] + self._counts[split])
