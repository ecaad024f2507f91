"""Labeled Faces in the Wild (Huang et al. 2007), View 1, as a source of training, validation and test sets."""

from typing import ClassVar, Literal, NamedTuple, Self

import torch

from resemblance.data.decoding import decode_images
from resemblance.data.faces import FaceDataset
from resemblance.data.lfw.archive import find_images
from resemblance.data.lfw.protocol_files import Person, image_id
from resemblance.data.lfw.view1 import View1, check_images, cut_down, image_path, read_view1
from resemblance.data.roots import find_root
from resemblance.data.stores import Store
from resemblance.embeddings import EpisodeList, PairList
from resemblance.errors import ConfigurationError, DataError

Images = Literal["aligned", "published"]
"""Two sets of photographs that the same faces look different on."""
_SIDES: dict[Images, int] = {"aligned": 112, "published": 250}
"""Height and width of each in pixels."""
_ALIGNED = _SIDES["aligned"]
_PUBLISHED_FACE = 144
"""Side of the square of a published image that shows about what an aligned image shows: the detector's box is
250 / 2.2 = 114 pixels wide, eyes lie about 0.4 of it apart, and in the aligned template 35 of 112 pixels."""


class _Found(NamedTuple):
    store: Store
    images: Images
    view: View1


class LFW:
    """Photographs of 5,749 people; training and validation share no identity, and neither shares one with the test.

    Training and validation are the identities of ``peopleDevTrain`` with two images or more, 90 to 10 (1,066 and 118);
    the test set is all of ``peopleDevTest`` with the pairs of ``pairsDevTest``. Images are cropped to their centre and
    resized once, when they are loaded.

    Args:
        root: folder of the images and lists, in any layout of ``docs/lfw.md``; None stands for ``lfw`` in the folder
            that the environment variable ``RESEMBLANCE_DATA`` names.
        validation_share: share of the identities of ``peopleDevTrain`` held out, 0 to 0.5 exclusive.
        min_images_per_identity: people of ``peopleDevTrain`` with fewer images are left out, and counted.
        crop: side of the central square kept, in pixels of an aligned image of 112; 16 to 112.
        image_size: height and width after resizing, 16 to 256.
        seed: of the draw of validation identities, apart from the experiment's seed.
        images: ``aligned``, of 112 × 112 pixels, or ``published``, of 250 × 250; others are refused. None takes those
            that lie there.

    Raises:
        ConfigurationError: if a knob is out of its range.
    """

    image_sizes: ClassVar[tuple[int, int]] = (16, 256)
    """The least and the largest ``image_size``."""

    def __init__(
        self,
        root: str | None = None,
        validation_share: float = 0.1,
        min_images_per_identity: int = 2,
        crop: int = 96,
        image_size: int = 64,
        seed: int = 0,
        images: Images | None = None,
    ) -> None:
        if not 0 < validation_share < 0.5:
            raise ConfigurationError(f"data.validation_share must lie between 0 and 0.5, not be {validation_share}.")
        for name, value, low, high in (
            ("min_images_per_identity", min_images_per_identity, 1, 1000),
            ("crop", crop, 16, _ALIGNED),
            ("image_size", image_size, *self.image_sizes),
            ("seed", seed, 0, 2**31 - 1),
        ):
            if not low <= value <= high:
                raise ConfigurationError(f"data.{name} must be {low} to {high}, not {value}.")
        self.image_size = image_size
        self._root = root
        self._validation_share = validation_share
        self._min_images_per_identity = min_images_per_identity
        self._crop = crop
        self._seed = seed
        self._images = images
        self._is_rehearsal = False
        self._found: _Found | None = None

    def prepare(self) -> None:
        """Find the images and lists, and that no image is missing; decoding is fast, so that nothing is cached."""
        self._find()

    def train(self) -> FaceDataset:
        """Most identities of ``peopleDevTrain``."""
        return self._load(self._view.train)

    def validation(self) -> FaceDataset:
        """The other identities of ``peopleDevTrain``."""
        return self._load(self._view.validation)

    def test(self) -> FaceDataset:
        """All images of ``peopleDevTest``."""
        return self._load(self._view.test)

    def pairs(self) -> PairList:
        """``pairsDevTest`` as rows of :meth:`test`."""
        rows: dict[tuple[str, int], int] = {}
        for person in self._view.test:
            for number in person.numbers:
                rows[person.name, number] = len(rows)
        pairs = self._view.pairs
        return PairList(
            first=torch.tensor([rows[pair.first] for pair in pairs], dtype=torch.int64),
            second=torch.tensor([rows[pair.second] for pair in pairs], dtype=torch.int64),
            same=torch.tensor([pair.same for pair in pairs], dtype=torch.bool),
            name="pairsDevTest",
        )

    def episodes(self) -> EpisodeList | None:
        """None: LFW has no one-shot protocol of its own."""
        return None

    def rehearsal(self) -> Self:
        """The same source with 16 people of 3 images a set, or some more where the test set needs them."""
        small = type(self)(
            root=self._root,
            validation_share=self._validation_share,
            min_images_per_identity=self._min_images_per_identity,
            crop=self._crop,
            image_size=self.image_size,
            seed=self._seed,
            images=self._images,
        )
        small._is_rehearsal = True
        return small

    def describe(self) -> dict[str, int | float | str]:
        """Counts, knobs, and where the images come from."""
        store, images, view = self._find()
        counts: dict[str, int | float | str] = {
            "kind": "LFW View 1",
            "images": images,
            "images_from": str(store),
        }
        for name in ("train", "validation", "test", "left_out"):
            people: list[Person] = getattr(view, name)
            counts[f"{name}_identities"] = len(people)
            counts[f"{name}_images"] = sum(len(person.numbers) for person in people)
        return {
            **counts,
            "pairs": len(view.pairs),
            "min_images_per_identity": self._min_images_per_identity,
            "validation_share": self._validation_share,
            "crop": self._crop,
            "image_size": self.image_size,
            "seed": self._seed,
        }

    def resolved(self) -> dict[str, Images]:
        """Which images were found, as the setting says it."""
        return {"images": self._find().images}

    @property
    def _view(self) -> View1:
        return self._find().view

    def _find(self) -> _Found:
        if self._found is None:
            root = find_root(self._root, "lfw")
            store = find_images(root)
            view = read_view1(root, self._validation_share, self._min_images_per_identity, self._seed)
            check_images(view, store.files(), str(store))
            first = view.train[0]
            images = _images_at(store, image_path(first.name, first.numbers[0]))
            if self._images not in (images, None):
                raise DataError(
                    f"data.images is {self._images}, but '{store}' has {_named(images)}; point data.root at the "
                    f"others, or take data=lfw without data.images."
                )
            self._found = _Found(store, images, cut_down(view) if self._is_rehearsal else view)
        return self._found

    def _load(self, people: list[Person]) -> FaceDataset:
        store = self._find().store
        paths = [image_path(person.name, number) for person in people for number in person.numbers]
        with store.reader() as read:
            images = decode_images(read, paths, self._side, self.image_size, str(store))
        counts = torch.tensor([len(person.numbers) for person in people])
        return FaceDataset(
            images,
            torch.repeat_interleave(torch.arange(len(people)), counts),
            [image_id(person.name, number) for person in people for number in person.numbers],
            [person.name for person in people],
        )

    def _side(self, path: str, size: tuple[int, int]) -> float:
        images, found = _kind(path, size), self._find().images
        if images != found:
            raise DataError(
                f"The image '{path}' is one of the {_named(images)}, and others are of the {_named(found)}; keep the "
                f"two in folders of their own."
            )
        return self._crop if images == "aligned" else self._crop * _PUBLISHED_FACE / _ALIGNED


def _images_at(store: Store, path: str) -> Images:
    """Which images a place has, by one of them."""
    found: list[Images] = []

    def side(path: str, size: tuple[int, int]) -> float:
        found.append(_kind(path, size))
        return size[0]

    with store.reader() as read:
        decode_images(read, [path], side, 16, str(store))
    return found[0]


def _kind(path: str, size: tuple[int, int]) -> Images:
    for images, side in _SIDES.items():
        if size == (side, side):
            return images
    raise DataError(
        f"The image '{path}' has {size[0]} × {size[1]} pixels, but LFW is read as published, with 250 × 250, or "
        f"aligned, with 112 × 112; take the images as they were downloaded."
    )


def _named(images: Images) -> str:
    return f"{images} images, with {_SIDES[images]} × {_SIDES[images]} pixels"
