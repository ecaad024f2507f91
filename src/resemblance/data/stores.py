"""Where the files of a data set lie: in a folder, or in a zip file that is read without unpacking it."""

import lzma
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Protocol

from resemblance.errors import DataError
from resemblance.readable import check_readable


class Store(Protocol):
    """A place with files."""

    def files(self) -> frozenset[str]:
        """All of them, relative to the place, with ``/`` between folders."""

    def reader(self) -> AbstractContextManager[Callable[[str], bytes]]:
        """A function from a file's name to its contents, for several threads at once."""


class FolderStore:
    """Files in a folder and the folders below it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __str__(self) -> str:
        return str(self._folder)

    def files(self) -> frozenset[str]:
        """All files below the folder, through links to folders too; a link to a folder that it lies in is not followed.

        Links that lead nowhere are among them, so that whoever reads them is told.

        Raises:
            DataError: if a folder may not be listed.
        """
        try:
            return frozenset(path.relative_to(self._folder).as_posix() for path in _files(self._folder, frozenset()))
        except OSError as error:
            raise DataError(
                f"The folder '{error.filename}' can't be listed ({error.strerror}); check its permissions."
            ) from error

    @contextmanager
    def reader(self) -> Iterator[Callable[[str], bytes]]:
        """Reads from the disk."""
        yield lambda name: (self._folder / name).read_bytes()


def _files(folder: Path, above: frozenset[Path]) -> Iterator[Path]:
    """The files below a folder; ``above`` are the real paths of the folders that led there, so that it ends."""
    above |= {folder.resolve()}
    for path in folder.iterdir():
        if not path.is_dir():
            if path.is_file() or path.is_symlink():
                yield path
        elif not is_of_the_system(path) and path.resolve() not in above:
            yield from _files(path, above)


def is_of_the_system(folder: Path) -> bool:
    """Whether a folder is what a disk or a desktop keeps for itself, often closed: ``lost+found``, ``.Trash-1000``."""
    return folder.name == "lost+found" or folder.name.startswith(".")


class ZipStore:
    """Files in a zip file.

    Args:
        file: the zip file.
        prefix: folder inside it, with ``/`` at the end; only what lies below is there.
    """

    def __init__(self, file: Path, prefix: str = "") -> None:
        self._file = file
        self._prefix = prefix

    def __str__(self) -> str:
        return str(self._file)

    def files(self) -> frozenset[str]:
        """All files below the prefix."""
        start = len(self._prefix)
        with open_zip(self._file) as archive:
            return frozenset(
                name[start:] for name in archive.namelist() if name.startswith(self._prefix) and not name.endswith("/")
            )

    @contextmanager
    def reader(self) -> Iterator[Callable[[str], bytes]]:
        """Reads from the zip file, which stays open for as long as the context."""
        with open_zip(self._file) as archive:
            yield lambda name: read_entry(archive, self._prefix + name, self._file)


def stores_at(root: Path) -> list[Store]:
    """The folder ``root`` and each zip file in it, by name; or the zip file ``root`` itself."""
    if not root.is_dir():
        return [ZipStore(root)]
    return [FolderStore(root), *(ZipStore(file) for file in zips_in(root))]


def zips_in(folder: Path) -> list[Path]:
    """The zip files of a folder, by name."""
    return sorted(path for path in folder.glob("*.zip") if not path.is_dir())


def open_zip(file: Path) -> zipfile.ZipFile:
    """The archive.

    Raises:
        DataError: if it is no zip file, or not a whole one.
    """
    check_readable(file)
    try:
        return zipfile.ZipFile(file)
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError) as error:
        if file.suffix.lower() != ".zip":
            raise DataError(f"'{file}' is neither a folder nor a zip file.") from error
        raise DataError(
            f"'{file}' is not a whole zip file ({error}); it was perhaps downloaded only in part, download it again."
        ) from error


def read_entry(archive: zipfile.ZipFile, entry: str, file: Path) -> bytes:
    """The contents of one entry.

    Raises:
        DataError: if they are damaged, encrypted or packed in a way that Python does not know.
    """
    try:
        return archive.read(entry)
    except RuntimeError as error:  # NotImplementedError among them
        raise DataError(
            f"'{entry}' in '{file}' is encrypted, or packed in a way that can't be read ({error}); unpack the zip file "
            f"and point to the folder."
        ) from error
    except (zipfile.BadZipFile, zlib.error, lzma.LZMAError, ValueError, EOFError, OSError) as error:
        raise DataError(f"'{entry}' in '{file}' is damaged ({error}); download the zip file again.") from error
