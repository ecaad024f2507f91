"""Labelled face images in memory: the one form in which every data set reaches the samplers and the network."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import torch
from torch import Tensor
from torch.utils.data import Dataset

from resemblance.errors import DataError


class Batch(NamedTuple):
    """What a loader yields."""

    images: Tensor
    """uint8 [B, 3, H, W], RGB."""
    identities: Tensor
    """int64 [B]."""
    indices: Tensor
    """int64 [B], row of each image in its data set; used to order embeddings and to drop a sampler's padding."""


class FaceDataset(Dataset[Batch]):
    """Images held as bytes, fetched a whole batch at a time.

    Args:
        images: uint8 [N, 3, H, W], RGB.
        identities: int64 [N], labels 0 … C−1, each of them used.
        image_ids: N names, unique, that tell a person which image a row is.
        identity_names: C names; row ``c`` belongs to label ``c``.
        failures: images that belong to the set and can't be read, by name, each with the reason; they are no rows.

    Raises:
        DataError: if the parts do not fit together.
    """

    def __init__(
        self,
        images: Tensor,
        identities: Tensor,
        image_ids: Sequence[str],
        identity_names: Sequence[str],
        failures: Mapping[str, str] | None = None,
    ) -> None:
        if not len(images) == len(identities) == len(image_ids):
            raise DataError(
                f"A data set needs one identity and one name for each image, but has {len(images)} images, "
                f"{len(identities)} identities and {len(image_ids)} names."
            )
        used = torch.unique(identities)
        if not torch.equal(used, torch.arange(len(identity_names))):
            raise DataError(
                f"The identity labels of a data set must be 0 to {len(identity_names) - 1}, each of them used; "
                f"found {len(used)} labels between {int(used.min())} and {int(used.max())}."
                if len(used)
                else "A data set without images can't be used; check the folder or the split that it came from."
            )
        if len(set(image_ids)) != len(image_ids):
            raise DataError("Two images of one data set have the same name; names must tell images apart.")
        self.images = images
        self.identities = identities
        self.image_ids = list(image_ids)
        self.identity_names = list(identity_names)
        self.failures = dict(failures or {})

    @property
    def num_identities(self) -> int:
        """C, the number of different people."""
        return len(self.identity_names)

    def __len__(self) -> int:
        return len(self.images)

    def __getitems__(self, indices: Sequence[int]) -> Batch:
        rows = torch.as_tensor(indices, dtype=torch.int64)
        return Batch(self.images[rows], self.identities[rows], rows)

    def __getitem__(self, index: int) -> Batch:
        return self.__getitems__([index])
