"""Photographs from compressed bytes to one tensor, several at a time."""

import io
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import torch
from PIL import ExifTags, Image
from torch import Tensor

from resemblance.errors import DataError

FORMATS = {
    ".jpg": "JPEG",
    ".jpeg": "JPEG",
    ".png": "PNG",
    ".bmp": "BMP",
    ".webp": "WEBP",
    ".tif": "TIFF",
    ".tiff": "TIFF",
    ".gif": "GIF",
    ".pgm": "PPM",
    ".ppm": "PPM",
}
"""What is read, by the ending of a file's name. Of these the content decides, whatever the name says; of Pillow's other
formats some start programs, as PostScript does."""
_CHUNK = 128
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""What undoes each of Exif's orientations."""
Side = Callable[[str, tuple[int, int]], float]
"""``(path, (width, height)) → pixels``: the side of the central square that is kept; raises DataError for a size that
the data set does not have."""


def decode_images(
    read: Callable[[str], bytes],
    paths: Sequence[str],
    side: Side,
    image_size: int,
    place: str,
    *,
    gray: bool = False,
    failed: dict[int, str] | None = None,
) -> Tensor:
    """Decode, turn upright where a camera says how, crop to the central square and resize, as RGB.

    Crop and resize are one antialiased bicubic step, so that no image is interpolated twice.

    Args:
        read: path to file contents; called from several threads.
        paths: N files.
        side: which central square of an image is kept.
        image_size: height and width of the result in pixels, S.
        place: where the files are, for messages.
        gray: decode to one channel of luma; the result shows it as three that share their memory.
        failed: receives the row of each file that can't be read as an image, with the reason; its pixels are 0. Without
            it, one such file is an error.

    Returns:
        uint8 [N, 3, S, S].

    Raises:
        DataError: naming the first file that can't be read as an image.
    """
    pixels = np.zeros((len(paths), 1 if gray else 3, image_size, image_size), dtype=np.uint8)
    mode = "L" if gray else "RGB"

    def decode(start: int) -> None:
        for row in range(start, min(start + _CHUNK, len(paths))):
            try:
                pixels[row] = _decode(read, paths[row], side, image_size, mode)
            except _UnreadableError as error:
                if failed is None:
                    raise DataError(
                        f"The image '{paths[row]}' at '{place}' can't be read ({error}); download or unpack it again."
                    ) from error
                failed[row] = str(error)
            except DataError as error:  # the zip file's, of a damaged entry
                if failed is None:
                    raise
                failed[row] = str(error)

    # Pillow lets go of the interpreter's lock while it decodes and resizes.
    with ThreadPoolExecutor(_processors()) as pool:
        for _ in pool.map(decode, range(0, len(paths), _CHUNK)):
            pass
    return torch.from_numpy(pixels).expand(-1, 3, -1, -1)


class _UnreadableError(Exception):
    """Why a file is no image."""


def _decode(read: Callable[[str], bytes], path: str, side: Side, image_size: int, mode: str) -> np.ndarray:
    """uint8 [C, S, S]."""
    try:
        content = read(path)
    except OSError as error:
        raise _UnreadableError(str(error)) from error
    try:
        opened = Image.open(io.BytesIO(content), formats=tuple(dict.fromkeys(FORMATS.values())))
        opened.load()
        image = _in_eight_bits(_upright(opened)).convert(mode)
    # Pillow's decoders promise no kind of error: of a damaged TIFF it may be a TypeError, of a damaged PNG a
    # SyntaxError. Nothing but the file's content is handled here, so that whatever is raised is the file's.
    except Exception as error:
        raise _UnreadableError(str(error).partition(" <")[0] or type(error).__name__) from error
    width, height = image.size
    kept = side(path, (width, height))
    left, top = (width - kept) / 2, (height - kept) / 2
    box = (left, top, left + kept, top + kept)
    resized = image.resize((image_size, image_size), Image.Resampling.BICUBIC, box=box)
    return np.asarray(resized).reshape(image_size, image_size, -1).transpose(2, 0, 1)


def _upright(image: Image.Image) -> Image.Image:
    """Turned as its Exif block says, which may be damaged where the picture is whole."""
    try:
        orientation = image.getexif().get(ExifTags.Base.Orientation)
    except Exception:  # of any kind, as of the picture
        return image
    return image.transpose(_UPRIGHT[orientation]) if orientation in _UPRIGHT else image


def _in_eight_bits(image: Image.Image) -> Image.Image:
    """The same with grey values of 0 to 255, where they have more bits: Pillow would cut off all that is brighter.

    16 bits are 0 to 65,535 by their type. Integers of 32 bits and floats tell no range by their type: Pillow opens
    16-bit files as the first, so that what lies beyond a byte is taken for 16 bits; floats are 0 to 1, unless some
    exceed it, and then 0 to 255 or to 65,535.
    """
    if image.mode != "F" and not image.mode.startswith("I"):
        return image
    values = np.asarray(image, dtype=np.float64)
    values = np.where(np.isfinite(values), values, 0)
    brightest = values.max(initial=0)
    if image.mode.startswith("I;16") or brightest > 255:
        white = max(65_535.0, brightest)
    else:
        white = 1.0 if image.mode == "F" and brightest <= 1 else 255.0
    return Image.fromarray(np.clip(np.rint(values * (255 / white)), 0, 255).astype(np.uint8))


def _processors() -> int:
    available = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(8, available)
