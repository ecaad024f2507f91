"""LFW's files as they come: in a folder or in a zip file, at the top or some folders down.

Accepted are the course archive (``lfw_112.zip`` and ``lfw_protocol.zip``), the same unpacked, and the official layout
(``lfw-deepfunneled/Name/Name_0001.jpg`` with the lists beside it or in ``protocol/`` or ``lists/``).
"""

import os
from pathlib import Path, PurePosixPath

from resemblance.data.stores import FolderStore, Store, ZipStore, is_of_the_system, open_zip, read_entry, zips_in
from resemblance.errors import DataError
from resemblance.readable import check_readable

_DEPTH = 2
"""Folders may be this far down: some copies unpack to ``lfw-deepfunneled/lfw-deepfunneled/Name``."""
_LIST_FOLDERS = ("", "protocol", "lists", "lfw_protocol")


def find_images(root: Path) -> Store:
    """The images at ``root``: a folder that holds them, or a zip file in it, or ``root`` itself a zip file.

    Raises:
        DataError: if there are none, or the only zip file there is damaged.
    """
    closed: list[Path] = []
    if root.is_dir() and (folder := _folder_of_images(root, _DEPTH, closed)):
        return FolderStore(folder)
    for file in zips_in(root) if root.is_dir() else [root]:
        if found := _zip_of_images(file):
            return found
    if closed:
        raise DataError(
            f"There are no images Name/Name_0001.jpg at '{root}', but '{closed[0]}' can't be listed; check its "
            f"permissions, or point data.root at LFW (see docs/lfw.md)."
        )
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
        check_readable(path := folder / name)
        if path.is_file():
            return path.read_text(encoding="utf-8", errors="replace")
    for file in sorted(zips_in(home), key=lambda path: path.stat().st_size):  # the lists are the small one
        with open_zip(file) as archive:
            for entry in archive.namelist():
                if PurePosixPath(entry).name == name:
                    return read_entry(archive, entry, file).decode("utf-8", errors="replace")
    raise DataError(
        f"The list '{name}' of LFW is missing: put it into '{home}', beside the "
        f"images or in a folder called protocol, or leave lfw_protocol.zip there as it is."
    )


def _folder_of_images(folder: Path, depth: int, closed: list[Path]) -> Path | None:
    """The folder at most that far down; folders that may not be looked into are passed by, into ``closed``."""
    try:
        folders = [path for path in sorted(folder.iterdir()) if path.is_dir() and not is_of_the_system(path)]
    except PermissionError:
        closed.append(folder)
        return None
    if any(os.path.isfile(path / f"{path.name}_0001.jpg") for path in folders):  # False where it is closed
        return folder
    deeper = (_folder_of_images(path, depth - 1, closed) for path in folders) if depth else iter(())
    return next(filter(None, deeper), None)


def _zip_of_images(file: Path) -> ZipStore | None:
    with open_zip(file) as archive:
        for name in archive.namelist():
            path = PurePosixPath(name)
            if path.name == f"{path.parent.name}_0001.jpg":
                return ZipStore(file, name[: len(name) - len(f"{path.parent.name}/{path.name}")])
    return None
