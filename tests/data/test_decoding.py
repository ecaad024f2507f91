"""From bytes to pixels: images of more than 8 bits, and bytes that are no image."""

import io
import warnings

import numpy as np
import pytest
from PIL import EpsImagePlugin, ExifTags, Image, ImageOps

from resemblance.data.decoding import decode_images
from resemblance.errors import DataError

RAMP = np.linspace(0, 1, 32)[None].repeat(32, 0)


def packed(values: np.ndarray, kind: str) -> bytes:
    file = io.BytesIO()
    Image.fromarray(values).save(file, kind)
    return file.getvalue()


def decoded(content: bytes, failed: dict[int, str] | None = None, *, gray: bool = False) -> np.ndarray:
    images = decode_images(lambda path: content, ["a"], lambda path, size: min(size), 32, "x", gray=gray, failed=failed)
    return images[0].numpy()


@pytest.mark.parametrize("gray", [False, True])
@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ((RAMP * 65_535).astype(np.uint16), "PNG"),
        ((RAMP * 65_535).astype(np.uint16), "TIFF"),
        ((RAMP * 65_535).astype(">u2"), "TIFF"),
        ((RAMP * 65_535).astype(np.uint16), "PPM"),
        ((RAMP * 65_535).astype(np.int32), "TIFF"),
        ((RAMP * 255).astype(np.int32), "TIFF"),
        (RAMP.astype(np.float32), "TIFF"),
        ((RAMP * 255).astype(np.float32), "TIFF"),
        ((RAMP * 255).astype(np.uint8), "PNG"),
    ],
    ids=lambda value: value if isinstance(value, str) else f"{value.dtype}-{value.max():.0f}",
)
def test_grey_values_of_every_depth_are_those_of_eight_bits(values: np.ndarray, kind: str, gray: bool) -> None:
    pixels = decoded(packed(values, kind), gray=gray)
    assert np.abs(pixels - RAMP * 255).max() <= 1


def test_a_dark_image_of_sixteen_bits_stays_dark() -> None:
    assert decoded(packed((RAMP * 600).astype(np.uint16), "PNG")).max() == 2


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP", "PPM"])
def test_whatever_the_bytes_are_the_file_is_an_image_or_a_failure(kind: str) -> None:
    draw = np.random.default_rng(5)
    whole = packed(draw.integers(0, 255, (24, 20, 3), dtype=np.uint8), kind)
    failures = 0
    for _ in range(150):
        bytes_ = np.frombuffer(whole, np.uint8).copy()
        bytes_[draw.integers(0, min(len(whole), 200), size=draw.integers(1, 8))] = draw.integers(0, 256)
        failed: dict[int, str] = {}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            decoded(bytes_.tobytes(), failed)
        assert all(failed.values())
        failures += len(failed)
    assert failures


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF", "WEBP"])
@pytest.mark.parametrize("orientation", range(10))
def test_images_are_turned_as_pillow_turns_them(kind: str, orientation: int) -> None:
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    file = io.BytesIO()
    Image.fromarray(np.random.default_rng(1).integers(0, 255, (8, 8, 3), np.uint8).repeat(4, 0).repeat(4, 1)).save(
        file, kind, exif=exif
    )
    turned = ImageOps.exif_transpose(Image.open(file)).convert("RGB")
    assert np.array_equal(decoded(file.getvalue()), np.asarray(turned).transpose(2, 0, 1))


@pytest.mark.parametrize("block", [b"Exif\0\0II", b"Exif\0\0no such block"])
def test_a_damaged_exif_block_is_no_damage_of_the_picture(block: bytes) -> None:
    file = io.BytesIO()
    Image.fromarray((RAMP * 255).astype(np.uint8)).save(file, "PNG", exif=block)
    assert np.abs(decoded(file.getvalue()) - RAMP * 255).max() <= 1


def test_other_formats_are_no_images_whatever_their_names(monkeypatch: pytest.MonkeyPatch) -> None:
    def start(*_: object, **__: object) -> None:
        raise AssertionError("a program was started for a file that came from elsewhere")

    monkeypatch.setattr(EpsImagePlugin, "Ghostscript", start)
    file = io.BytesIO()
    Image.new("RGB", (8, 8)).save(file, "EPS")
    failed: dict[int, str] = {}
    decoded(file.getvalue(), failed)
    assert failed == {0: "cannot identify image file"}


def test_pillow_errors_of_any_kind_are_the_file_s(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(file: io.BytesIO, **_: object) -> Image.Image:
        raise TypeError("unsupported operand")

    monkeypatch.setattr(Image, "open", broken)
    failed: dict[int, str] = {}
    decoded(b"", failed)
    assert failed == {0: "unsupported operand"}
    with pytest.raises(DataError, match=r"The image 'a' at 'x' can't be read \(unsupported operand\)"):
        decoded(b"")
