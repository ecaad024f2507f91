"""CSV files as somebody may write them."""

import pytest

from resemblance.errors import DataError
from resemblance.evaluating.files.metadata import read_metadata


def test_cells_may_hold_what_only_looks_like_the_end_of_a_line(written):
    path = written('image,note\nAnn_0001,"two\nlines"\nAnn_0002,a\u2028b\nBob_0001,a\x0bb\x85c\nBob_0002,x\n', "m.csv")
    table = read_metadata(path)
    assert [row["note"] for row in table.rows] == ["two\nlines", "a\u2028b", "a\x0bb\x85c", "x"]
    assert table.lines == [3, 4, 5, 6]


@pytest.mark.parametrize(("separator", "called"), [(";", "semicolons"), ("\t", "tabs"), ("|", "bars")])
def test_another_separator_is_called_by_its_name(written, separator, called):
    path = written(f"image{separator}age\nAnn_0001{separator}3,5\n", "m.csv")
    with pytest.raises(DataError, match=f"m.csv' has {called} between its columns; save it with commas"):
        read_metadata(path)
    with pytest.raises(DataError, match="has no column 'image'"):
        read_metadata(written(f"name{separator}age\nAnn_0001{separator}3\n", "n.csv"))
