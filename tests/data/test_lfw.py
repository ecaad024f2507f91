"""LFW on tiny made-up archives in every layout."""

import numpy as np
import pytest
import torch
from PIL import Image

from resemblance.data.lfw import LFW
from resemblance.errors import DataError
from tests.data.lfw_archives import LAYOUTS, TEST, TRAIN, course_archive, images, official, unpacked


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


@pytest.mark.parametrize(("layout", "images"), [(course_archive, "aligned"), (official, "published")])
def test_which_images_were_found_is_known_and_can_be_asked_for(layout, images, tmp_path):
    root = str(layout(tmp_path))
    assert LFW(root).resolved() == LFW(root, images=images).rehearsal().resolved() == {"images": images}
    assert LFW(root).describe()["images"] == images
    other = {"aligned": "published", "published": "aligned"}[images]
    with pytest.raises(DataError, match=f"^data.images is {other}, but '.*' has {images} images, with"):
        LFW(root, images=other).rehearsal().prepare()


def test_grey_images_become_rgb(tmp_path):
    unpacked(tmp_path)
    Image.fromarray(np.full((112, 112), 90, dtype=np.uint8)).save(tmp_path / "Probe_A/Probe_A_0001.jpg")
    image = LFW(str(tmp_path), image_size=16).test().images[0]
    assert image.shape == (3, 16, 16)
    assert (image.int() - 90).abs().max() <= 1
