import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from resemblance.data.augmentation import (
    Augmentation,
    RandomAffine,
    RandomBrightnessContrast,
    RandomErasing,
    RandomFlipShift,
    RandomGray,
)
from resemblance.errors import ConfigurationError

STEPS = {
    "flip": 0.5,
    "shift": 3,
    "rotate": 20.0,
    "scale": 0.2,
    "brightness": 0.5,
    "contrast": 0.5,
    "gray": 0.5,
    "erase": 0.5,
}


def pictures(size: int = 8, height: int = 12, width: int = 10) -> Tensor:
    return torch.rand(size, 3, height, width, generator=torch.Generator().manual_seed(5))


def test_without_strength_nothing_changes():
    images = pictures()
    augment = Augmentation()
    assert len(augment) == 0
    assert torch.equal(augment(images), images)


@pytest.mark.parametrize("name", STEPS)
def test_each_strength_switches_on_one_step_that_changes_images(name):
    torch.manual_seed(0)
    images = pictures(32)
    augment = Augmentation(**{name: STEPS[name]})
    assert len(augment) == 1
    assert not torch.equal(augment(images), images)


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10**6), kind=st.sampled_from(["random", "black", "white"]))
def test_images_stay_between_0_and_1_and_the_input_stays_as_it_was(seed, kind):
    torch.manual_seed(seed)
    images = {"random": pictures(), "black": torch.zeros(8, 3, 12, 10), "white": torch.ones(8, 3, 12, 10)}[kind]
    before = images.clone()
    changed = Augmentation(**STEPS)(images)
    assert changed.shape == images.shape
    assert changed.dtype == torch.float32
    assert changed.min() >= 0
    assert changed.max() <= 1
    assert torch.equal(images, before)


def test_the_seed_fixes_every_draw_and_each_image_gets_its_own():
    images = pictures(1).repeat(32, 1, 1, 1)
    augment = Augmentation(**STEPS)
    torch.manual_seed(3)
    first = augment(images)
    torch.manual_seed(3)
    assert torch.equal(first, augment(images))
    assert not torch.equal(first, augment(images))
    assert len({image.numpy().tobytes() for image in first}) == 32


def test_a_sure_flip_is_the_mirror_image():
    images = pictures()
    assert torch.equal(RandomFlipShift(1.0, 0)(images), images.flip(-1))


def test_half_of_the_images_are_flipped_and_the_others_untouched():
    torch.manual_seed(0)
    images = pictures(1000, 4, 4)
    flipped = RandomFlipShift(0.5, 0)(images)
    same = (flipped == images).flatten(1).all(1)
    mirrored = (flipped == images.flip(-1)).flatten(1).all(1)
    assert (same ^ mirrored).all()
    assert 430 < int(mirrored.sum()) < 570


def test_a_shift_moves_the_content_whole_and_mirrors_the_border():
    torch.manual_seed(0)
    images = pictures(64)
    shifted = RandomFlipShift(0.0, 2)(images)
    padded = torch.nn.functional.pad(images, (2, 2, 2, 2), mode="reflect")
    moves = set()
    for image, around in zip(shifted, padded, strict=True):
        found = [
            (down, right)
            for down in range(5)
            for right in range(5)
            if torch.equal(image, around[:, down : down + 12, right : right + 10])
        ]
        assert len(found) == 1
        moves.update(found)
    assert len(moves) > 15


def test_flip_and_shift_together_are_a_moved_mirror_image():
    torch.manual_seed(0)
    images = pictures(1)
    changed = RandomFlipShift(1.0, 2)(images.repeat(32, 1, 1, 1))
    around = torch.nn.functional.pad(images[0].flip(-1), (2, 2, 2, 2), mode="reflect")
    moved = [around[:, down : down + 12, right : right + 10] for down in range(5) for right in range(5)]
    assert all(any(torch.equal(image, candidate) for candidate in moved) for image in changed)


def test_a_shift_as_large_as_the_image_is_refused():
    with pytest.raises(ConfigurationError, match=r"augmentation\.shift=10 moves images of 12 × 10 pixels"):
        RandomFlipShift(0.0, 10)(pictures())


def test_a_turn_keeps_the_centre_and_the_distances_from_it():
    torch.manual_seed(0)
    size = 65
    across = torch.arange(size) - size // 2
    disc = (across[:, None] ** 2 + across[None, :] ** 2 <= 20**2).float().expand(16, 3, size, size)
    turned = RandomAffine(degrees=90, scale=0)(disc)
    assert (turned - disc).abs().mean() < 0.01
    wide = RandomAffine(degrees=0, scale=0.5)(disc).mean(dim=(1, 2, 3)) / disc.mean(dim=(1, 2, 3))
    assert 0.2 < wide.min() < 0.8
    assert 1.2 < wide.max() < 2.3


def test_a_turn_of_a_wide_image_neither_shears_nor_stretches():
    torch.manual_seed(0)
    bar = torch.zeros(64, 3, 41, 81)
    bar[:, :, 19:22, 30:51] = 1
    squared_distance = (torch.arange(41)[:, None] - 20) ** 2 + (torch.arange(81) - 40) ** 2
    turned = RandomAffine(degrees=30, scale=0)(bar)
    assert (turned.sum(dim=(1, 2, 3)) / bar.sum(dim=(1, 2, 3)) - 1).abs().max() < 0.05
    spread = (turned * squared_distance).sum(dim=(1, 2, 3)) / (bar * squared_distance).sum(dim=(1, 2, 3))
    assert (spread - 1).abs().max() < 0.1
    assert (turned[:, 0].amax(dim=2) > 0.3).sum(dim=1).max() > 10  # 21 pixels at 30 degrees are 10 high


def test_brightness_alone_adds_one_number_to_all_pixels():
    torch.manual_seed(0)
    images = pictures(64) * 0.2 + 0.4
    added = RandomBrightnessContrast(0.3, 0.0)(images) - images
    assert (added.flatten(1).std(dim=1) < 1e-6).all()
    assert added.abs().max() <= 0.3 + 1e-6
    assert added.min() < -0.15
    assert added.max() > 0.15


def test_contrast_alone_keeps_the_mean_and_scales_the_rest():
    torch.manual_seed(0)
    images = pictures(64) * 0.2 + 0.4
    changed = RandomBrightnessContrast(0.0, 0.5)(images)
    assert torch.allclose(changed.mean(dim=(1, 2, 3)), images.mean(dim=(1, 2, 3)), atol=1e-6)
    ratio = changed.flatten(1).std(dim=1) / images.flatten(1).std(dim=1)
    assert ratio.min() > 0.5 - 1e-4
    assert ratio.max() < 1.5 + 1e-4
    assert ratio.std() > 0.1


def test_a_gray_image_has_equal_channels_and_white_stays_white():
    gray = RandomGray(1.0)(pictures())
    assert torch.equal(gray[:, 0], gray[:, 1])
    assert torch.equal(gray[:, 0], gray[:, 2])
    assert torch.allclose(RandomGray(1.0)(torch.ones(1, 3, 4, 4)), torch.ones(1, 3, 4, 4))


def test_erasing_covers_one_rectangle_of_a_small_part_of_the_image():
    torch.manual_seed(0)
    images = pictures(200, 40, 40)
    erased = RandomErasing(1.0)(images)
    covered = (erased != images).any(dim=1)
    share = covered.float().mean(dim=(1, 2))
    assert share.max() < 0.26
    assert 0.08 < share.mean() < 0.14
    heights, widths = covered.any(dim=2).sum(dim=1), covered.any(dim=1).sum(dim=1)
    assert torch.equal(heights * widths, covered.sum(dim=(1, 2)))


@pytest.mark.parametrize(("name", "value"), [("flip", 1.5), ("shift", -1), ("scale", 0.95), ("brightness", -0.1)])
def test_a_strength_out_of_range_is_refused(name, value):
    with pytest.raises(ConfigurationError, match=rf"augmentation\.{name} must be 0 \(off\) to .*, not {value}"):
        Augmentation(**{name: value})
