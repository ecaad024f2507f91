"""LFW on tiny made-up archives in every layout, and on the real one where RESEMBLANCE_DATA has it."""

import io
import os
import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from resemblance.data.lfw import LFW
from resemblance.errors import ConfigurationError, DataError

TRAIN = {f"Train_{letter}": 1 + index % 4 for index, letter in enumerate("ABCDEFGHIJKLMNOPQRSTUVWXYZ")}
TEST = {f"Probe_{letter}": 1 + index % 4 for index, letter in enumerate("ABCDEFGHIJKLMNOP")}
LISTS = {
    "peopleDevTrain.txt": f"{len(TRAIN)}\n" + "".join(f"{name}\t{count}\n" for name, count in TRAIN.items()),
    "peopleDevTest.txt": f"{len(TEST)}\n" + "".join(f"{name}\t{count}\n" for name, count in TEST.items()),
    "pairsDevTest.txt": "2\nProbe_D\t1\t4\nProbe_H\t2\t3\nProbe_A\t1\tProbe_B\t2\nProbe_C\t3\tProbe_D\t1\n",
}


def jpeg(size: int, seed: int) -> bytes:
    """One colour, a frame of another around the central three quarters."""
    pixels = np.full((size, size, 3), seed * 7 % 200 + 20, dtype=np.uint8)
    frame = size // 16
    pixels[:frame] = pixels[-frame:] = pixels[:, :frame] = pixels[:, -frame:] = 255
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "JPEG", quality=95)
    return file.getvalue()


def images(size: int = 112) -> dict[str, bytes]:
    names = [
        f"{name}/{name}_{number:04d}.jpg" for name, count in (TRAIN | TEST).items() for number in range(1, count + 1)
    ]
    return {name: jpeg(size, seed) for seed, name in enumerate(names)}


def write_folder(folder: Path, files: dict[str, bytes] | dict[str, str]) -> None:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())


def write_zip(file: Path, files: dict[str, bytes] | dict[str, str], prefix: str = "") -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in files.items():
            archive.writestr(prefix + name, content)


def course_archive(root: Path) -> Path:
    write_zip(root / "lfw_112.zip", images())
    write_zip(root / "lfw_protocol.zip", LISTS)
    return root


def nested_zips(root: Path) -> Path:
    write_zip(root / "lfw_112.zip", images(), "lfw_112/")
    write_zip(root / "lists.zip", LISTS, "lfw_protocol/")
    return root


def zip_file_itself(root: Path) -> Path:
    return course_archive(root) / "lfw_112.zip"


def unpacked(root: Path) -> Path:
    write_folder(root, images())
    write_folder(root, LISTS)
    return root


def unpacked_one_level_down(root: Path) -> Path:
    write_folder(root / "lfw_112", images())
    write_folder(root / "protocol", LISTS)
    return root


def official(root: Path) -> Path:
    write_folder(root / "lfw-deepfunneled", images(250))
    write_folder(root, LISTS)
    return root


def official_folder_itself(root: Path) -> Path:
    write_folder(root / "lfw" / "lfw", images(250))
    write_folder(root / "lfw" / "lists", LISTS)
    return root / "lfw" / "lfw"


LAYOUTS = [
    course_archive,
    nested_zips,
    zip_file_itself,
    unpacked,
    unpacked_one_level_down,
    official,
    official_folder_itself,
]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_layout_gives_the_same_sets(layout, tmp_path):
    source = LFW(str(layout(tmp_path)), image_size=16)
    source.prepare()
    train, validation, test = source.train(), source.validation(), source.test()
    enough = {name for name, count in TRAIN.items() if count > 1}
    assert set(train.identity_names) | set(validation.identity_names) == enough
    assert not set(train.identity_names) & set(validation.identity_names)
    assert validation.num_identities == 2
    assert test.identity_names == list(TEST)
    assert torch.bincount(test.identities).tolist() == list(TEST.values())
    assert test.images.shape == (sum(TEST.values()), 3, 16, 16)
    assert test.images.dtype == torch.uint8
    assert test.image_ids[:3] == ["Probe_A_0001", "Probe_B_0001", "Probe_B_0002"]


@pytest.mark.parametrize("layout", [course_archive, official])
def test_each_row_is_the_image_of_its_name_cropped_to_the_middle(layout, tmp_path):
    test = LFW(str(layout(tmp_path)), image_size=16).test()
    order = [name.rpartition("/")[2].removesuffix(".jpg") for name in images(16)]
    for image, name in zip(test.images, test.image_ids, strict=True):
        expected = order.index(name) * 7 % 200 + 20  # the frame is cropped away in both layouts
        assert (image.int() - expected).abs().max() <= 2, name


def test_the_whole_aligned_image_can_be_kept(tmp_path):
    whole = LFW(str(course_archive(tmp_path)), crop=112, image_size=112).test()
    assert (whole.images[:, :, :4] > 240).all()


def test_pairs_are_rows_of_the_test_set(tmp_path):
    source = LFW(str(course_archive(tmp_path)), image_size=16)
    test, pairs = source.test(), source.pairs()
    names = [
        (test.image_ids[first], test.image_ids[second])
        for first, second in zip(pairs.first.tolist(), pairs.second.tolist(), strict=True)
    ]
    assert names == [
        ("Probe_D_0001", "Probe_D_0004"),
        ("Probe_H_0002", "Probe_H_0003"),
        ("Probe_A_0001", "Probe_B_0002"),
        ("Probe_C_0003", "Probe_D_0001"),
    ]
    assert pairs.same.tolist() == [True, True, False, False]
    assert pairs.name == "pairsDevTest"


def test_the_split_depends_on_the_data_seed_alone(tmp_path):
    root = str(course_archive(tmp_path))

    def held_out(seed: int) -> list[str]:
        torch.manual_seed(seed + 100)
        return LFW(root, validation_share=0.4, image_size=16, seed=seed).validation().identity_names

    assert held_out(0) == held_out(0)
    assert held_out(0) != held_out(1)
    assert len(held_out(0)) == round(0.4 * sum(count > 1 for count in TRAIN.values()))


def test_people_with_too_few_images_are_left_out_and_counted(tmp_path):
    source = LFW(str(course_archive(tmp_path)), min_images_per_identity=3)
    told = source.describe()
    few = [count for count in TRAIN.values() if count < 3]
    assert (told["left_out_identities"], told["left_out_images"]) == (len(few), sum(few))
    assert told["train_identities"] + told["validation_identities"] == len(TRAIN) - len(few)
    assert told["test_images"] == sum(TEST.values())
    assert min(torch.bincount(source.train().identities)) == 3


def test_a_rehearsal_is_small_and_keeps_both_kinds_of_pairs(tmp_path):
    source = LFW(str(course_archive(tmp_path)), image_size=16).rehearsal()
    test, pairs = source.test(), source.pairs()
    assert source.train().num_identities == 16
    assert max(torch.bincount(test.identities)) <= 3
    assert pairs.same.tolist() == [True, True, False, False]
    assert test.image_ids[pairs.second[0]] == "Probe_D_0004"
    assert source.rehearsal().test().num_identities == test.num_identities


def test_the_environment_variable_names_the_folder(tmp_path, monkeypatch):
    course_archive(tmp_path / "lfw")
    monkeypatch.setenv("RESEMBLANCE_DATA", str(tmp_path))
    assert LFW(image_size=16).test().num_identities == len(TEST)


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


@pytest.mark.parametrize(("layout", "images"), [(course_archive, "aligned"), (official, "published")])
def test_which_images_were_found_is_known_and_can_be_asked_for(layout, images, tmp_path):
    root = str(layout(tmp_path))
    assert LFW(root).resolved() == LFW(root, images=images).rehearsal().resolved() == {"images": images}
    assert LFW(root).describe()["images"] == images
    other = {"aligned": "published", "published": "aligned"}[images]
    with pytest.raises(DataError, match=f"^data.images is {other}, but '.*' has {images} images, with"):
        LFW(root, images=other).rehearsal().prepare()


def test_images_of_both_kinds_in_one_folder_are_refused(tmp_path):
    unpacked(tmp_path)
    (tmp_path / "Probe_D/Probe_D_0002.jpg").write_bytes(jpeg(250, 0))
    with pytest.raises(DataError, match=r"'Probe_D/Probe_D_0002\.jpg' is one of the published images, with 250 × 250"):
        LFW(str(tmp_path)).test()


def test_grey_images_become_rgb(tmp_path):
    unpacked(tmp_path)
    Image.fromarray(np.full((112, 112), 90, dtype=np.uint8)).save(tmp_path / "Probe_A/Probe_A_0001.jpg")
    image = LFW(str(tmp_path), image_size=16).test().images[0]
    assert image.shape == (3, 16, 16)
    assert (image.int() - 90).abs().max() <= 1


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


@pytest.fixture(scope="module")
def real() -> LFW:
    folder = Path(os.environ.get("RESEMBLANCE_DATA", "")) / "lfw"
    for name in ("lfw_112.zip", "lfw_protocol.zip"):
        if not os.environ.get("RESEMBLANCE_DATA") or not (folder / name).is_file():
            pytest.skip(f"{name} is not there: set RESEMBLANCE_DATA to the folder that holds lfw/{name}")
    return LFW(str(folder))


def test_the_real_lists_have_the_published_counts(real):
    told = real.describe()
    train, held_out = told["train_identities"], told["validation_identities"]
    assert (train, held_out, told["left_out_identities"]) == (1066, 118, 4038 - 1184)
    assert told["train_images"] + told["validation_images"] == 6671
    assert told["test_identities"] == 1711
    pairs = real.pairs()
    assert (int(pairs.same.sum()), int((~pairs.same).sum())) == (500, 500)


def test_the_real_rehearsal_has_all_that_the_protocols_need(real):
    source = real.rehearsal()
    train, validation, test, pairs = source.train(), source.validation(), source.test(), source.pairs()
    for faces in (train, validation):
        assert torch.bincount(faces.identities).tolist() == [3] * 16
    counts = torch.bincount(test.identities)
    assert (int(counts.sum()) ** 2 - int((counts**2).sum())) // 2 >= 1000
    assert test.num_identities <= 20
    assert (test.identities[pairs.first] == test.identities[pairs.second]).tolist() == pairs.same.tolist()
    assert set(pairs.same.tolist()) == {True, False}
    assert test.images.float().std() > 30


def test_the_real_test_set_has_496_people_with_a_second_image(real):
    view = real.test()
    assert int((torch.bincount(view.identities) >= 2).sum()) == 496
    assert len(view) == 3708
