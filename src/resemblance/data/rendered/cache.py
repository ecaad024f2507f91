"""Rendered images on disk: one file a set, named after everything that its pixels depend on."""

import hashlib
import json
import logging
import math
import shutil
import tempfile
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path

from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from resemblance.atomic import write_atomically
from resemblance.errors import OutputError, ResemblanceWarning

logger = logging.getLogger(__name__)

CACHE_FORMAT = 1
_MEND = "set data.cache_dir to a folder that can, or to null to keep no cache"


def cache_file(folder: Path, parameters: Mapping[str, object]) -> Path:
    """The file for these parameters: another value of any of them is another name."""
    text = json.dumps({"format": CACHE_FORMAT, **parameters}, sort_keys=True)
    return folder / f"rendered-{hashlib.sha256(text.encode()).hexdigest()[:20]}.safetensors"


def checksum(images: Tensor) -> str:
    """SHA-256 of the bytes of uint8 images."""
    return hashlib.sha256(images.contiguous().view(-1).numpy().data).hexdigest()


def load_or_render(
    folder: Path | None, parameters: Mapping[str, object], shape: tuple[int, ...], draw: Callable[[], Tensor]
) -> Tensor:
    """Images from the cache, or drawn and put there.

    Images that are drawn and then can't be written are used all the same, and a warning tells.

    Args:
        folder: of the cache; None keeps nothing.
        parameters: everything that the pixels depend on, JSON values.
        shape: that the images must have.
        draw: makes them.

    Returns:
        uint8 images of that shape.

    Raises:
        OutputError: if the folder can't be written or has too little room, before anything is drawn.
    """
    if folder is None:
        return draw()
    path = cache_file(folder, parameters)
    images = _read(path, shape) if path.exists() else None
    if images is None:
        _check_writable(folder, math.prod(shape))
        images = draw()
        try:
            _write(path, images)
        except OutputError as error:
            warnings.warn(f"The rendered faces are used, and not kept: {error}", ResemblanceWarning, stacklevel=2)
    return images


def _read(path: Path, shape: tuple[int, ...]) -> Tensor | None:
    """The images in ``path``, or None if the file is damaged."""
    try:
        with safe_open(path, framework="pt") as opened:
            images: Tensor = opened.get_tensor("images")
            expected = (opened.metadata() or {}).get("sha256")
    except (SafetensorError, OSError, ValueError) as error:
        logger.warning("The cached images in %s can't be read (%s) and are rendered again.", path, error)
        return None
    if tuple(images.shape) != shape or checksum(images) != expected:
        logger.warning("The cached images in %s are damaged and are rendered again.", path)
        return None
    return images


def _check_writable(folder: Path, size: int) -> None:
    """Find out before the rendering, not after it."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
        free = shutil.disk_usage(folder).free
    except OSError as error:
        raise OutputError(
            f"The cache folder {folder} for rendered faces can't be written ({error.strerror or error}); {_MEND}."
        ) from error
    if free < size:
        raise OutputError(
            f"The cache folder {folder} for rendered faces has {free / 1e6:,.0f} MB left, and a set needs "
            f"{size / 1e6:,.0f}; {_MEND}."
        )


def _write(path: Path, images: Tensor) -> None:
    contents, metadata = {"images": images.contiguous()}, {"sha256": checksum(images)}
    write_atomically(path, lambda temporary: save_file(contents, temporary, metadata), _MEND)
