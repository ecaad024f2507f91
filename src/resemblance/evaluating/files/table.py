"""CSV files with a header, read whole and with line numbers for messages."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from resemblance.errors import DataError

_SEPARATORS = {";": "semicolons", "\t": "tabs", "|": "bars"}


@dataclass(frozen=True)
class FileTable:
    """Rows of a CSV file.

    Attributes:
        columns: as the header names them.
        rows: a text for each column; an empty cell is "".
        lines: the number of each row's last line in the file.
    """

    columns: tuple[str, ...]
    rows: list[dict[str, str]]
    lines: list[int]


def read_text(path: Path, what: str) -> str:
    """A text file's contents.

    Args:
        path: of the file.
        what: the setting that named it, for messages: ``pairs``.

    Raises:
        DataError: if it is missing or no text.
    """
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError as error:
        raise DataError(f"There is no file '{path}'; check {what}=.") from error
    except IsADirectoryError as error:
        raise DataError(f"'{path}' is a folder, but {what}= names a file.") from error
    except OSError as error:
        raise DataError(f"'{path}' can't be read ({error.strerror}); check its permissions.") from error
    except UnicodeDecodeError as error:
        raise DataError(f"'{path}' can't be read as a text file in UTF-8 ({error}); check {what}=.") from error


def read_table(path: Path, what: str, required: Sequence[str]) -> FileTable:
    """A CSV file with a header.

    Args:
        path: of the file.
        what: the setting that named it.
        required: columns that must be there.

    Raises:
        DataError: naming the column that is missing, or the line whose cells don't fit the header.
    """
    reader = csv.reader(io.StringIO(read_text(path, what), newline=""))
    try:
        header = [column.strip() for column in next(reader, [])]
        if missing := [column for column in required if column not in header]:
            _check_separator(path, header, required)
            raise DataError(
                f"'{path}' has no column '{missing[0]}'; its first line should be a header with {', '.join(required)}, "
                f"but reads '{','.join(header)[:80]}'."
            )
        if len(set(header)) < len(header):
            raise DataError(f"'{path}' has two columns of one name in its header '{','.join(header)[:80]}'.")
        rows, lines = [], []
        for cells in reader:
            if not cells:
                continue
            if len(cells) != len(header):
                raise DataError(
                    f"Line {reader.line_num} of '{path}' has {len(cells)} cells under a header of {len(header)}; put "
                    f"quotes around a cell with a comma."
                )
            rows.append({column: cell.strip() for column, cell in zip(header, cells, strict=True)})
            lines.append(reader.line_num)
    except csv.Error as error:
        raise DataError(f"Line {reader.line_num} of '{path}' can't be read as CSV ({error}).") from error
    if not rows:
        raise DataError(f"'{path}' has a header and no rows; check {what}=.")
    return FileTable(tuple(header), rows, lines)


def _check_separator(path: Path, header: Sequence[str], required: Sequence[str]) -> None:
    """Refuse what other programs call CSV, too."""
    for separator, called in _SEPARATORS.items():
        columns = {column.strip() for column in ",".join(header).split(separator)}
        if columns.issuperset(required):
            raise DataError(f"'{path}' has {called} between its columns; save it with commas.")
