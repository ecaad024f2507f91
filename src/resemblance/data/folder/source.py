"""Images in folders of identities as a source of training, validation and test sets."""

import copy
import warnings
from collections.abc import Sequence
from typing import ClassVar, Self

import torch

from resemblance.data.decoding import decode_images
from resemblance.data.faces import FaceDataset
from resemblance.data.folder.listing import Listing, list_images
from resemblance.data.name_hash import own_name
from resemblance.data.roots import find_root
from resemblance.data.splits import split_by_name
from resemblance.embeddings import EpisodeList, PairList
from resemblance.errors import ConfigurationError, DataError, ResemblanceWarning
from resemblance.wording import counted

_FEW, _FEW_IMAGES = 16, 3


class ImageFolder:
    """A folder with a folder of images for each identity, or a zip file of the same.

    Identities are split at random into training, validation and test; with ``test_share=1`` all are tested. In which
    set somebody is depends on the folder's own name and the seed alone, see :func:`split_by_name`: not on the folders
    above it, which are part of an identity's name here only where they differ. An image that can't be read is a failure
    to acquire: it is left out, listed with the reason among its set's ``failures``, and counted. In training and
    validation, images of identities with fewer than ``min_images_per_identity`` are left out too.

    Args:
        root: the folder, or the zip file; see ``docs/folder.md``. None stands for the data set's own folder in the one
            that the environment variable ``RESEMBLANCE_DATA`` names.
        validation_share: share of the identities that choose checkpoint and threshold; about, as the hash has it.
        test_share: share of the identities that are tested, 0 to 1; the rest is trained on.
        min_images_per_identity: identities with fewer are left out of training and validation.
        crop: share of the shorter side that the central square keeps, 0.1 to 1.
        image_size: height and width after resizing, 16 to 512.
        gray: one channel of luma, shown as three.
        seed: of the split, apart from the experiment's seed.

    Raises:
        ConfigurationError: if a knob is out of its range.
    """

    name: ClassVar[str] = "folder"
    """Of its folder under ``RESEMBLANCE_DATA``."""
    kind: ClassVar[str] = "folders of images"
    image_sizes: ClassVar[tuple[int, int]] = (16, 512)
    """The least and the largest ``image_size``."""

    def __init__(
        self,
        root: str | None = None,
        validation_share: float = 0.1,
        test_share: float = 0.2,
        min_images_per_identity: int = 2,
        crop: float = 1.0,
        image_size: int = 64,
        gray: bool = False,
        seed: int = 0,
    ) -> None:
        if not 0 < test_share <= 1:
            raise ConfigurationError(f"data.test_share must lie above 0 and be at most 1, not {test_share}.")
        if test_share < 1 and not 0 < validation_share < 1 - test_share:
            raise ConfigurationError(
                f"data.validation_share must lie above 0 and leave identities to train on beside "
                f"data.test_share={test_share}, not be {validation_share}."
            )
        for knob, value, low, high in (
            ("min_images_per_identity", min_images_per_identity, 1, 1000),
            ("crop", crop, 0.1, 1),
            ("image_size", image_size, *self.image_sizes),
            ("seed", seed, 0, 2**31 - 1),
        ):
            if not low <= value <= high:
                raise ConfigurationError(f"data.{knob} must be {low} to {high}, not {value}.")
        self.image_size = image_size
        self._root = root
        self._shares = (validation_share, test_share)
        self._min_images_per_identity = min_images_per_identity
        self._crop = crop
        self._gray = gray
        self._seed = seed
        self._is_rehearsal = False
        self._listing: Listing | None = None
        self._split: dict[str, list[int]] | None = None
        self._sets: dict[str, FaceDataset] = {}
        self._left_out: dict[str, int] = {}

    def prepare(self) -> None:
        """List the images; nothing is decoded yet."""
        self._find()

    def train(self) -> FaceDataset:
        """Images to learn from.

        Raises:
            DataError: if everything is tested.
        """
        return self._set("train")

    def validation(self) -> FaceDataset:
        """Images of other identities, for checkpoint and threshold.

        Raises:
            DataError: if everything is tested.
        """
        return self._set("validation")

    def test(self) -> FaceDataset:
        """Images of other identities again, or all images with ``test_share=1``."""
        return self._set("test")

    @property
    def tests_all(self) -> bool:
        """Whether no identity is left to train and validate on."""
        return self._shares[1] == 1

    def pairs(self) -> PairList | None:
        """None: all pairs of the test set are compared."""
        return None

    def episodes(self) -> EpisodeList | None:
        """None: one-shot episodes are drawn at random."""
        return None

    def rehearsal(self) -> Self:
        """The same source with the first 3 images of 16 identities a set, or as many as there are."""
        small = copy.copy(self)
        small._sets, small._left_out = {}, {}
        small._is_rehearsal = True
        return small

    def describe(self) -> dict[str, int | float | str]:
        """Counts, among them of what was left out and why, and knobs; decodes the images, for it counts failures."""
        listing = self._find()
        counts: dict[str, int | float | str] = {"kind": self.kind, "images_from": str(listing.store)}
        failures = 0
        for name in self._names():
            dataset = self._set(name)
            counts[f"{name}_identities"] = dataset.num_identities
            counts[f"{name}_images"] = len(dataset)
            failures += len(dataset.failures)
        validation_share, test_share = self._shares
        return {
            **counts,
            "unreadable_images": failures,
            "images_of_left_out_identities": sum(self._left_out.values()),
            "other_files": listing.other_files,
            "validation_share": validation_share if test_share < 1 else 0.0,
            "test_share": test_share,
            "min_images_per_identity": self._min_images_per_identity,
            "crop": self._crop,
            "image_size": self.image_size,
            "seed": self._seed,
        }

    def _find(self) -> Listing:
        if self._listing is None:
            self._listing = list_images(find_root(self._root, self.name))
            if nested := self._listing.nested():
                folder, inside = next(iter(nested.items()))
                warnings.warn(
                    f"Each folder of images is taken for a person, so that '{inside[0]}' and '{inside[1]}' in "
                    f"'{folder}' are two ({len(nested):,} such folders in all); if they are one, put the images into "
                    f"one folder, or people who are trained on are tested too.",
                    ResemblanceWarning,
                    stacklevel=2,
                )
        return self._listing

    def _names(self) -> tuple[str, ...]:
        return ("test",) if self._shares[1] == 1 else ("train", "validation", "test")

    def _people(self, name: str) -> list[str]:
        """Identities of a set, in order."""
        people = list(self._find().paths)
        validation, test = self._shares
        if self._split is None:
            shares = {"test": test, "train": 1 - test - validation, "validation": validation}
            names = [own_name(person) for person in people]
            self._split = {"test": [*range(len(people))]} if test == 1 else split_by_name(names, shares, self._seed)
        chosen = self._split[name]
        return [people[place] for place in (chosen[:_FEW] if self._is_rehearsal else chosen)]

    def _set(self, name: str) -> FaceDataset:
        if name not in self._names():
            raise DataError(
                f"data.test_share=1 tests all identities and leaves none for {name}; lower it, such as to 0.2."
            )
        if name not in self._sets:
            least = 1 if name == "test" else self._min_images_per_identity
            self._sets[name] = self._load(name, self._people(name), least)
        return self._sets[name]

    def _load(self, name: str, people: Sequence[str], least: int) -> FaceDataset:
        listing = self._find()
        most = _FEW_IMAGES if self._is_rehearsal else None
        listed = [(person, path) for person in people for path in listing.paths[person][:most]]
        failed: dict[int, str] = {}
        with listing.store.reader() as read:
            images = decode_images(
                read,
                [path for _, path in listed],
                self._side,
                self.image_size,
                str(listing.store),
                gray=self._gray,
                failed=failed,
            )
        rows: dict[str, list[int]] = {person: [] for person in people}
        for row, (person, _) in enumerate(listed):
            if row not in failed:
                rows[person].append(row)
        kept = {person: of for person, of in rows.items() if len(of) >= least}
        if len(kept) < 2:
            reason = f" (the first: {failed[min(failed)].rstrip('.')})" if failed else ""
            raise DataError(
                f"The {name} set at '{listing.store}' has {counted(len(kept), 'identity', 'identities')} with "
                f"{least} or more readable images, but needs 2: {len(failed)} of its {counted(len(listed), 'image')} "
                f"can't be read{reason}; use more images, other shares or a lower data.min_images_per_identity."
            )
        chosen = [row for of in kept.values() for row in of]
        self._left_out[name] = len(listed) - len(failed) - len(chosen)
        if len(chosen) < len(listed):
            images = images[:, :1][chosen].expand(-1, 3, -1, -1) if self._gray else images[chosen]
        return FaceDataset(
            images,
            torch.repeat_interleave(torch.arange(len(kept)), torch.tensor([len(of) for of in kept.values()])),
            [listing.image_id(listed[row][1]) for row in chosen],
            list(kept),
            {listing.image_id(listed[row][1]): reason for row, reason in sorted(failed.items())},
        )

    def _side(self, path: str, size: tuple[int, int]) -> float:
        return self._crop * min(size)
