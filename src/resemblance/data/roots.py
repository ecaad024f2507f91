"""Where the folder of a photographed data set is: in the configuration, or under one environment variable."""

import os
from pathlib import Path

from resemblance.errors import DataError

VARIABLE = "RESEMBLANCE_DATA"
"""The environment variable that names the folder in which each data set has a folder of its own."""
OWN_IMAGES = "folder"
"""The data set that has no name of its own to look for."""


def find_root(root: str | Path | None, name: str) -> Path:
    """The folder of a data set.

    Args:
        root: what the configuration says (``data.root``); None asks the environment.
        name: the data set's folder under :data:`VARIABLE`, such as ``lfw``.

    Raises:
        DataError: if neither names a folder, or the one that is named does not exist.
    """
    base = os.environ.get(VARIABLE)
    path = Path(root).expanduser() if root is not None else Path(base).expanduser() / name if base else None
    if path is not None and path.exists() and str(root) != "":
        return path
    named = "" if root == "" else path  # an empty path would be called '.'
    if name == OWN_IMAGES:
        found = "Nothing says where your images are" if path is None else f"There is no folder '{named}'"
        raise DataError(f"{found}; set data.root to the folder that holds your images.")
    if root is not None:
        raise DataError(
            f"There is no folder '{named}'; set data.root to the folder that holds {name}, or leave it null and set "
            f"the environment variable {VARIABLE} to the folder that holds {name}/."
        )
    if path is None:
        raise DataError(
            f"Nothing says where {name} is: set data.root to its folder, or the environment variable {VARIABLE} to "
            f"the folder that holds {name}/."
        )
    raise DataError(
        f"The environment variable {VARIABLE} is '{base}', but there is no folder '{path}'; put {name} there, or set "
        f"data.root to its folder."
    )
