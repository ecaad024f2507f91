import os
import shutil
import subprocess
from pathlib import Path

import pytest

from resemblance.tracking.code_version import version_of


@pytest.fixture(autouse=True)
def plain_git(monkeypatch: pytest.MonkeyPatch) -> None:
    """Git without the user's settings, and of no repository that a hook has told it of."""
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A repository that looks like ours."""
    for name in ("src/resemblance/losses/cosface.py", "conf/train.yaml", "README.md"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("one\n")
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", ".")
    git(tmp_path, "-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "one")
    return tmp_path


def git(folder: Path, *arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=folder, check=True, capture_output=True, text=True).stdout.strip()


def version(checkout: Path) -> str | None:
    return version_of(checkout / "src" / "resemblance")


def test_a_clean_checkout_is_its_commit(checkout):
    assert version(checkout) == git(checkout, "rev-parse", "--short=12", "HEAD")
    (checkout / "README.md").write_text("two\n")
    assert not version(checkout).endswith("+changes"), "what explains the code is not the code"


def test_a_commit_of_documents_makes_no_other_code(checkout):
    before = version(checkout)
    for name, same in (("README.md", True), ("conf/train.yaml", False)):
        (checkout / name).write_text("two\n")
        git(checkout, "-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qam", name)
        assert (version(checkout) == before) == same, name
    assert version(checkout) == git(checkout, "rev-parse", "--short=12", "HEAD")
    git(checkout, "checkout", "-q", "--detach", "HEAD~1")
    assert version(checkout) == before


def test_the_last_commit_of_a_shallow_clone_is_its_version(checkout, tmp_path_factory):
    shallow = tmp_path_factory.mktemp("shallow") / "clone"
    git(checkout, "clone", "-q", "--depth=1", f"file://{checkout}", str(shallow))
    assert version(shallow) == version(checkout)


@pytest.mark.parametrize("changed", ["src/resemblance/losses/cosface.py", "conf/train.yaml", "src/resemblance/new.py"])
def test_changed_and_new_files_are_told(checkout, changed):
    (checkout / changed).write_text("two\n")
    assert version(checkout).endswith("+changes")


def test_another_repository_around_an_installed_package_is_not_its_commit(checkout):
    installed = checkout / ".venv" / "site-packages" / "resemblance"
    shutil.copytree(checkout / "src" / "resemblance", installed)
    assert version_of(installed) is None


def test_without_a_checkout_there_is_no_version(tmp_path):
    assert version_of(tmp_path) is None


def test_a_hook_of_another_repository_changes_nothing(checkout, tmp_path_factory, monkeypatch):
    other = tmp_path_factory.mktemp("other")
    git(other, "init", "-q")
    commit = version(checkout)
    monkeypatch.setenv("GIT_DIR", str(other / ".git"))
    assert version(checkout) == commit
