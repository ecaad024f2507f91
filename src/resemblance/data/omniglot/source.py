"""Omniglot (Lake et al. 2015) as a source of training, validation and test sets, with Lake's 20 one-shot runs."""

from collections.abc import Sequence
from typing import ClassVar, Self

import torch
from torch import Tensor

from resemblance.data.decoding import decode_images
from resemblance.data.faces import FaceDataset
from resemblance.data.omniglot.files import Characters, Run, find_characters, find_runs
from resemblance.data.omniglot.run_episodes import FEW, FEW_IMAGES, as_episodes, cut_down
from resemblance.data.roots import find_root
from resemblance.data.splits import check_disjoint, split_identities
from resemblance.data.stores import Store
from resemblance.embeddings import EpisodeList, PairList
from resemblance.errors import ConfigurationError, DataError

_DRAWN = 105
_TURNS = 4


class Omniglot:
    """Characters of 50 alphabets, each drawn by 20 people; an identity is a character.

    Training and validation characters are those of ``images_background`` (964), split by character; the test set is
    all of ``images_evaluation`` (659), whose alphabets are others. Drawings are 105 × 105, black ink on white paper;
    they are resized once, when they are loaded, and shown as three equal channels.

    Args:
        root: folder of the drawings and runs, in any layout of ``docs/omniglot.md``; None stands for ``omniglot`` in
            the folder that the environment variable ``RESEMBLANCE_DATA`` names.
        validation_share: share of the characters of ``images_background`` held out, 0 to 0.5 exclusive.
        rotations: turn each training character by 90, 180 and 270 degrees into three more.
        image_size: height and width after resizing, 16 to 105.
        seed: of the draw of validation characters, apart from the experiment's seed.

    Raises:
        ConfigurationError: if a knob is out of its range.
    """

    image_sizes: ClassVar[tuple[int, int]] = (16, _DRAWN)
    """The least and the largest ``image_size``."""

    def __init__(
        self,
        root: str | None = None,
        validation_share: float = 0.1,
        rotations: bool = True,
        image_size: int = 28,
        seed: int = 0,
    ) -> None:
        if not 0 < validation_share < 0.5:
            raise ConfigurationError(f"data.validation_share must lie between 0 and 0.5, not be {validation_share}.")
        for name, value, low, high in (("image_size", image_size, *self.image_sizes), ("seed", seed, 0, 2**31 - 1)):
            if not low <= value <= high:
                raise ConfigurationError(f"data.{name} must be {low} to {high}, not {value}.")
        self.image_size = image_size
        self._root = root
        self._validation_share = validation_share
        self._rotations = rotations
        self._seed = seed
        self._is_rehearsal = False
        self._found: dict[str, Characters] | None = None
        self._runs: tuple[Store, list[Run]] | None = None
        self._test: FaceDataset | None = None
        self._episodes: EpisodeList | None = None

    def prepare(self) -> None:
        """Find the drawings and the runs; decoding takes seconds, so that nothing is cached."""
        self._find()

    def train(self) -> FaceDataset:
        """Most characters of ``images_background``, each in four turns if ``rotations``."""
        characters = self._find()["images_background"]
        dataset = self._load(characters, self._background()[0])
        return _turned(dataset) if self._rotations else dataset

    def validation(self) -> FaceDataset:
        """The other characters of ``images_background``, upright."""
        return self._load(self._find()["images_background"], self._background()[1])

    def test(self) -> FaceDataset:
        """All drawings of ``images_evaluation``."""
        return self._measured()[0]

    def pairs(self) -> PairList | None:
        """None: all pairs of the test set are compared."""
        return None

    def episodes(self) -> EpisodeList | None:
        """Lake's 20 runs as rows of :meth:`test`, or None if their files are not there.

        Raises:
            DataError: for a run whose images are not among the test set's.
        """
        return self._measured()[1]

    def rehearsal(self) -> Self:
        """The same source with 16 characters of 3 drawings a set, and of the test set those of two runs."""
        small = type(self)(
            root=self._root,
            validation_share=self._validation_share,
            rotations=False,
            image_size=self.image_size,
            seed=self._seed,
        )
        small._is_rehearsal = True
        return small

    def describe(self) -> dict[str, int | float | str]:
        """Counts, knobs, and where the drawings come from."""
        found = self._find()
        kept, held_out = self._background()
        counts: dict[str, int | float | str] = {
            "kind": "Omniglot",
            "images_from": str(found["images_background"].store),
        }
        for name, part, numbers in (
            ("train", "images_background", kept),
            ("validation", "images_background", held_out),
            ("test", "images_evaluation", list(found["images_evaluation"].paths)),
        ):
            turns = _TURNS if name == "train" and self._rotations else 1
            counts[f"{name}_identities"] = len(numbers) * turns
            counts[f"{name}_images"] = sum(len(found[part].paths[number]) for number in numbers) * turns
        if self._is_rehearsal:
            counts |= {"test_identities": self.test().num_identities, "test_images": len(self.test())}
        return {
            **counts,
            "one_shot_runs": len(self._runs[1]) if self._runs else 0,
            "rotations": self._rotations,
            "validation_share": self._validation_share,
            "image_size": self.image_size,
            "seed": self._seed,
        }

    def _find(self) -> dict[str, Characters]:
        if self._found is None:
            root = find_root(self._root, "omniglot")
            found = find_characters(root)
            if self._is_rehearsal:
                background = found["images_background"]
                few = {number: paths[:FEW_IMAGES] for number, paths in list(background.paths.items())[: 2 * FEW]}
                found["images_background"] = Characters(background.store, few)
            check_disjoint({part: characters.paths for part, characters in found.items()})
            self._runs = find_runs(root)
            self._found = found
        return self._found

    def _background(self) -> tuple[list[str], list[str]]:
        """Numbers of the training and of the validation characters."""
        numbers = list(self._find()["images_background"].paths)
        share = 0.5 if self._is_rehearsal else self._validation_share
        kept, held_out = split_identities(len(numbers), share, self._seed)
        return [numbers[index] for index in kept.tolist()], [numbers[index] for index in held_out.tolist()]

    def _measured(self) -> tuple[FaceDataset, EpisodeList | None]:
        if self._test is None:
            characters = self._find()["images_evaluation"]
            dataset = self._load(characters, list(characters.paths))
            episodes = None if self._runs is None else as_episodes(*self._runs, dataset, self._decode)
            if self._is_rehearsal:
                dataset, episodes = cut_down(dataset, episodes)
            self._test, self._episodes = dataset, episodes
        return self._test, self._episodes

    def _load(self, characters: Characters, numbers: Sequence[str]) -> FaceDataset:
        paths = [path for number in numbers for path in characters.paths[number]]
        counts = torch.tensor([len(characters.paths[number]) for number in numbers])
        return FaceDataset(
            self._decode(characters.store, paths),
            torch.repeat_interleave(torch.arange(len(numbers)), counts),
            [path.rpartition("/")[2].removesuffix(".png") for path in paths],
            list(numbers),
        )

    def _decode(self, store: Store, paths: Sequence[str]) -> Tensor:
        with store.reader() as read:
            return decode_images(read, paths, _side, self.image_size, str(store), gray=True)


def _side(path: str, size: tuple[int, int]) -> float:
    if size != (_DRAWN, _DRAWN):
        raise DataError(
            f"The drawing '{path}' has {size[0]} × {size[1]} pixels, but Omniglot is read as published, with "
            f"{_DRAWN} × {_DRAWN}; take the drawings as they were downloaded."
        )
    return _DRAWN


def _turned(dataset: FaceDataset) -> FaceDataset:
    """Each character in four turns, each of which is a character of its own."""
    turns = range(_TURNS)
    gray = dataset.images[:, :1]
    return FaceDataset(
        torch.cat([torch.rot90(gray, turn, (2, 3)) for turn in turns]).expand(-1, 3, -1, -1),
        torch.cat([dataset.identities + turn * dataset.num_identities for turn in turns]),
        [f"{name}+{90 * turn}" for turn in turns for name in dataset.image_ids],
        [f"{name}+{90 * turn}" for turn in turns for name in dataset.identity_names],
    )
