"""Which images of a batch may be compared with which, and the mean over a selection of comparisons."""

from typing import NamedTuple

import torch
from torch import Tensor


class Comparisons(NamedTuple):
    """The ordered pairs of a batch, as two masks that never overlap and leave out the diagonal."""

    genuine: Tensor
    """bool [B, B]: two different images of the same identity."""
    impostor: Tensor
    """bool [B, B]: images of two identities."""


def compare_identities(identities: Tensor) -> Comparisons:
    """The comparisons among images with these identities, int64 [B]."""
    same = identities[:, None] == identities[None, :]
    itself = torch.eye(len(identities), dtype=torch.bool, device=identities.device)
    return Comparisons(genuine=same & ~itself, impostor=~same)


def selected_mean(values: Tensor, selected: Tensor) -> Tensor:
    """Mean of ``values`` where ``selected`` (bool, same shape) is true; zero with zero gradient where nothing is."""
    return torch.where(selected, values, 0).sum() / selected.sum().clamp_min(1)
