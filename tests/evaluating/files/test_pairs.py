"""Lists of comparisons as rows of a set."""

import pytest

from resemblance.errors import DataError
from resemblance.evaluating.files.pairs import read_comparisons, rows_of
from tests.evaluating.small_set import IDS


@pytest.mark.parametrize(
    ("genuine", "impostor"),
    [("1", "0"), ("true", "false"), ("same", "different"), ("Yes", "No"), ("TRUE", "False"), (" 1 ", " 0 ")],
)
def test_a_list_of_ones_own_as_rows(written, genuine, impostor):
    path = written(
        f"first,second,same\nAnn_0001.jpg,Ann/Ann_0002.jpg,{genuine}\n\n/data/Bob/Bob_0002.png,Cem_0001,{impostor}\n"
    )
    pairs, left_out = rows_of(read_comparisons(path), path, IDS)
    assert (pairs.first.tolist(), pairs.second.tolist(), pairs.same.tolist()) == ([0, 3], [1, 4], [True, False])
    assert (pairs.name, pairs.folds, left_out) == ("list", None, 0)


def test_columns_may_stand_in_any_order_and_name_folds(written):
    path = written("same,fold,second,first,remark\n1,0,Ann_0002,Ann_0001,x\n0,1,Bob_0001,Ann_0001,y\n")
    pairs, _ = rows_of(read_comparisons(path), path, IDS)
    assert (pairs.first.tolist(), pairs.second.tolist(), pairs.folds.tolist()) == ([0, 0], [1, 2], [0, 1])


def test_lists_of_lfw(written):
    path = written("1\nAnn\t1\t2\nAnn\t1\tBob\t2\n", "pairsDevTest.txt")
    pairs, _ = rows_of(read_comparisons(path), path, IDS)
    assert (pairs.first.tolist(), pairs.second.tolist(), pairs.same.tolist()) == ([0, 0], [1, 3], [True, False])
    assert (pairs.name, pairs.folds) == ("pairsDevTest", None)
    view_2 = written("10\t1\n" + "Ann\t1\t2\nAnn\t1\tBob\t2\n" * 10, "pairs.txt")
    pairs, _ = rows_of(read_comparisons(view_2), view_2, IDS)
    assert pairs.name == "LFW View 2"
    assert pairs.folds.tolist() == [fold for fold in range(10) for _ in range(2)]


def test_unknown_images_are_counted_and_the_first_is_named_with_its_line(written):
    path = written("first,second,same\nAnn_0001,Ann_0002,1\nAnn_0001,Dan_0001,0\nDan_0001,Eve_0001,0\n")
    with pytest.raises(DataError, match=r"names 2 images .* first being 'Dan_0001' in line 3; .* like 'Ann_0001'"):
        rows_of(read_comparisons(path), path, IDS)


def test_comparisons_of_images_that_gave_no_embedding_are_left_out_and_counted(written):
    path = written("first,second,same\nAnn_0001,Ann_0002,1\nAnn_0001,Dan_0001,0\nDan_0001,Dan_0002,1\n")
    pairs, left_out = rows_of(read_comparisons(path), path, IDS, {"Dan/Dan_0001.jpg": "torn", "Dan_0002": "torn"})
    assert (len(pairs), left_out) == (1, 2)
    with pytest.raises(DataError, match="Every comparison"):
        rows_of(read_comparisons(path)[1:], path, IDS, {"Dan_0001": "torn", "Dan_0002": "torn"})


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "no column 'first'"),
        ("Ann_0001,Ann_0002,1\n", "no column 'first'"),
        ("first,second,same\n", "a header and no rows"),
        ("first,second,same\nAnn_0001,Ann_0002\n", "Line 2 .* has 2 cells under a header of 3"),
        ("first,second,same\nAnn_0001,Ann_0002,maybe\n", "Line 2 .* reads 'Ann_0001,Ann_0002,maybe'"),
        ("first,second,same\n,Ann_0002,1\n", "Line 2"),
        ("first,second,same,fold\nAnn_0001,Ann_0002,1,a\n", "Line 2 .* fold 'a'"),
        ("first,second,same,fold\nAnn_0001,Ann_0002,1,²\n", "Line 2 .* fold '²'"),
        ("first,second,same,fold\nAnn_0001,Ann_0002,1,12345678901234567890\n", "Line 2 .* of 18 digits at most"),
        ("first,first,same\n", "no column 'second'"),
        ("first,second,same,same\nAnn_0001,Ann_0002,1,1\n", "two columns of one name"),
        ("first,second,same\nAnn_0001,Ann_0001,1\n", "Line 2 .* compares the image 'Ann_0001' with itself"),
    ],
)
def test_a_malformed_list_is_one_sentence(written, text, sentence):
    path = written(text)
    with pytest.raises(DataError, match=sentence) as refusal:
        rows_of(read_comparisons(path), path, IDS)
    assert "\n" not in str(refusal.value)


def test_no_text_is_one_sentence(tmp_path):
    with pytest.raises(DataError, match=r"There is no file .*pairs="):
        read_comparisons(tmp_path / "nothing.csv")
    (tmp_path / "odd.csv").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(DataError, match="UTF-8"):
        read_comparisons(tmp_path / "odd.csv")
    with pytest.raises(DataError, match="is a folder"):
        read_comparisons(tmp_path)


@pytest.mark.parametrize(
    ("line", "left"),
    [("1,b/2.png,0", None), ("a/1.png,a/2.png,1", 1), ("/data/a/1.png,b/2,0", 1), ("a/1.jpg,a/2.png,1", 0)],
)
def test_a_name_that_means_a_failed_image_too_is_never_taken_for_the_one_that_is_left(written, line, left):
    path = written(f"first,second,same\n{line}\nb/1.jpg,b/2.png,1\n")
    kept, failed = ["a/1.jpg", "b/1.jpg", "a/2.png", "b/2.png"], {"a/1.png": "torn"}
    if left is None:
        with pytest.raises(DataError, match="does not have, the first being '1' in line 2"):
            rows_of(read_comparisons(path), path, kept, failed)
        return
    pairs, left_out = rows_of(read_comparisons(path), path, kept, failed)
    assert (len(pairs), left_out) == (2 - left, left)
