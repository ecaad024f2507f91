"""Material from a file of embeddings, by itself or as the embeddings of a data set's images."""

from pathlib import Path

import torch

from resemblance.embeddings import Embeddings
from resemblance.errors import DataError
from resemblance.evaluating.files.embeddings import NamedEmbeddings
from resemblance.evaluating.files.names import NameIndex
from resemblance.evaluating.images import Images
from resemblance.evaluating.material import Material
from resemblance.similarity import CosineSimilarity, Similarity
from resemblance.wording import agreeing

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


def of_data_set(file: NamedEmbeddings, path: Path, images: Images, similarity: Similarity | None) -> Material:
    """The embeddings that belong to a data set's test images, and to its validation images if all of them are there.

    Images without an embedding are failures to acquire; embeddings of no test image are left out, and counted.

    Args:
        file: that was read.
        path: of the file, for messages.
        images: of the data set.
        similarity: that judges; None takes the file's own, else the cosine.

    Raises:
        DataError: if the file has no test image's embedding, or one name of it means two images.
    """
    index = NameIndex(file.names)
    test = images.test
    rows = [index.get(name) for name in test.image_ids]
    found = [row for row in rows if row is not None]
    if not found:
        raise DataError(
            f"'{path}' has an embedding of none of the {len(test)} test images; its names look like '{file.names[0]}', "
            f"the data set's like '{test.image_ids[0]}'."
        )
    of_validation = [] if images.validation is None else [index.get(name) for name in images.validation.image_ids]
    others = [row for row in of_validation if row is not None]
    if len({*found, *others}) < len(found) + len(others):
        raise DataError(f"Two images of the data set match one name of '{path}'; names must tell images apart.")
    vectors = file.vectors.new_zeros(len(test), file.vectors.shape[1])
    have = torch.tensor([row is not None for row in rows])
    vectors[have] = file.vectors[torch.tensor(found)]
    validation, told = None, []
    if images.validation is not None and len(others) == len(of_validation):
        validation = Embeddings(file.vectors[torch.tensor(others)], images.validation.identities)
    elif images.validation is not None:
        told.append(
            f"No threshold: '{path}' lacks the embeddings of {len(of_validation) - len(others):,} of the "
            f"{len(of_validation):,} validation images."
        )
    if left := len(file) - len(found) - (0 if validation is None else len(others)):
        of = f"{agreeing(left, 'is', 'are')} of no image that is measured"
        told.insert(0, f"{left:,} of {len(file):,} embeddings in '{path}' {of}.")
    judged_by = similarity or file.similarity or CosineSimilarity()
    material = images.material(Embeddings(vectors, test.identities), validation, judged_by).telling(*told)
    return material.without(torch.nonzero(~have).flatten(), lambda row: NOT_IN_FILE)
