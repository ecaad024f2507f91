"""Which images there are and whose: the folder that an image lies in names its identity."""

import re
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from resemblance.data.decoding import FORMATS
from resemblance.data.stores import Store, stores_at
from resemblance.errors import DataError


@dataclass(frozen=True)
class Listing:
    """The images of a place.

    Attributes:
        store: where they lie.
        paths: of the images of each identity; both in natural order, ``s2`` before ``s10``.
        prefix: folder that all of them lie in, with ``/`` at the end, which their names leave out.
        other_files: number of files that are no images by their names.
    """

    store: Store
    paths: dict[str, tuple[str, ...]]
    prefix: str
    other_files: int

    def image_id(self, path: str) -> str:
        """What a person calls an image: ``anna/1.jpg``."""
        return path.removeprefix(self.prefix)

    def nested(self) -> dict[str, list[str]]:
        """Folders that hold several identities, each with these, as ``anna`` holds ``anna/left`` and ``anna/right``."""
        inside: dict[str, list[str]] = {}
        for name in self.paths:
            inside.setdefault(name.partition("/")[0], []).append(name)
        return {folder: names for folder, names in inside.items() if len(names) > 1}


def list_images(root: Path) -> Listing:
    """The images below a folder, or else in the first zip file in it that has some, or in the zip file ``root``.

    Raises:
        DataError: if there are none, they lie in no folder of an identity, or a name is no text.
    """
    for store in stores_at(root):
        files = [path for path in store.files() if not _is_hidden(path)]
        images = sorted((path for path in files if path.lower().endswith(tuple(FORMATS))), key=natural)
        if not images:
            continue
        _check_names(images, store)
        prefix = _common_folder(images)
        paths: dict[str, list[str]] = {}
        for path in images:
            folder = path.removeprefix(prefix).rpartition("/")[0]
            if not folder:
                raise DataError(
                    f"The image '{path}' at '{store}' lies in no folder of an identity; put the images of each "
                    f"identity into a folder with its name, such as anna/1.jpg."
                )
            paths.setdefault(folder, []).append(path)
        ordered = {name: tuple(paths[name]) for name in sorted(paths, key=natural)}
        return Listing(store, ordered, prefix, len(files) - len(images))
    raise DataError(
        f"There are no images at '{root}', neither in folders nor in a zip file; put each identity's into a folder "
        f"with its name, such as anna/1.jpg (see docs/folder.md)."
    )


def natural(name: str) -> list[tuple[int, int, str]]:
    """Sorts numbers in names by their value.

    >>> sorted(["s10", "s2", "s1"], key=natural)
    ['s1', 's2', 's10']
    """
    return [(0, int(part), part) if part.isdecimal() else (1, 0, part) for part in re.split(r"(\d+)", name) if part]


def _check_names(images: list[str], store: Store) -> None:
    """Refuse names that no list of images could be written with, which file systems allow."""
    for path in images:
        try:
            path.encode()
        except UnicodeEncodeError as error:
            raise DataError(
                f"The name of the image {path!a} at '{store}' is not in UTF-8; rename it or the folder."
            ) from error


def _is_hidden(path: str) -> bool:
    return any(part.startswith(".") or part == "__MACOSX" for part in PurePosixPath(path).parts)


def _common_folder(images: list[str]) -> str:
    """The folder that all identities' folders lie in: ``faces/`` of ``faces/anna/1.jpg`` and ``faces/bert/1.jpg``."""
    folders = {path.rpartition("/")[0] for path in images}
    parents = [folder.split("/")[:-1] for folder in folders]
    shared = []
    for parts in zip(*parents, strict=False):
        if len(set(parts)) > 1:
            break
        shared.append(parts[0])
    return "".join(f"{part}/" for part in shared)
