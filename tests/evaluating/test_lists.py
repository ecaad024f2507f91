"""Files that a user brings: lists of comparisons, metadata, templates."""

from dataclasses import replace

import pytest
import torch

from resemblance.embeddings import Embeddings, PairList
from resemblance.errors import DataError
from resemblance.evaluating.material import Material, rows_kept, without_invalid
from resemblance.evaluating.metadata_file import aligned, read_metadata
from resemblance.evaluating.pairs_file import read_comparisons, rows_of
from resemblance.evaluating.templates_file import NEITHER, NO_IMAGE, NO_QUALITY, as_templates, read_templates
from resemblance.similarity import CosineSimilarity

IDS = ["Ann_0001", "Ann_0002", "Bob_0001", "Bob_0002", "Cem_0001"]


@pytest.fixture
def written(tmp_path):
    def write(text, name="list.csv"):
        path = tmp_path / name
        path.write_text(text)
        return path

    return write


def material(vectors=None, **more):
    vectors = torch.eye(5) + 0.1 if vectors is None else vectors
    return Material(
        Embeddings(vectors, torch.tensor([0, 0, 1, 1, 2])), IDS, ["Ann", "Bob", "Cem"], CosineSimilarity(), **more
    )


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


def test_metadata_is_put_beside_the_rows(written):
    path = written(
        "image,age,code,group\nAnn/Ann_0002.jpg,31.5,007,a\nCem_0001,,010,\nBob_0001,4,x,b\nDan_0001,9,1,b\n", "m.csv"
    )
    found = aligned(read_metadata(path), path, IDS)
    assert found.columns["age"] == [None, 31.5, 4.0, None, None]
    assert found.columns["code"] == [None, "007", "x", None, "010"]
    assert found.columns["group"] == [None, "a", "b", None, None]
    assert (found.without, found.unknown) == (2, ("Dan_0001",))


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


def test_templates_replace_images(written):
    path = written(
        "image,template,medium,quality\nAnn_0001,t2,video,2\nAnn_0002,t2,video,4\nBob_0001,t1,a,1\nBob_0002,t1,b,1\n"
    )
    found = as_templates(material(torch.eye(5)), read_templates(path), path)
    assert found.image_ids == ["t2", "t1"]
    assert found.test.identities.tolist() == [0, 1]
    expected = torch.tensor([[1.0, 2, 0, 0, 0], [0, 0, 1, 1, 0]])
    torch.testing.assert_close(found.test.vectors, expected / expected.norm(dim=1, keepdim=True))
    assert found.told == (
        "2 templates of 4 images are compared, not single images.",
        f"1 images belong to no template of '{path}' and are not compared.",
    )


def test_a_template_without_any_embedding_is_a_failure_to_acquire_beside_those_of_images(written):
    path = written(
        "image,template,quality\nAnn_0001,t1,1\nDan_0001,t1,1\nDan_0001,t2,1\nDan_0002,t3,0\nBob_0001,t4,2\n"
        "Bob_0001,t5,0\nBob_0002,t6,0\nDan_0002,t6,1\n"
    )
    of_images = {"Dan_0001": "torn", "Dan_0002": "torn"}
    found = as_templates(material(failures=of_images), read_templates(path), path)
    assert found.image_ids == ["t1", "t4"]
    assert found.failures == {"t2": NO_IMAGE, "t3": NO_IMAGE, "t5": NO_QUALITY, "t6": NEITHER}
    assert found.listed_failures() == (of_images, found.failures)
    assert found.told == (
        "2 templates of 2 images are compared, not single images.",
        f"4 lines of '{path}' are left out of their templates: their images give no embedding.",
        f"3 lines of '{path}' add nothing to their templates: they have the quality 0.",
        f"2 images belong to no template of '{path}' and are not compared.",
    )


def test_an_image_of_quality_0_still_counts_among_those_of_its_medium(written):
    path = written("image,template,medium,quality\nAnn_0001,t,video,1\nBob_0001,t,video,0\nAnn_0002,t,b,1\n")
    of_one = replace(material(), test=Embeddings(torch.eye(5), torch.zeros(5, dtype=torch.int64)))
    found = as_templates(of_one, read_templates(path), path)
    torch.testing.assert_close(found.test.vectors[0, :2], torch.tensor([0.5, 1.0]) / 1.25**0.5)


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


def test_templates_and_metadata_take_no_other_image_for_a_failed_one(written):
    path = written("image,template\nAnn_0001.png,t1\nBob_0001,t2\n")
    failed = {"Ann_0001.png": "torn"}
    found = as_templates(material(failures=failed), read_templates(path), path)
    assert (found.image_ids, list(found.failures)) == (["t2"], ["t1"])
    path = written("image,age\nAnn_0001.png,3\nBob_0001,4\nDan_0001,5\n", "m.csv")
    about = aligned(read_metadata(path), path, IDS, failed)
    assert (about.columns["age"], about.unknown) == ([None, None, 4.0, None, None], ("Dan_0001",))


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("image,template\nZoe_0001,t1\n", "1 image that the test set does not have, the first being 'Zoe_0001'"),
        ("image,template\nAnn_0001,t1\nBob_0001,t1\n", "'t1' .* holds images of 'Ann' and of 'Bob' .line 3"),
        ("image,template\nAnn_0001,t1\nAnn_0001,t1\n", "Line 3 .* a second time"),
        ("image,template\nAnn_0001,t1\nAnn/Ann_0001.jpg,t1\n", "Line 3 .* 'Ann/Ann_0001.jpg' .* a second time"),
        ("image,template,quality\nAnn_0001,t1,-1\n", "Line 2 .* quality of 0 or more"),
        ("image,template,quality\nAnn_0001,t1,nan\n", "Line 2"),
        ("image,template,quality\nAnn_0001,t1,much\n", "Line 2"),
        ("image,template,quality\nAnn_0001,t1,0\n", "No image"),
    ],
)
def test_malformed_templates_are_one_sentence(written, text, sentence):
    path = written(text)
    with pytest.raises(DataError, match=sentence):
        as_templates(material(), read_templates(path), path)


PAIRS = PairList(torch.tensor([0, 0, 2]), torch.tensor([1, 4, 3]), torch.tensor([True, False, True]), "p")


def test_rows_that_go_take_their_comparisons_with_them():
    kept, dropped = rows_kept(PAIRS, torch.tensor([True, True, True, True, False]))
    assert (kept.first.tolist(), kept.second.tolist(), dropped) == ([0, 2], [1, 3], 1)
    kept, dropped = rows_kept(PAIRS, torch.tensor([True, False, True, True, True]))
    assert (kept.first.tolist(), kept.second.tolist(), dropped) == ([0, 1], [3, 2], 1)


def test_broken_embeddings_are_refused_or_counted_as_failures_to_acquire():
    vectors = torch.eye(5)
    vectors[1], vectors[4, 2] = 0, torch.inf
    with pytest.raises(DataError, match=r"1 hold NaN or infinite numbers and 1 are all zeros, .* 'Ann_0002'; mend"):
        without_invalid(material(vectors), "refuse", "'v.npz'")
    metadata = {"age": [1.0, 2.0, 3.0, 4.0, 5.0]}
    found = without_invalid(material(vectors, pairs=PAIRS, metadata=metadata), "exclude", "'v.npz'")
    assert found.image_ids == ["Ann_0001", "Bob_0001", "Bob_0002"]
    assert found.identity_names == ["Ann", "Bob"]
    assert found.test.identities.tolist() == [0, 1, 1]
    assert found.failures == {
        "Ann_0002": "the embedding is all zeros",
        "Cem_0001": "the embedding holds NaN or infinite numbers",
    }
    assert (found.pairs.first.tolist(), found.metadata) == ([1], {"age": [1.0, 3.0, 4.0]})
    assert found.told == ("2 of the listed comparisons are left out: an image of theirs gives no embedding.",)


def test_a_set_of_which_nothing_is_left_is_refused():
    with pytest.raises(DataError, match="No image gives a usable embedding"):
        without_invalid(material(torch.zeros(5, 2)), "exclude", "'v.npz'")


def test_cells_may_hold_what_only_looks_like_the_end_of_a_line(written):
    path = written('image,note\nAnn_0001,"two\nlines"\nAnn_0002,a\u2028b\nBob_0001,a\x0bb\x85c\nBob_0002,x\n', "m.csv")
    table = read_metadata(path)
    assert [row["note"] for row in table.rows] == ["two\nlines", "a\u2028b", "a\x0bb\x85c", "x"]
    assert table.lines == [3, 4, 5, 6]
