"""Splits by identity: nobody is trained on and tested on."""

import warnings
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import torch
from torch import Tensor

from resemblance.data.name_hash import name_hash
from resemblance.errors import DataError, ResemblanceWarning

FEWEST = 2
"""Identities of every set: a comparison of different people needs two."""


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


def split_by_name(names: Sequence[str], shares: Mapping[str, float], seed: int) -> dict[str, list[int]]:
    """Put each identity into a set by a hash of its own name and the seed.

    Whoever joins or leaves the data later, everybody else stays where he is, so that nobody who was trained on is
    tested. The price is that the shares are met about, as by the toss of a coin. Only where a set would have fewer than
    two identities are others put into it, those whose hash is closest; that depends on all names, and a warning tells.

    Args:
        names: of the identities; those of one name go into one set, for they may be one.
        shares: of each set, adding up to 1. The first set's identities only become more as its share grows.
        seed: of the hash.

    Returns:
        For each set the places of its identities among the names, ascending.

    Raises:
        DataError: if there are too few names for two in each set.
    """
    own = list(dict.fromkeys(names))
    called = "identities" if len(own) == len(names) else "names of identities"
    if len(own) < FEWEST * len(shares):
        mend = "use a larger data set" if len(own) == len(names) else "give each identity a name of its own"
        raise DataError(
            f"A split by identity into {' and '.join(shares)} needs {FEWEST * len(shares)} {called} or more, two for "
            f"each, but there are {len(own)}; {mend}."
        )
    ranges: dict[str, tuple[float, float]] = {}
    end = 0.0
    for part, share in shares.items():
        ranges[part] = end, (end := end + share)
    drawn = [name_hash(name, str(seed)) / 2**64 for name in own]
    by_size = sorted(ranges, key=lambda part: ranges[part][1])
    where = [next((part for part in by_size if value < ranges[part][1]), by_size[-1]) for value in drawn]

    moved = 0
    sizes = Counter(where)
    for part, (low, high) in ranges.items():
        while sizes[part] < FEWEST:
            others = [place for place, other in enumerate(where) if other != part and sizes[other] > FEWEST]
            nearest = min((max(low - drawn[place], drawn[place] - high), own[place], place) for place in others)[-1]
            sizes.subtract([where[nearest]])
            sizes[part] += 1
            where[nearest] = part
            moved += 1
    if moved:
        warnings.warn(
            f"{len(own)} {called} are so few that {moved} of them are put where they are needed; with identities "
            f"added later the split would be another one, so train anew then.",
            ResemblanceWarning,
            stacklevel=2,
        )
    part_of = dict(zip(own, where, strict=True))
    return {part: [place for place, name in enumerate(names) if part_of[name] == part] for part in shares}


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
