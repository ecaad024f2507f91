"""CSV files as somebody may write them."""

from resemblance.evaluating.files.metadata import read_metadata


def test_cells_may_hold_what_only_looks_like_the_end_of_a_line(written):
    path = written('image,note\nAnn_0001,"two\nlines"\nAnn_0002,a\u2028b\nBob_0001,a\x0bb\x85c\nBob_0002,x\n', "m.csv")
    table = read_metadata(path)
    assert [row["note"] for row in table.rows] == ["two\nlines", "a\u2028b", "a\x0bb\x85c", "x"]
    assert table.lines == [3, 4, 5, 6]
