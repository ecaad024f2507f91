"""Images, labels and names fit together, or the data set is refused."""

import pytest
import torch

from resemblance.data import FaceDataset
from resemblance.errors import DataError


def faces(identities, ids=None, names=None, count=None):
    labels = torch.tensor(identities, dtype=torch.int64)
    images = torch.arange(count or len(labels), dtype=torch.uint8).view(-1, 1, 1, 1).expand(-1, 3, 2, 2)
    ids = ids if ids is not None else [f"image-{row}" for row in range(len(labels))]
    return FaceDataset(images, labels, ids, names if names is not None else ["anna", "bert"])


def test_a_batch_is_fetched_whole_with_its_rows():
    batch = faces([0, 0, 1, 1]).__getitems__([3, 0])
    assert batch.images[:, 0, 0, 0].tolist() == [3, 0]
    assert batch.identities.tolist() == [1, 0]
    assert batch.indices.tolist() == [3, 0]


def test_an_image_alone_is_a_batch_of_one():
    assert faces([0, 1])[1].images.shape == (1, 3, 2, 2)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"identities": [0, 1], "count": 3}, "3 images, 2 identities and 2 names"),
        ({"identities": [0, 1], "ids": ["a"]}, "2 images, 2 identities and 1 names"),
        ({"identities": [0, 0]}, "must be 0 to 1, each of them used; found 1 labels between 0 and 0"),
        ({"identities": [0, 2]}, "found 2 labels between 0 and 2"),
        ({"identities": [], "names": ["anna"]}, "without images"),
        ({"identities": [0, 1], "ids": ["a", "a"]}, "the same name"),
    ],
)
def test_parts_that_do_not_fit_are_refused(arguments, sentence):
    with pytest.raises(DataError, match=sentence):
        faces(**arguments)
