"""Where files lie: folders with links, and zip files of every unreadable kind."""

import random
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from resemblance.data.stores import FolderStore, ZipStore, zips_in
from resemblance.errors import DataError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("faces/anna/1.png", "faces/anna/deep/2.png", "elsewhere/bert/1.png"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")
    return tmp_path / "faces"


def test_folders_and_files_are_found_through_links(folder: Path) -> None:
    (folder / "bert").symlink_to(folder.parent / "elsewhere" / "bert")
    (folder / "anna" / "3.png").symlink_to(folder / "anna" / "1.png")
    (folder / "anna" / "gone.png").symlink_to(folder / "nowhere.png")
    store = FolderStore(folder)
    assert store.files() == {"anna/1.png", "anna/3.png", "anna/deep/2.png", "anna/gone.png", "bert/1.png"}
    with store.reader() as read:
        assert read("bert/1.png") == b"x"


def test_links_that_lead_back_end(folder: Path) -> None:
    (folder / "anna" / "up").symlink_to(folder)
    (folder / "itself").symlink_to(folder / "itself")
    (folder / "a").mkdir()
    (folder / "b").mkdir()
    (folder / "a" / "to_b").symlink_to(folder / "b")
    (folder / "b" / "to_a").symlink_to(folder / "a")
    assert FolderStore(folder).files() == {"anna/1.png", "anna/deep/2.png", "itself"}


def test_what_disks_and_desktops_keep_for_themselves_is_not_looked_into(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("lost+found", ".Trash-1000", "mine"):
        (folder / name).mkdir()
    closed = {folder / "lost+found", folder / ".Trash-1000"}
    list_of = Path.iterdir

    def iterdir(path: Path) -> Iterator[Path]:
        if path in closed:
            raise PermissionError(13, "Permission denied", str(path))
        return list_of(path)

    monkeypatch.setattr(Path, "iterdir", iterdir)  # who is root may look anywhere
    assert FolderStore(folder).files() == {"anna/1.png", "anna/deep/2.png"}
    closed.add(folder / "mine")
    with pytest.raises(DataError, match=r"The folder '.*mine' can't be listed \(Permission denied\); check"):
        FolderStore(folder).files()


def test_a_folder_with_the_name_of_a_zip_file_is_a_folder(folder: Path) -> None:
    (folder / "faces.zip").mkdir()
    (folder / "more.zip").write_bytes(b"")
    (folder / "nowhere.zip").symlink_to(folder / "nothing")
    assert zips_in(folder) == [folder / "more.zip", folder / "nowhere.zip"]


def zip_with(path: Path, central: tuple[int, int], local: tuple[int, int]) -> Path:
    """A zip file with one entry, of whose two headers a byte has been set: ``(place, value)``."""
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("1.png", b"x" * 100)
    data = bytearray(path.read_bytes())
    data[data.index(b"PK\x01\x02") + central[0]] = central[1]
    data[data.index(b"PK\x03\x04") + local[0]] = local[1]
    path.write_bytes(data)
    return path


@pytest.mark.parametrize(
    "headers",
    [pytest.param(((8, 1), (6, 1)), id="encrypted"), pytest.param(((10, 99), (8, 99)), id="unknown compression")],
)
def test_entries_that_can_not_be_unpacked_are_one_sentence(
    tmp_path: Path, headers: tuple[tuple[int, int], tuple[int, int]]
) -> None:
    file = zip_with(tmp_path / "x.zip", *headers)
    with (
        ZipStore(file).reader() as read,
        pytest.raises(DataError, match=r"'1.png' in '.*x.zip' is encrypted, or packed in a way .*; unpack") as told,
    ):
        read("1.png")
    assert "\n" not in str(told.value)


@pytest.mark.parametrize("packing", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
@pytest.mark.parametrize("place", [12, 40, "cut", "header"])
def test_damage_of_every_packing_is_one_sentence(tmp_path: Path, packing: int, place: int | str) -> None:
    file = tmp_path / "x.zip"
    with zipfile.ZipFile(file, "w", packing) as archive:
        archive.writestr("1.png", random.Random(0).randbytes(200))
    data = bytearray(file.read_bytes())
    start, end = data.index(b"1.png") + 5, data.index(b"PK\x01\x02")
    if place == "cut":  # the packed stream ends too early
        data[start + 60 : end] = bytes(end - start - 60)
    elif place == "header":  # the entry lies before the file's first byte
        data[data.index(b"PK\x05\x06") + 16] += 1
    else:
        data[start + int(place)] ^= 0xFF
    file.write_bytes(data)
    with ZipStore(file).reader() as read, pytest.raises(DataError, match=r"'1.png' in '.*x.zip' is damaged"):
        read("1.png")


def test_a_disk_that_fails_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        archive.writestr("1.png", b"x")

    def fail(*_: object) -> bytes:
        raise OSError(5, "Input/output error")

    with ZipStore(tmp_path / "x.zip").reader() as read:
        monkeypatch.setattr(zipfile.ZipFile, "read", fail)
        with pytest.raises(DataError, match=r"is damaged \(.*Input/output error\)"):
            read("1.png")
