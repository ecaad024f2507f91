"""Material from a file of embeddings, by itself or as the embeddings of a data set's images."""

from pathlib import Path

import torch

from resemblance.data.faces import FaceDataset
from resemblance.data.source import FaceSource, has_validation, metadata_of
from resemblance.embeddings import Embeddings
from resemblance.errors import DataError
from resemblance.evaluating.embeddings_file import NamedEmbeddings, read_named_embeddings
from resemblance.evaluating.material import Material
from resemblance.evaluating.names import NameIndex
from resemblance.similarity import CosineSimilarity, Similarity

NOT_IN_FILE = "the file has no embedding of it"


def by_itself(file: NamedEmbeddings, similarity: Similarity | None) -> Material:
    """All embeddings of the file; identities by name, in the order of their names' first appearance.

    Args:
        file: that was read.
        similarity: that judges; None takes the file's own, else the cosine.
    """
    numbers = {name: label for label, name in enumerate(dict.fromkeys(file.identities))}
    return Material(
        test=Embeddings(file.vectors, torch.tensor([numbers[name] for name in file.identities])),
        image_ids=file.names,
        identity_names=list(numbers),
        similarity=similarity or file.similarity or CosineSimilarity(),
    )


def of_data_set(file: NamedEmbeddings, path: Path, source: FaceSource, similarity: Similarity | None) -> Material:
    """The embeddings that belong to a data set's test images, and to its validation images if all of them are there.

    Images without an embedding are failures to acquire; embeddings of no test image are left out, and counted.

    Args:
        file: that was read.
        path: of the file, for messages.
        source: of the images.
        similarity: that judges; None takes the file's own, else the cosine.

    Raises:
        DataError: if the file has no test image's embedding.
    """
    index = NameIndex(file.names)
    source.prepare()
    test = source.test()
    rows = [index.get(name) for name in test.image_ids]
    found = [row for row in rows if row is not None]
    if not found:
        raise DataError(
            f"'{path}' has an embedding of none of the {len(test)} test images; its names look like '{file.names[0]}', "
            f"the data set's like '{test.image_ids[0]}'."
        )
    if len(set(found)) < len(found):
        raise DataError(f"Two test images match one name of '{path}'; names must tell images apart.")
    validation, of_validation = None, 0
    if has_validation(source):
        validation, of_validation = _validation(file, index, source.validation())
    vectors = file.vectors.new_zeros(len(test), file.vectors.shape[1])
    have = torch.tensor([row is not None for row in rows])
    vectors[have] = file.vectors[torch.tensor(found)]
    others = len(file) - len(found) - of_validation
    material = Material(
        test=Embeddings(vectors, test.identities),
        image_ids=test.image_ids,
        identity_names=test.identity_names,
        similarity=similarity or file.similarity or CosineSimilarity(),
        validation=validation,
        images=test.images,
        pairs=source.pairs(),
        episodes=source.episodes(),
        metadata=metadata_of(source),
        failures=test.failures,
    )
    if others:
        material = material.telling(
            f"{others:,} of {len(file):,} embeddings in '{path}' are of no image that is measured."
        )
    if validation is None and has_validation(source):
        material = material.telling("No threshold: the file lacks embeddings of validation images.")
    return material.without(torch.nonzero(~have).flatten(), lambda row: NOT_IN_FILE)


def _validation(file: NamedEmbeddings, index: NameIndex, images: FaceDataset) -> tuple[Embeddings | None, int]:
    """Embeddings of all validation images, and how many of the file's rows they are."""
    rows = [index.get(name) for name in images.image_ids]
    found = [row for row in rows if row is not None]
    if len(found) < len(rows):
        return None, 0
    vectors = file.vectors[torch.tensor(found)]
    if not torch.isfinite(vectors).all():
        return None, 0
    return Embeddings(vectors, images.identities), len(found)


def read_distractors(path: Path, dimensions: int) -> Embeddings:
    """People whom nobody looks for, from a file as for ``embeddings=``; each image is taken as a person of its own.

    Raises:
        DataError: as :func:`read_named_embeddings`, and for embeddings of another size or with NaN.
    """
    file = read_named_embeddings(path, identity_pattern="^(.+)$")
    if file.vectors.shape[1] != dimensions:
        raise DataError(
            f"The distractors in '{path}' have {file.vectors.shape[1]} dimensions, but the test set's embeddings have "
            f"{dimensions}; both must come from one network."
        )
    usable = torch.isfinite(file.vectors).all(dim=1) & (file.vectors != 0).any(dim=1)
    if not usable.all():
        bad = int((~usable).sum())
        raise DataError(f"{bad} of {len(file)} distractors in '{path}' are NaN, infinite or all zeros; leave them out.")
    return Embeddings(file.vectors, torch.arange(len(file)))
