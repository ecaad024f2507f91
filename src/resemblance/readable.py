"""Files that are there and may not be opened: that is another thing than a damaged file, and mended otherwise."""

from pathlib import Path

from resemblance.errors import DataError


def check_readable(path: Path) -> None:
    """Refuse a file that can't be opened, before its reader takes that for damage.

    Nothing is said of a file that is missing or is a folder, which the reader calls by its own words.

    Raises:
        DataError: with the system's reason, such as a permission that is denied.
    """
    try:
        with path.open("rb"):
            pass
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
        return
    except OSError as error:
        raise DataError(f"'{path}' can't be opened ({error.strerror}); check its permissions.") from error
