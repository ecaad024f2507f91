import pytest

from resemblance.data.roots import VARIABLE, find_root
from resemblance.errors import DataError


@pytest.mark.parametrize(
    ("root", "name", "base", "sentence"),
    [
        ("nowhere", "lfw", None, "There is no folder 'nowhere'; set data.root to the folder that holds lfw, or leave"),
        ("", "lfw", None, "There is no folder ''; set data.root to the folder that holds lfw, or leave"),
        (None, "lfw", None, "Nothing says where lfw is: set data.root to its folder"),
        (None, "lfw", "base", "RESEMBLANCE_DATA is 'base', but there is no folder 'base/lfw'; put lfw there"),
        (
            "nowhere",
            "folder",
            None,
            "There is no folder 'nowhere'; set data.root to the folder that holds your images.",
        ),
        ("", "folder", None, "There is no folder ''; set data.root to the folder that holds your images."),
        (
            None,
            "folder",
            None,
            "Nothing says where your images are; set data.root to the folder that holds your images.",
        ),
        (
            None,
            "folder",
            "base",
            "There is no folder 'base/folder'; set data.root to the folder that holds your images.",
        ),
    ],
)
def test_what_is_missing_is_said_in_words_that_fit_the_data_set(monkeypatch, tmp_path, root, name, base, sentence):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv(VARIABLE, raising=False)
    if base:
        monkeypatch.setenv(VARIABLE, base)
    with pytest.raises(DataError) as caught:
        find_root(root, name)
    assert sentence in str(caught.value)


def test_the_configuration_comes_before_the_environment(monkeypatch, tmp_path):
    (tmp_path / "lfw").mkdir()
    (tmp_path / "mine").mkdir()
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    assert find_root(None, "lfw") == tmp_path / "lfw"
    assert find_root(tmp_path / "mine", "lfw") == tmp_path / "mine"
