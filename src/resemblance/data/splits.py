"""Splits by identity: nobody is trained on and tested on."""

from collections.abc import Iterable, Mapping

import torch
from torch import Tensor

from resemblance.errors import DataError


def split_identities(num: int, share: float, seed: int) -> tuple[Tensor, Tensor]:
    """Hold out a share of ``num`` identities.

    Args:
        num: number of identities, at least 4.
        share: to be held out, 0 < share < 1; rounded to whole identities, at least two on either side, because a
            comparison of different people needs two.
        seed: of the draw.

    Returns:
        The identities kept and those held out, int64, both ascending; they share none and are all of 0 … num − 1.

    Raises:
        DataError: if there are fewer than 4 identities.
    """
    if num < 4:
        raise DataError(
            f"A split by identity needs 4 identities or more, two for each side, but there are {num}; use a larger "
            f"data set or ask for fewer images of each identity."
        )
    held_out = min(max(2, round(num * share)), num - 2)
    order = torch.randperm(num, generator=torch.Generator().manual_seed(seed))
    return order[held_out:].sort().values, order[:held_out].sort().values


def check_disjoint(sets: Mapping[str, Iterable[str]]) -> None:
    """Refuse sets that share an identity.

    Args:
        sets: the name of each set and the names of its identities.

    Raises:
        DataError: naming the two sets, the first identity that they share and how many more there are.
    """
    seen: dict[str, str] = {}
    for name, members in sets.items():
        identities = set(members)
        shared = sorted(identity for identity in identities if identity in seen)
        if shared:
            more = f" and {len(shared) - 1} more" if len(shared) > 1 else ""
            raise DataError(
                f"'{shared[0]}'{more} is in {seen[shared[0]]} and in {name}, but an identity may be in one set only; "
                f"take it out of one of them."
            )
        seen.update(dict.fromkeys(identities, name))
