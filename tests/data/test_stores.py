"""Where files lie: folders with links, and zip files of every unreadable kind."""

import zipfile
from pathlib import Path

import pytest

from resemblance.data.stores import FolderStore, ZipStore
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
    assert store.files() == {"anna/1.png", "anna/3.png", "anna/deep/2.png", "bert/1.png"}
    with store.reader() as read:
        assert read("bert/1.png") == b"x"


def test_links_that_lead_back_end(folder: Path) -> None:
    (folder / "anna" / "up").symlink_to(folder)
    (folder / "itself").symlink_to(folder / "itself")
    (folder / "a").mkdir()
    (folder / "b").mkdir()
    (folder / "a" / "to_b").symlink_to(folder / "b")
    (folder / "b" / "to_a").symlink_to(folder / "a")
    assert FolderStore(folder).files() == {"anna/1.png", "anna/deep/2.png"}


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
