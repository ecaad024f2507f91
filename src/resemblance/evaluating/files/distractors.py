"""People who are enrolled and whom nobody looks for, from a file of embeddings."""

from collections.abc import Collection, Iterator, Sequence
from hashlib import blake2b
from pathlib import Path

import torch
from torch import Tensor

from resemblance.embeddings import Embeddings
from resemblance.errors import DataError
from resemblance.evaluating.files.embeddings import NamedEmbeddings, read_named_embeddings
from resemblance.evaluating.files.names import without_suffix
from resemblance.evaluating.material import unusable
from resemblance.wording import agreeing, counted


def read_distractors(path: Path, identity_pattern: str | None = None) -> NamedEmbeddings:
    """A file as for ``embeddings=``; where it says no identities and its names neither, each image is a person.

    Raises:
        DataError: as :func:`read_named_embeddings`, and for embeddings that can't be compared.
    """
    try:
        file = read_named_embeddings(path, identity_pattern)
    except DataError:  # a mistake, or names that tell nobody: only the second can be read so
        file = read_named_embeddings(path, identity_pattern="^(.+)$")
    broken, zero = unusable(file.vectors)
    if bad := int((broken | zero).sum()):
        raise DataError(f"{bad} of {len(file)} distractors in '{path}' are NaN, infinite or all zeros; leave them out.")
    return file


def check_dimensions(file: NamedEmbeddings, path: Path, dimensions: int) -> None:
    """Refuse distractors of another network.

    Raises:
        DataError: naming both numbers.
    """
    if file.vectors.shape[1] != dimensions:
        raise DataError(
            f"The distractors in '{path}' have {file.vectors.shape[1]} dimensions, but the test set's embeddings have "
            f"{dimensions}; both must come from one network."
        )


def check_strangers(
    file: NamedEmbeddings, path: Path, image_ids: Collection[str], identity_names: Collection[str]
) -> None:
    """Refuse distractors who are people of the test set: their own images would count as false matches.

    Args:
        file: that was read.
        path: where it is, for the message.
        image_ids: names of the test set's images.
        identity_names: of its people.

    Raises:
        DataError: with the number of images or people in common, and the first.
    """
    images, people = {without_suffix(name) for name in image_ids}, set(identity_names)
    common = [name for name in file.names if without_suffix(name) in images]
    _refuse(common, "name of an image", "names of images", path)
    _refuse([name for name in dict.fromkeys(file.identities) if name in people], "identity", "identities", path)


def check_other_vectors(file: NamedEmbeddings, path: Path, test: Tensor) -> None:
    """Refuse distractors who are people of the test set under other names: an embedding of both would be the same.

    Args:
        file: that was read.
        path: where it is, for the message.
        test: embeddings [N, D] of the test set.

    Raises:
        DataError: with the number of embeddings in common, and the name of the first.
    """
    known = set(_digests(test))
    found = zip(file.names, _digests(file.vectors), strict=True)
    _refuse([name for name, digest in found if digest in known], "embedding", "embeddings", path)


def as_strangers(file: NamedEmbeddings) -> Embeddings:
    """Embeddings for the protocols, with all images of each person: nobody looks for any of them."""
    numbers = {name: number for number, name in enumerate(dict.fromkeys(file.identities))}
    return Embeddings(file.vectors, torch.tensor([numbers[name] for name in file.identities]))


def who_they_are(file: NamedEmbeddings) -> str:
    """Names and which of them are one person, whatever that one is called: a line for each image."""
    first: dict[str, str] = {}
    people = sorted(zip(file.names, file.identities, strict=True))
    return "\n".join(f"{name}\t{first.setdefault(identity, name)}" for name, identity in people)


def _digests(vectors: Tensor) -> Iterator[bytes]:
    """16 bytes for each row, which tell as much as the row itself does."""
    return (blake2b(row.tobytes(), digest_size=16).digest() for row in vectors.float().numpy())


def _refuse(common: Sequence[str], one: str, several: str, path: Path) -> None:
    if common:
        raise DataError(
            f"{counted(len(common), one, several)} of the distractors in '{path}' "
            f"{agreeing(len(common), 'is', 'are')} the test set's own, the first being that of "
            f"'{common[0]}'; distractors are people whom nobody looks for: leave these out, or give other people names "
            f"of their own."
        )
