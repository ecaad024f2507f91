"""Folders of the user's own images, and ORL on a made-up copy and on the real one where RESEMBLANCE_DATA has it."""

import doctest
import io
import os
import sys
import warnings
import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from resemblance.data.folder import ORL, ImageFolder, listing
from resemblance.data.name_hash import name_digests, own_name
from resemblance.errors import ConfigurationError, DataError, ResemblanceWarning

PEOPLE = {f"person {number}": 2 + number % 3 for number in range(1, 21)}


def picture(
    seed: int, width: int = 40, height: int = 40, kind: str = "PNG", mode: str = "RGB", **more: object
) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (width, height), (seed % 250, 3 * seed % 250, 200)).convert(mode).save(file, kind)
    return file.getvalue()


def people(prefix: str = "") -> dict[str, bytes]:
    return {
        f"{prefix}{name}/{number}.png": picture(7 * seed + number)
        for seed, (name, count) in enumerate(PEOPLE.items())
        for number in range(1, count + 1)
    }


def write(root: Path, files: dict[str, bytes]) -> Path:
    for name, content in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(content)
    return root


def pack(file: Path, files: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return file


@pytest.mark.parametrize("layout", ["folder", "deeper", "zip in a folder", "zip"])
def test_every_layout_gives_the_same_sets(layout, tmp_path):
    if layout == "folder":
        root = write(tmp_path, people())
    elif layout == "deeper":
        root = write(tmp_path, people("my faces/aligned/"))
    else:
        file = pack(tmp_path / "faces.zip", people("faces/"))
        root = file if layout == "zip" else tmp_path
    source = ImageFolder(str(root), image_size=16, test_share=1.0)
    source.prepare()
    test = source.test()
    assert test.identity_names == list(PEOPLE), "in natural order: person 2 before person 10"
    assert test.image_ids[:3] == ["person 1/1.png", "person 1/2.png", "person 1/3.png"]
    assert torch.bincount(test.identities).tolist() == list(PEOPLE.values())
    assert test.images[4, :, 8, 8].tolist() == [9, 27, 200]  # person 2/2.png
    assert source.describe()["test_images"] == sum(PEOPLE.values())
    assert source.pairs() is source.episodes() is None


def test_identities_are_split_by_the_shares_and_the_seed(tmp_path):
    root = str(write(tmp_path, people()))

    def names(**knobs):
        source = ImageFolder(root, image_size=16, **knobs)
        return [set(part().identity_names) for part in (source.train, source.validation, source.test)]

    train, validation, test = names(validation_share=0.2, test_share=0.3)
    assert (len(train), len(validation), len(test)) == (8, 7, 5), "the shares are met about, as hashes fall"
    assert train | validation | test == set(PEOPLE)
    assert len(train) + len(validation) + len(test) == len(PEOPLE)
    assert names(validation_share=0.2, test_share=0.3) == [train, validation, test]
    with pytest.warns(ResemblanceWarning, match="20 identities are so few"):
        assert names(validation_share=0.2, test_share=0.3, seed=1) != [train, validation, test]


def test_a_folder_that_is_added_moves_nobody_else(tmp_path):
    root = write(tmp_path, people())

    def names():
        source = ImageFolder(str(root), image_size=16)
        return [set(part().identity_names) for part in (source.train, source.validation, source.test)]

    before = names()
    write(root, {f"aaa {number}/{image}.png": picture(image) for number in range(9) for image in (1, 2)})
    for earlier, later in zip(before, names(), strict=True):
        assert earlier == later & set(PEOPLE)
    assert set.union(*names()) - set(PEOPLE) == {f"aaa {number}" for number in range(9)}


def test_a_second_folder_of_people_moves_nobody_whatever_they_are_called_by(tmp_path):
    write(tmp_path, people("batch 1/"))

    def sets():
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ResemblanceWarning)  # folders in folders
            source = ImageFolder(str(tmp_path), image_size=16)
            return [part().identity_names for part in (source.train, source.validation, source.test)]

    before = sets()
    write(tmp_path, {f"batch 2/{name}": content for name, content in people().items() if name < "person 15"})
    write(tmp_path, {f"batch 2/aaa {number}/{image}.png": picture(image) for number in range(9) for image in (1, 2)})
    after = sets()
    for earlier, later in zip(before, after, strict=True):
        assert set(earlier) == {own_name(name) for name in later} & set(PEOPLE)
        assert {f"batch 1/{name}" for name in earlier} == {name for name in later if name.startswith("batch 1/")}
    assert torch.isin(name_digests(before[0]), name_digests(after[0])).all()
    assert not torch.isin(name_digests(before[0]), name_digests(after[2])).any()


def test_folders_that_are_all_called_alike_can_not_be_split(tmp_path):
    files = {f"{who} {number}/{who}/1.png": picture(number) for who in ("left", "right") for number in range(9)}
    source = ImageFolder(str(write(tmp_path, files)), image_size=16)
    with pytest.raises(DataError, match="needs 6 names of identities or more, two for each, but there are 2; give"):
        source.train()


def test_links_that_lead_nowhere_are_failures(tmp_path):
    write(tmp_path, people())
    (tmp_path / "person 1" / "gone.png").symlink_to(tmp_path / "nothing.png")
    source = ImageFolder(str(tmp_path), image_size=16, test_share=1.0)
    assert "No such file" in source.test().failures["person 1/gone.png"]
    assert source.describe()["unreadable_images"] == 1


@pytest.mark.skipif(sys.platform != "linux", reason="other systems refuse such names")
@pytest.mark.parametrize("name", ["Jos\udce9/1.png", "person 1/caf\udce9.png"])
def test_names_that_are_no_text_are_told_before_anything_is_done(name, tmp_path):
    write(tmp_path, {**people(), name: picture(1), "caf\udce9.txt": b""})
    with pytest.raises(DataError, match="is not in UTF-8; rename it") as told:
        ImageFolder(str(tmp_path), image_size=16).prepare()
    assert ascii(name) in str(told.value)
    str(told.value).encode()


def test_folders_within_a_person_s_folder_are_told(tmp_path):
    files = {
        f"{who}/{side}/{n}.png": picture(n) for who in ("anna", "bert") for side in ("left", "right") for n in (1, 2)
    }
    source = ImageFolder(str(write(tmp_path, {**files, "carl/1.png": picture(9)})), image_size=16, test_share=1.0)
    sentence = r"'anna/left' and 'anna/right' in 'anna' are two \(2 such folders in all\); if they are one"
    with pytest.warns(ResemblanceWarning, match=sentence):
        source.prepare()
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # it is told once
        assert source.test().num_identities == 5


def test_unreadable_images_are_left_out_listed_and_counted(tmp_path):
    files = people()
    bad = {
        "person 3/1.png": b"",
        "person 7/2.png": b"<html>not found</html>",
        "person 9/1.png": files["person 9/1.png"][:60],
    }
    write(tmp_path, {**files, **bad, "person 9/notes.txt": b"", ".DS_Store": b""})
    source = ImageFolder(str(tmp_path), image_size=16, test_share=1.0)
    test, told = source.test(), source.describe()
    assert list(test.failures) == list(bad)
    assert all(test.failures.values())
    assert not set(bad) & set(test.image_ids)
    assert len(test) == told["test_images"] == sum(PEOPLE.values()) - 3
    assert (told["unreadable_images"], told["other_files"]) == (3, 1)
    row = test.image_ids.index("person 7/3.png")
    assert test.images[row, 0, 0, 0] == 7 * 6 + 3, "rows keep their own pixels"


def test_a_damaged_entry_of_a_zip_file_is_a_failure_too(tmp_path):
    file = pack(tmp_path / "faces.zip", people())
    with zipfile.ZipFile(file) as archive:
        start = archive.getinfo("person 2/2.png").header_offset
    data = bytearray(file.read_bytes())
    data[start + 60] ^= 0xFF
    file.write_bytes(data)
    test = ImageFolder(str(file), image_size=16, test_share=1.0).test()
    assert list(test.failures) == ["person 2/2.png"]
    assert "damaged" in test.failures["person 2/2.png"]


def test_people_with_too_few_readable_images_are_not_trained_on(tmp_path):
    write(tmp_path, {**people(), "person 4/1.png": b"", "loner/1.png": picture(1)})
    source = ImageFolder(str(tmp_path), image_size=16, min_images_per_identity=3)
    for part in (source.train(), source.validation()):
        assert min(torch.bincount(part.identities)) >= 3
    told = source.describe()
    read = told["train_images"] + told["validation_images"] + told["test_images"]
    assert read + told["unreadable_images"] + told["images_of_left_out_identities"] == sum(PEOPLE.values()) + 1
    assert told["images_of_left_out_identities"] > 0


def test_pictures_of_any_shape_kind_and_orientation_are_read(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was turned: the left half of the file is the upper half of the picture
    halves = np.zeros((40, 60, 3), dtype=np.uint8)
    halves[:, :30] = 255
    turned = io.BytesIO()
    Image.fromarray(halves).save(turned, "JPEG", quality=95, exif=exif)
    write(
        tmp_path,
        {
            "a/1.JPG": turned.getvalue(),
            "a/2.webp": picture(1, 30, 50, "WEBP"),
            "b/1.pgm": picture(2, 92, 112, "PPM", "L"),
            "b/2.gif": picture(3, 20, 20, "GIF"),
            "b/3.png": picture(4, 50, 20, "PNG", "RGBA"),
        },
    )
    test = ImageFolder(str(tmp_path), image_size=16, test_share=1.0).test()
    assert test.image_ids == ["a/1.JPG", "a/2.webp", "b/1.pgm", "b/2.gif", "b/3.png"]
    assert test.images[0, :, :5].min() > 200
    assert test.images[0, :, -5:].max() < 50
    assert torch.equal(*test.images[2, :2])


@pytest.mark.parametrize("gray", [False, True])
def test_grey_images_have_three_equal_channels(gray, tmp_path):
    files = {**people(), "person 1/1.png": b""}
    images = ImageFolder(str(write(tmp_path, files)), image_size=16, test_share=1.0, gray=gray).test().images
    assert images.shape == (sum(PEOPLE.values()) - 1, 3, 16, 16)
    assert torch.equal(images[:, 0], images[:, 2]) == gray


def test_a_rehearsal_is_small(tmp_path):
    images = {f"{person}/{number}.png": picture(7 * person + number) for person in range(40) for number in range(5)}
    source = ImageFolder(str(write(tmp_path, images)), image_size=16)
    assert source.train().num_identities > 16
    small = source.rehearsal()
    assert small.train().num_identities == 16
    assert max(torch.bincount(small.test().identities)) <= 3
    assert max(torch.bincount(small.rehearsal().train().identities)) <= 3


@pytest.mark.parametrize(
    ("files", "sentence"),
    [
        ({"a/readme.txt": b""}, "There are no images at"),
        ({"1.png": picture(1), "a/1.png": picture(2)}, "The image '1.png' .* lies in no folder of an identity"),
        ({"a/1.png": b"", "b/1.png": picture(2)}, "has 1 identity with 1 or more readable images, but needs 2: 1 of"),
    ],
)
def test_what_can_not_be_used_is_told(files, sentence, tmp_path):
    with pytest.raises(DataError, match=sentence):
        ImageFolder(str(write(tmp_path, files)), test_share=1.0).test()


def test_nothing_is_trained_on_where_everything_is_tested(tmp_path):
    source = ImageFolder(str(write(tmp_path, people())), test_share=1.0)
    with pytest.raises(DataError, match="test_share=1 tests all identities and leaves none for train"):
        source.train()
    with pytest.raises(DataError, match="leaves none for validation"):
        source.validation()


@pytest.mark.parametrize(
    "knobs",
    [{"test_share": 0.0}, {"validation_share": 0.8}, {"crop": 0.0}, {"image_size": 8}, {"min_images_per_identity": 0}],
)
def test_a_knob_out_of_range_is_refused_before_any_file_is_looked_for(knobs):
    with pytest.raises(ConfigurationError, match=f"data.{next(iter(knobs))} must"):
        ImageFolder("nowhere", **knobs)


def test_orl_as_published(tmp_path):
    files = {
        f"orl_faces/s{person}/{number}.pgm": picture(10 * person + number, 92, 112, "PPM", "L")
        for person in range(1, 41)
        for number in range(1, 11)
    }
    source = ORL(str(write(tmp_path, {**files, "orl_faces/README": b""})), image_size=32)
    train, validation, test = source.train(), source.validation(), source.test()
    assert (train.num_identities, validation.num_identities, test.num_identities) == (25, 5, 10)
    assert (len(train), len(validation), len(test)) == (250, 50, 100)
    assert test.image_ids[9].endswith("/10.pgm")
    assert source.describe()["kind"] == "ORL"


def test_the_real_orl():
    file = Path(os.environ.get("RESEMBLANCE_DATA", "")) / "orl" / "orl_92x112.zip"
    if not os.environ.get("RESEMBLANCE_DATA") or not file.is_file():
        pytest.skip("orl_92x112.zip is not there: set RESEMBLANCE_DATA to the folder that holds orl/orl_92x112.zip")
    source = ORL()
    told = source.describe()
    assert told["train_images"] + told["validation_images"] + told["test_images"] == 400
    assert told["unreadable_images"] == 0
    assert source.test().images.float().std() > 30


def test_examples():
    outcome = doctest.testmod(listing)
    assert (outcome.failed, outcome.attempted) == (0, 1)
