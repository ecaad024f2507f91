"""A refused command takes back the folders that it has made, and no others."""

import pytest

from resemblance.errors import ConfigurationError
from resemblance.new_folders import NewFolders
from resemblance.tracking.run_directory import RunDirectory


def test_only_new_and_empty_folders_are_removed(tmp_path):
    (tmp_path / "old").mkdir()
    folders = NewFolders(tmp_path / "old" / "new" / "newer")
    (tmp_path / "old" / "new" / "newer").mkdir(parents=True)
    (tmp_path / "old" / "new" / "of_somebody_else").mkdir()
    folders.remove()
    assert [path.name for path in tmp_path.rglob("*")] == ["old", "new", "of_somebody_else"]
    (tmp_path / "old" / "new" / "of_somebody_else").rmdir()
    folders.remove()
    assert [path.name for path in tmp_path.rglob("*")] == ["old"]
    NewFolders(tmp_path / "old").remove()
    assert (tmp_path / "old").is_dir()


@pytest.mark.parametrize("there", [False, True])
def test_a_run_directory_is_left_as_it_was_found(tmp_path, there):
    place = tmp_path / "a" / "b"
    if there:
        place.mkdir(parents=True)
    with pytest.raises(ConfigurationError), RunDirectory(place).nothing_left():
        raise ConfigurationError("No.")
    assert place.exists() == there
    assert (tmp_path / "a").exists() == there
