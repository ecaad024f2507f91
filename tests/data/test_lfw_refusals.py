"""Archives of LFW that can't be read, lack something or contradict themselves are refused in one sentence."""

import zipfile
from pathlib import Path

import pytest

from resemblance.data.lfw import LFW
from resemblance.data.lfw.archive import find_images
from resemblance.errors import ConfigurationError, DataError
from tests.data.lfw_archives import LISTS, course_archive, images, jpeg, unpacked, write_folder, write_zip


def test_the_three_ways_of_a_missing_root_are_told(tmp_path, monkeypatch):
    monkeypatch.delenv("RESEMBLANCE_DATA", raising=False)
    with pytest.raises(DataError, match=r"set data\.root to its folder, or the environment variable RESEMBLANCE_DATA"):
        LFW().prepare()
    monkeypatch.setenv("RESEMBLANCE_DATA", str(tmp_path))
    with pytest.raises(DataError, match=r"there is no folder '.*lfw'"):
        LFW().prepare()
    with pytest.raises(DataError, match=r"There is no folder '.*nowhere'; set data\.root"):
        LFW(str(tmp_path / "nowhere")).prepare()


def test_a_root_without_images_is_refused(tmp_path):
    write_folder(tmp_path, LISTS)
    with pytest.raises(DataError, match=r"There are no images Name/Name_0001\.jpg at"):
        LFW(str(tmp_path)).prepare()
    (tmp_path / "lfw-deepfunneled.tgz").touch()
    with pytest.raises(DataError, match=r"unpack lfw-deepfunneled\.tgz there"):
        LFW(str(tmp_path)).prepare()


def test_folders_that_may_not_be_looked_into_are_passed_by_and_told_where_nothing_is_found(tmp_path, monkeypatch):
    for name in ("lost+found", "a closed one"):
        (tmp_path / name).mkdir()
    list_of = Path.iterdir

    def iterdir(path):
        if path.name in ("lost+found", "a closed one"):
            raise PermissionError(13, "Permission denied", str(path))
        return list_of(path)

    monkeypatch.setattr(Path, "iterdir", iterdir)  # who is root may look anywhere
    with pytest.raises(DataError, match=r"no images .*, but '.*a closed one' can't be listed; check its permissions"):
        LFW(str(tmp_path)).prepare()
    unpacked(tmp_path / "lfw")
    LFW(str(tmp_path / "lfw")).prepare()
    assert find_images(tmp_path).files() == find_images(tmp_path / "lfw").files()


@pytest.mark.parametrize("name", sorted(LISTS))
def test_a_missing_list_is_named(name, tmp_path):
    write_folder(tmp_path, images())
    write_folder(tmp_path, {other: text for other, text in LISTS.items() if other != name})
    with pytest.raises(DataError, match=f"The list '{name}' of LFW is missing"):
        LFW(str(tmp_path)).prepare()


@pytest.mark.parametrize("kept", [0.3, 0.99])
def test_a_zip_file_downloaded_in_part_is_refused(kept, tmp_path):
    file = course_archive(tmp_path) / "lfw_112.zip"
    whole = file.read_bytes()
    file.write_bytes(whole[: int(kept * len(whole))])
    with pytest.raises(DataError, match=r"lfw_112\.zip' is not a whole zip file .* download it\s+again"):
        LFW(str(tmp_path)).prepare()


@pytest.mark.parametrize("layout", [course_archive, unpacked])
def test_missing_images_are_counted_and_the_first_is_named_with_list_and_line(layout, tmp_path):
    gone = ["Train_D/Train_D_0003.jpg", "Probe_H/Probe_H_0001.jpg"]
    for name in gone:
        assert name in images(16)
    layout(tmp_path)
    if layout is unpacked:
        for name in gone:
            (tmp_path / name).unlink()
    else:
        write_zip(tmp_path / "lfw_112.zip", {name: data for name, data in images().items() if name not in gone})
    with pytest.raises(DataError) as refusal:
        LFW(str(tmp_path)).prepare()
    told = str(refusal.value)
    assert told.startswith("Line 5 of 'peopleDevTrain.txt' names the image 'Train_D/Train_D_0003.jpg'")
    assert "and 1 more are missing" in told


@pytest.mark.parametrize("content", [b"", b"<html>not found</html>", jpeg(112, 1)[:300]])
def test_an_unreadable_image_is_named(content, tmp_path):
    unpacked(tmp_path)
    (tmp_path / "Probe_D/Probe_D_0002.jpg").write_bytes(content)
    with pytest.raises(DataError, match=r"The image 'Probe_D/Probe_D_0002\.jpg' at '.*' can't be read"):
        LFW(str(tmp_path)).test()


def test_a_damaged_image_in_a_zip_file_is_named(tmp_path):
    file = course_archive(tmp_path) / "lfw_112.zip"
    with zipfile.ZipFile(file) as archive:
        start = archive.getinfo("Probe_D/Probe_D_0002.jpg").header_offset
    data = bytearray(file.read_bytes())
    data[start + 200] ^= 0xFF
    file.write_bytes(data)
    with pytest.raises(DataError, match=r"'Probe_D/Probe_D_0002\.jpg' in '.*lfw_112\.zip' is damaged"):
        LFW(str(tmp_path)).test()


def test_an_image_of_another_size_is_refused(tmp_path):
    unpacked(tmp_path)
    (tmp_path / "Probe_D/Probe_D_0002.jpg").write_bytes(jpeg(96, 0))
    with pytest.raises(DataError, match=r"'Probe_D/Probe_D_0002\.jpg' has 96 × 96 pixels"):
        LFW(str(tmp_path)).test()


def test_images_of_both_kinds_in_one_folder_are_refused(tmp_path):
    unpacked(tmp_path)
    (tmp_path / "Probe_D/Probe_D_0002.jpg").write_bytes(jpeg(250, 0))
    with pytest.raises(DataError, match=r"'Probe_D/Probe_D_0002\.jpg' is one of the published images, with 250 × 250"):
        LFW(str(tmp_path)).test()


def test_a_malformed_list_is_refused_with_file_and_line(tmp_path):
    unpacked(tmp_path)
    (tmp_path / "pairsDevTest.txt").write_text("1\nProbe_D\t1\t4\nProbe_A\t1\tProbe_B\n")
    with pytest.raises(DataError, match=r"Line 3 of 'pairsDevTest\.txt'"):
        LFW(str(tmp_path)).prepare()


def test_a_pair_outside_the_test_people_is_refused(tmp_path):
    unpacked(tmp_path)
    (tmp_path / "pairsDevTest.txt").write_text("1\nProbe_D\t1\t4\nProbe_A\t1\tTrain_B\t1\n")
    with pytest.raises(DataError, match=r"Line 3 of 'pairsDevTest\.txt' names the image 'Train_B_0001'"):
        LFW(str(tmp_path)).prepare()


def test_someone_trained_on_and_tested_on_is_refused(tmp_path):
    unpacked(tmp_path)
    (tmp_path / "peopleDevTest.txt").write_text(LISTS["peopleDevTest.txt"].replace("Probe_P\t4", "Train_D\t4"))
    with pytest.raises(DataError, match=r"'Train_D' is in peopleDevTrain\.txt and in peopleDevTest\.txt"):
        LFW(str(tmp_path)).prepare()


def test_too_few_identities_are_refused_with_their_number(tmp_path):
    unpacked(tmp_path)
    with pytest.raises(DataError, match=r"'peopleDevTrain\.txt' has 0 people with 5 or more images"):
        LFW(str(tmp_path), min_images_per_identity=5).prepare()


@pytest.mark.parametrize(
    "knobs", [{"validation_share": 0.0}, {"crop": 113}, {"image_size": 8}, {"seed": -1}, {"min_images_per_identity": 0}]
)
def test_a_knob_out_of_range_is_refused_before_any_file_is_looked_for(knobs):
    with pytest.raises(ConfigurationError, match=f"data.{next(iter(knobs))} must"):
        LFW("nowhere", **knobs)
