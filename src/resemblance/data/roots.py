"""Where the folder of a photographed data set is: in the configuration, or under one environment variable."""

import os
from pathlib import Path

from resemblance.errors import DataError

VARIABLE = "RESEMBLANCE_DATA"
"""The environment variable that names the folder in which each data set has a folder of its own."""


def find_root(root: str | Path | None, name: str) -> Path:
    """The folder of a data set.

    Args:
        root: what the configuration says (``data.root``); None asks the environment.
        name: the data set's folder under :data:`VARIABLE`, such as ``lfw``.

    Raises:
        DataError: if neither names a folder, or the one that is named does not exist.
    """
    if root is not None:
        path = Path(root).expanduser()
        if not path.exists():
            raise DataError(
                f"There is no folder '{path}'; set data.root to the folder that holds {name}, or leave it null and set "
                f"the environment variable {VARIABLE} to the folder that holds {name}/."
            )
        return path
    if not (base := os.environ.get(VARIABLE)):
        raise DataError(
            f"Nothing says where {name} is: set data.root to its folder, or the environment variable {VARIABLE} to "
            f"the folder that holds {name}/."
        )
    path = Path(base).expanduser() / name
    if not path.exists():
        raise DataError(
            f"The environment variable {VARIABLE} is '{base}', but there is no folder '{path}'; put {name} there, or "
            f"set data.root to its folder."
        )
    return path
