"""The ORL database of faces (AT&T Laboratories Cambridge): 40 people, 10 grey photographs each."""

from typing import ClassVar

from resemblance.data.folder.source import ImageFolder


class ORL(ImageFolder):
    """Faces of 92 × 112 pixels as ``s1/1.pgm`` … ``s40/10.pgm`` (or png), in folders or in a zip file.

    Args:
        root: the folder or the zip file; None stands for ``orl`` in the folder that the environment variable
            ``RESEMBLANCE_DATA`` names.
        validation_share: share of the 40 people that choose checkpoint and threshold.
        test_share: share of the people that are tested.
        crop: share of the width that the central square keeps, 0.1 to 1.
        image_size: height and width after resizing, 16 to 512.
        seed: of the split, apart from the experiment's seed.

    Raises:
        ConfigurationError: if a knob is out of its range.
    """

    name: ClassVar[str] = "orl"
    kind: ClassVar[str] = "ORL"

    def __init__(
        self,
        root: str | None = None,
        validation_share: float = 0.15,
        test_share: float = 0.25,
        crop: float = 1.0,
        image_size: int = 64,
        seed: int = 0,
    ) -> None:
        super().__init__(root, validation_share, test_share, 2, crop, image_size, gray=True, seed=seed)
