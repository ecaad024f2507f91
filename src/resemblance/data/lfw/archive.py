"""LFW's files as they come: in a folder or in a zip file, at the top or some folders down.

Accepted are the course archive (``lfw_112.zip`` and ``lfw_protocol.zip``), the same unpacked, and the official layout
(``lfw-deepfunneled/Name/Name_0001.jpg`` with the lists beside it or in ``protocol/`` or ``lists/``).
"""

import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path, PurePosixPath
from typing import Protocol

from resemblance.errors import DataError

_DEPTH = 2
"""Folders may be this far down: some copies unpack to ``lfw-deepfunneled/lfw-deepfunneled/Name``."""
_LIST_FOLDERS = ("", "protocol", "lists", "lfw_protocol")


class Store(Protocol):
    """A place with files ``Name/Name_0001.jpg``."""

    def files(self) -> frozenset[str]:
        """All of them, relative to the place."""

    def reader(self) -> AbstractContextManager[Callable[[str], bytes]]:
        """A function from a file's name to its contents, for several threads at once."""


class FolderStore:
    """Images in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __str__(self) -> str:
        return str(self._folder)

    def files(self) -> frozenset[str]:
        """All images below the folder."""
        return frozenset(
            f"{person.name}/{image.name}"
            for person in self._folder.iterdir()
            if person.is_dir()
            for image in person.iterdir()
        )

    @contextmanager
    def reader(self) -> Iterator[Callable[[str], bytes]]:
        """Reads from the disk."""
        yield lambda name: (self._folder / name).read_bytes()


class ZipStore:
    """Images in a zip file, read without unpacking it."""

    def __init__(self, file: Path, prefix: str) -> None:
        self._file = file
        self._prefix = prefix

    def __str__(self) -> str:
        return str(self._file)

    def files(self) -> frozenset[str]:
        """All files below the prefix."""
        start = len(self._prefix)
        with _open_zip(self._file) as archive:
            return frozenset(name[start:] for name in archive.namelist() if name.startswith(self._prefix))

    @contextmanager
    def reader(self) -> Iterator[Callable[[str], bytes]]:
        """Reads from the zip file, which stays open for as long as the context."""
        with _open_zip(self._file) as archive:
            yield lambda name: _read(archive, self._prefix + name, self._file)


def find_images(root: Path) -> Store:
    """The images at ``root``: a folder that holds them, or a zip file in it, or ``root`` itself a zip file.

    Raises:
        DataError: if there are none, or the only zip file there is damaged.
    """
    if root.is_dir() and (folder := _folder_of_images(root, _DEPTH)):
        return FolderStore(folder)
    for file in _zips(root) if root.is_dir() else [root]:
        if found := _zip_of_images(file):
            return found
    packed = [path.name for path in sorted(root.glob("*")) if path.name.endswith((".tgz", ".tar.gz", ".tar"))]
    raise DataError(
        f"There are no images Name/Name_0001.jpg at '{root}', neither in a folder nor in a zip file; "
        + (f"unpack {packed[0]} there." if packed else "put LFW there, or point data.root at it (see docs/lfw.md).")
    )


def read_list(root: Path, name: str) -> str:
    """Text of an official list, which lies beside the images, in a folder for lists, or in a zip file.

    Args:
        root: as for :func:`find_images`.
        name: such as ``peopleDevTrain.txt``.

    Raises:
        DataError: if it is nowhere.
    """
    home = root if root.is_dir() else root.parent
    # data.root may also name the folder of the images itself, with the lists beside that folder.
    for folder in [place / below for place in (home, home.parent) for below in _LIST_FOLDERS]:
        if (path := folder / name).is_file():
            return path.read_text(encoding="utf-8", errors="replace")
    for file in sorted(_zips(home), key=lambda path: path.stat().st_size):  # the lists are the small one
        with _open_zip(file) as archive:
            for entry in archive.namelist():
                if PurePosixPath(entry).name == name:
                    return _read(archive, entry, file).decode("utf-8", errors="replace")
    raise DataError(
        f"The list '{name}' of LFW is missing: put it into '{home}', beside the "
        f"images or in a folder called protocol, or leave lfw_protocol.zip there as it is."
    )


def _folder_of_images(folder: Path, depth: int) -> Path | None:
    folders = [path for path in sorted(folder.iterdir()) if path.is_dir()]
    if any((path / f"{path.name}_0001.jpg").is_file() for path in folders):
        return folder
    deeper = (_folder_of_images(path, depth - 1) for path in folders) if depth else iter(())
    return next(filter(None, deeper), None)


def _zips(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.zip"))


def _zip_of_images(file: Path) -> ZipStore | None:
    with _open_zip(file) as archive:
        for name in archive.namelist():
            path = PurePosixPath(name)
            if path.name == f"{path.parent.name}_0001.jpg":
                return ZipStore(file, name[: len(name) - len(f"{path.parent.name}/{path.name}")])
    return None


def _read(archive: zipfile.ZipFile, entry: str, file: Path) -> bytes:
    try:
        return archive.read(entry)
    except (zipfile.BadZipFile, zlib.error) as error:
        raise DataError(f"'{entry}' in '{file}' is damaged ({error}); download the zip file again.") from error


def _open_zip(file: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(file)
    except (zipfile.BadZipFile, OSError) as error:
        raise DataError(
            f"'{file}' is not a whole zip file ({error}); it was perhaps downloaded only in part, download it again."
        ) from error
