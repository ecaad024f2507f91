"""What else is known of each image, such as pose, age or group, from a CSV file."""

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from resemblance.errors import DataError
from resemblance.evaluating.files.names import SetNames, check_unique
from resemblance.evaluating.files.table import FileTable, read_table

IMAGE = "image"
UNUSABLE = ("", "refused")
"""No names of columns: a breakdown's table is called after its column, and ``breakdown/refused`` is another one."""
Value = str | float | None


@dataclass(frozen=True)
class Metadata:
    """Columns with a value for each row of a set.

    Attributes:
        columns: N values each; None where the file says nothing. A column of numbers holds floats.
        without: rows of the set that the file says nothing of.
        unknown: names in the file that the set does not have.
    """

    columns: Mapping[str, Sequence[Value]]
    without: int
    unknown: tuple[str, ...]


def read_metadata(path: Path) -> FileTable:
    """The file, with its column ``image``.

    Raises:
        DataError: if it is missing or malformed, names an image twice, has no other column, or one whose name no table
            can have.
    """
    table = read_table(path, "metadata", (IMAGE,))
    check_unique([row[IMAGE] for row in table.rows], str(path))
    if len(table.columns) == 1:
        raise DataError(f"'{path}' has the column '{IMAGE}' alone; add what you know of each image as more columns.")
    if unusable := [column for column in table.columns if column in UNUSABLE]:
        kind = f"called '{unusable[0]}', which is what the table of refused groups is called" if unusable[0] else ""
        raise DataError(
            f"'{path}' has a column {kind or 'without a name (a comma too many, perhaps)'}; give it another name."
        )
    return table


def aligned(table: FileTable, path: Path, image_ids: Sequence[str], failures: Collection[str] = ()) -> Metadata:
    """The columns row by row of a set.

    Args:
        table: of the file.
        path: where it is, for messages.
        image_ids: names of the N rows.
        failures: images of the set that gave no embedding; what is said of them has no row.

    Raises:
        DataError: if the file knows none of the images, or one image by two names.
    """
    names = SetNames(image_ids, failures)
    found: dict[int, dict[str, str]] = {}
    unknown = []
    for row, line in zip(table.rows, table.lines, strict=True):
        try:
            place = names.row(row[IMAGE])
        except KeyError:
            unknown.append(row[IMAGE])
            continue
        if place is None:
            continue
        if place in found:
            raise DataError(f"Line {line} of '{path}' describes the image '{image_ids[place]}' a second time.")
        found[place] = row
    if not found:
        raise DataError(
            f"'{path}' describes none of the {len(image_ids)} images; its names look like "
            f"'{table.rows[0][IMAGE]}', the set's like '{image_ids[0]}'."
        )
    columns = {}
    for column in table.columns:
        if column != IMAGE:
            texts = [found[row][column] or None if row in found else None for row in range(len(image_ids))]
            columns[column] = _numbers(texts) or texts
    return Metadata(columns, len(image_ids) - len(found), tuple(unknown))


def _numbers(texts: Sequence[str | None]) -> list[Value] | None:
    """The column as numbers, if all of it is; a code such as 007 or 1_2 stays a text."""
    values: list[Value] = []
    for text in texts:
        if text is None:
            values.append(None)
            continue
        try:
            value = float(text)
        except ValueError:
            return None
        if (
            "_" in text
            or not math.isfinite(value)
            or (text.lstrip("+-").startswith("0") and text.lstrip("+-")[1:2].isdigit())
        ):
            return None
        values.append(value)
    return values
