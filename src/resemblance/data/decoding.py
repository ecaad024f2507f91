"""Photographs from compressed bytes to one tensor, several at a time."""

import io
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from resemblance.errors import DataError

_CHUNK = 128
Side = Callable[[str, tuple[int, int]], float]
"""``(path, (width, height)) → pixels``: the side of the central square that is kept; raises DataError for a size that
the data set does not have."""


def decode_images(
    read: Callable[[str], bytes], paths: Sequence[str], side: Side, image_size: int, place: str
) -> Tensor:
    """Decode, crop to the central square and resize, as RGB.

    Crop and resize are one antialiased bicubic step, so that no image is interpolated twice.

    Args:
        read: path to file contents; called from several threads.
        paths: N files.
        side: which central square of an image is kept.
        image_size: height and width of the result in pixels, S.
        place: where the files are, for messages.

    Returns:
        uint8 [N, 3, S, S].

    Raises:
        DataError: naming the first file that can't be read as an image.
    """
    pixels = np.empty((len(paths), image_size, image_size, 3), dtype=np.uint8)

    def decode(start: int) -> None:
        for row in range(start, min(start + _CHUNK, len(paths))):
            pixels[row] = _decode(read, paths[row], side, image_size, place)

    # Pillow lets go of the interpreter's lock while it decodes and resizes.
    with ThreadPoolExecutor(_processors()) as pool:
        for _ in pool.map(decode, range(0, len(paths), _CHUNK)):
            pass
    return torch.from_numpy(pixels).permute(0, 3, 1, 2).contiguous()


def _decode(read: Callable[[str], bytes], path: str, side: Side, image_size: int, place: str) -> np.ndarray:
    try:
        image = Image.open(io.BytesIO(read(path))).convert("RGB")
    except (OSError, SyntaxError, ValueError) as error:  # all that Pillow raises for a damaged file
        reason = str(error).partition(" <")[0] or type(error).__name__
        raise DataError(
            f"The image '{path}' at '{place}' can't be read ({reason}); download or unpack it again."
        ) from error
    width, height = image.size
    kept = side(path, (width, height))
    left, top = (width - kept) / 2, (height - kept) / 2
    box = (left, top, left + kept, top + kept)
    return np.asarray(image.resize((image_size, image_size), Image.Resampling.BICUBIC, box=box))


def _processors() -> int:
    available = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(8, available)
