import pytest

from resemblance.errors import ConfigurationError, DataError
from resemblance.evaluating.files.names import (
    NameIndex,
    SetNames,
    check_pattern,
    check_unique,
    identities_by_name,
    without_suffix,
)

LFW = ["Ann/Ann_0001.jpg", "Ann/Ann_0002.jpg", "Bob/Bob_0001.jpg"]


@pytest.mark.parametrize(
    "name", ["Ann/Ann_0002.jpg", "Ann/Ann_0002", "Ann_0002", "Ann_0002.png", "/data/lfw/Ann/Ann_0002.JPG"]
)
def test_a_name_is_found_with_or_without_folder_and_ending(name):
    assert NameIndex(LFW)[name] == 1


@pytest.mark.parametrize("name", ["Ann_0003", "Bob/Ann_0002.jpg", "Ann", "", "x/Ann/0002"])
def test_a_name_that_means_no_image_or_another_is_not_found(name):
    assert name not in NameIndex(LFW)


def test_an_ambiguous_name_is_not_guessed():
    index = NameIndex(["s1/1.png", "s2/1.png", "s2/2.png"])
    assert index.get("1.png") is None
    assert index.get("2.png") == 2
    assert index.get("/anywhere/s2/1.png") == 1


def test_endings_tell_apart_what_nothing_else_does():
    index = NameIndex(["a.png", "a.jpg"])
    assert (index["a.png"], index["a.jpg"], index.get("a")) == (0, 1, None)


@pytest.mark.parametrize(
    ("names", "name", "row"),
    [
        (["cam2/Ann/1.png"], "cam1/Ann/1.png", None),  # neither ends like the other
        (["cam2/Ann/1.png"], "Ann/1.png", 0),
        (["Ann/1.png"], "/data/cam1/Ann/1.png", 0),
        (["/data/Ann/1.png"], "Ann/1", 0),
        (["/data/Ann/1.png"], "/other/data/Ann/1", None),
        (["/data/Ann/1.png"], "/other/Ann/1", None),
        (["cam1/Ann/1.png", "cam2/Ann/1.png"], "Ann/1.png", None),
        (["Ann/1.png", "cam/Ann/1.png"], "/data/cam/Ann/1.png", None),  # either of them
        (["Ann/1.png", "cam/Ann/1.png"], "Ann/1.jpg", 0),
        (["s/a.png", "s/a.jpg"], "/data/s/a.jpg", 1),
        (["s/a.png", "s/a.jpg"], "/data/s/a", None),
        (["s/a.png", "s/a.jpg"], "s/a.bmp", None),
        (["nn/1.png"], "Ann/1.png", None),  # whole parts only
    ],
)
def test_all_parts_of_the_shorter_name_are_the_last_of_the_longer(names, name, row):
    assert NameIndex(names).get(name) == row


def test_a_failed_image_is_never_taken_for_another():
    names = SetNames(["a/1.jpg", "b/2.png"], ["a/1.png", "a/2.png"])
    assert [names.row(name) for name in ("a/1.jpg", "a/1.png", "/data/a/1.png", "a/2")] == [0, None, None, None]
    assert names.row("b/2") == 1
    for name in ("a/1", "2.png", "c/1.png"):  # both, both, neither
        with pytest.raises(KeyError):
            names.row(name)


def test_a_dot_inside_a_name_is_no_ending():
    assert without_suffix("J.R._Ewing_0001.jpg") == "J.R._Ewing_0001"
    assert NameIndex(["J.R._Ewing_0001"])["J.R._Ewing_0001.jpg"] == 0


def test_windows_paths_are_paths():
    assert NameIndex(LFW)["C:\\lfw\\Ann\\Ann_0002.jpg"] == 1


def test_identities_come_from_folder_number_or_rule():
    assert identities_by_name(["x/Ann/1.png", "Bob_0001.jpg", "A_B_12"], None, "f") == ["Ann", "Bob", "A_B"]
    assert identities_by_name(["id7-front", "id7-left"], "^(id[0-9]+)-", "f") == ["id7", "id7"]


@pytest.mark.parametrize(("names", "pattern"), [(["Ann_0001", "portrait"], None), (["Ann_0001", "7"], "([a-z]+)")])
def test_names_that_a_rule_does_not_fit_are_counted_and_the_first_is_named(names, pattern):
    with pytest.raises(DataError, match=rf"1 of 2 names in 'f' .* the first being '{names[1]}'; give identities"):
        identities_by_name(names, pattern, "f")


@pytest.mark.parametrize(("pattern", "sentence"), [("(", "not a regular expression"), ("^.*$", "has 0 groups")])
def test_a_rule_that_names_no_identity_is_refused_early(pattern, sentence):
    with pytest.raises(ConfigurationError, match=sentence):
        check_pattern(pattern)


def test_duplicates_are_counted_and_the_first_is_named():
    check_unique(["a", "b"], "f")
    with pytest.raises(DataError, match="2 image names stand more than once in 'f', the first being 'b'"):
        check_unique(["a", "b", "b", "c", "b", "a"], "f")
