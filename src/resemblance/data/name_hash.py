"""Numbers that a name alone decides, on every machine and in every year."""

import hashlib
import unicodedata
from collections.abc import Iterable

import torch
from torch import Tensor


def own_name(identity: str) -> str:
    """The name of an identity's folder without those above it, which one meets only in some layouts of the same data.

    >>> own_name("batch 1/anna"), own_name("anna")
    ('anna', 'anna')
    """
    return identity.rpartition("/")[2]


def name_hash(name: str, salt: str = "") -> int:
    """64 bits, as an integer 0 … 2⁶⁴ − 1; the same for both ways in which file systems write ``é``.

    Args:
        name: of an identity.
        salt: gives other numbers for the same names.

    >>> name_hash("Zoë") == name_hash("Zoe\u0308") != name_hash("Zoe")
    True
    """
    text = f"{salt}\0{unicodedata.normalize('NFC', name)}"
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")


def name_digests(names: Iterable[str]) -> Tensor:
    """int64 [C], a hash of each own name, ascending: tells whether a name is among them, not what the names are.

    >>> torch.isin(name_digests(["anna", "carl"]), name_digests(["bert", "batch 1/anna"])).sum().item()
    1
    """
    return torch.tensor([name_hash(own_name(name)) - 2**63 for name in names], dtype=torch.int64).sort().values
