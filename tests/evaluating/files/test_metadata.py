"""What is known of images, beside the rows of a set."""

import pytest

from resemblance.errors import DataError
from resemblance.evaluating.files.metadata import aligned, read_metadata
from tests.evaluating.small_set import IDS


def test_metadata_is_put_beside_the_rows(written):
    path = written(
        "image,age,code,group\nAnn/Ann_0002.jpg,31.5,007,a\nCem_0001,,010,\nBob_0001,4,x,b\nDan_0001,9,1,b\n", "m.csv"
    )
    found = aligned(read_metadata(path), path, IDS)
    assert found.columns["age"] == [None, 31.5, 4.0, None, None]
    assert found.columns["code"] == [None, "007", "x", None, "010"]
    assert found.columns["group"] == [None, "a", "b", None, None]
    assert (found.without, found.unknown) == (2, ("Dan_0001",))


def test_what_python_reads_as_a_number_and_nobody_else_does_stays_a_text(written):
    path = written("image,session,age\nAnn_0001,1_2,12\nBob_0001,12,1e1\n", "m.csv")
    columns = aligned(read_metadata(path), path, IDS).columns
    assert columns["session"] == ["1_2", None, "12", None, None]
    assert columns["age"] == [12.0, None, 10.0, None, None]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("name,age\nAnn_0001,3\n", "no column 'image'"),
        ("image\nAnn_0001\n", "column 'image' alone"),
        ("image,age\nAnn_0001,3\nAnn_0001,4\n", "1 image name stands more than once"),
        ("image,age\nAnn_0001,3\nAnn_0001.jpg,4\n", "Line 3 .* describes the image 'Ann_0001' a second time"),
        ("image,age\nZoe_0001,3\n", "none of the 5 images"),
        ("image,refused\nAnn_0001,3\n", "a column called 'refused', which is what the table"),
        ("image,age,\nAnn_0001,3,\n", "a column without a name .a comma too many"),
    ],
)
def test_malformed_metadata_is_one_sentence(written, text, sentence):
    path = written(text)
    with pytest.raises(DataError, match=sentence):
        aligned(read_metadata(path), path, IDS)
