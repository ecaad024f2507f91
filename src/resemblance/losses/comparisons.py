"""Which images of a batch may be compared with which, and the mean over a selection of comparisons."""

from typing import NamedTuple

import torch
from torch import Tensor


class References(NamedTuple):
    """What the images of a batch are compared with: the batch itself, or a memory that ends with the batch."""

    embeddings: Tensor
    """[M, D], raw; the last B rows are the images of the batch."""
    identities: Tensor
    """int64 [M]."""


class Comparisons(NamedTuple):
    """The ordered pairs of a batch of B images with M references, as two masks that never overlap.

    No image is compared with itself; all other pairs are in one of the masks.
    """

    genuine: Tensor
    """bool [B, M]: two different images of the same identity."""
    impostor: Tensor
    """bool [B, M]: images of two identities."""


def compare_identities(identities: Tensor, references: Tensor | None = None) -> Comparisons:
    """The comparisons of images with these identities, int64 [B].

    Args:
        identities: int64 [B].
        references: int64 [M], of which the last B are the images themselves; None compares the batch with itself.
    """
    others = identities if references is None else references
    same = identities[:, None] == others[None, :]
    genuine = same.clone()
    genuine.diagonal(len(others) - len(identities)).fill_(False)
    return Comparisons(genuine=genuine, impostor=~same)


def selected_mean(values: Tensor, selected: Tensor) -> Tensor:
    """Mean of ``values`` where ``selected`` (bool, same shape) is true; zero with zero gradient where nothing is."""
    return torch.where(selected, values, 0).sum() / selected.count_nonzero().clamp_min(1)
