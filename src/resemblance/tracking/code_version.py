"""Which code a run was made by."""

import os
import subprocess
from functools import cache
from pathlib import Path

import resemblance

CHANGED = "+changes"
_CODE = (":/src", ":/conf")
"""What decides a figure, from the top of the checkout."""


@cache
def code_version() -> str | None:
    """The last commit that changed code or configurations of this package's checkout, ``+changes`` where files differ.

    Commits of documents make no other code. Files that git does not know yet count as changes: a loss that nobody has
    committed is one. None where there is no checkout of ours: a package that was installed somewhere inside another
    repository is not of that one's commit.
    """
    return version_of(Path(resemblance.__file__).parent)


def version_of(package: Path) -> str | None:
    """The same of a package's folder."""
    try:
        checkout = Path(_git(package, "rev-parse", "--show-toplevel"))
        if not package.samefile(checkout / "src" / "resemblance"):
            return None
        commit = _git(package, "log", "-1", "--format=%h", "--abbrev=12", "--", *_CODE)
        changed = _git(package, "status", "--porcelain", "--", *_CODE)
    except (OSError, subprocess.SubprocessError):
        return None
    if not commit:
        return None
    return f"{commit}{CHANGED}" if changed else commit


def _git(folder: Path, *arguments: str) -> str:
    # In a hook, GIT_DIR names the repository that the hook is of.
    of_the_folder = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    ran = subprocess.run(
        ["git", *arguments], cwd=folder, env=of_the_folder, capture_output=True, text=True, check=True, timeout=10
    )
    return ran.stdout.strip()
