"""The official lists of Labeled Faces in the Wild: ``people*.txt`` and ``pairs*.txt``.

A list of View 1 begins with one count; a list of View 2 begins with the number of folds::

    4038                      10                    500                                10   300
    AJ_Cook   1               601                   Abdullah_Gul   13   14             Abel_Pacheco   1   4
    …                         Abdel_Madi…   1       …                                  …
                              …                     Ali_Khamenei 1 Kate_Winslet 2      …
"""

from collections.abc import Iterator
from dataclasses import dataclass

from resemblance.errors import DataError


@dataclass(frozen=True)
class Person:
    """One line of a list of people.

    Attributes:
        name: as the folder is called, ``Aaron_Peirsol``.
        numbers: of this person's images, 1 … n.
        line: where the list says so.
    """

    name: str
    numbers: tuple[int, ...]
    line: int

    @property
    def image_ids(self) -> list[str]:
        """``Aaron_Peirsol_0001`` and so on."""
        return [image_id(self.name, number) for number in self.numbers]


@dataclass(frozen=True)
class NamedPair:
    """One line of a list of pairs: two images, each a name and a number, and the line's number."""

    first: tuple[str, int]
    second: tuple[str, int]
    line: int

    @property
    def same(self) -> bool:
        """Whether both images show one person."""
        return self.first[0] == self.second[0]

    @property
    def images(self) -> tuple[tuple[str, int], tuple[str, int]]:
        """Both images."""
        return self.first, self.second


def image_id(name: str, number: int) -> str:
    """LFW's name of an image, without folder and suffix."""
    return f"{name}_{number:04d}"


def parse_people(text: str, file: str) -> list[list[Person]]:
    """The people of each fold; View 1 has one fold.

    Args:
        text: contents of the list.
        file: its name, for messages.

    Raises:
        DataError: naming file and line.
    """
    lines = list(_lines(text))
    sections = _Sections(lines, file)
    # The second line of a View 2 list is the count of its first fold, of a View 1 list the first person.
    num_folds = sections.count() if len(lines) > 1 and len(lines[1][1]) == 1 else 1
    folds, names = [], set()
    for _ in range(num_folds):
        fold = []
        for number, fields in sections.take(sections.count(), "people"):
            if len(fields) != 2 or not _natural(fields[1:]):
                raise _malformed(file, number, fields, "a name and a number of images")
            if fields[0] in names:
                raise DataError(
                    f"Line {number} of '{file}' names '{fields[0]}' a second time; download the list again."
                )
            names.add(fields[0])
            fold.append(Person(fields[0], tuple(range(1, int(fields[1]) + 1)), number))
        folds.append(fold)
    sections.end()
    return folds


def parse_pairs(text: str, file: str) -> list[list[NamedPair]]:
    """The pairs of each fold, genuine ones first; View 1 has one fold.

    Args:
        text: contents of the list.
        file: its name, for messages.

    Raises:
        DataError: naming file and line.
    """
    lines = list(_lines(text))
    sections = _Sections(lines, file)
    header = sections.take(1, "counts")[0][1]
    if len(header) > 2 or not _natural(header):
        raise _malformed(file, 1, header, "the number of pairs, or the number of folds and of pairs")
    num_folds, num_pairs = (1, int(header[0])) if len(header) == 1 else (int(header[0]), int(header[1]))
    folds = []
    for _ in range(num_folds):
        genuine = [_pair(file, number, fields, 3) for number, fields in sections.take(num_pairs, "genuine pairs")]
        impostor = [_pair(file, number, fields, 4) for number, fields in sections.take(num_pairs, "impostor pairs")]
        folds.append(genuine + impostor)
    sections.end()
    return folds


def _pair(file: str, number: int, fields: list[str], length: int) -> NamedPair:
    numbers = (fields[1:3] if length == 3 else fields[1::2]) if len(fields) == length else []
    expected = "a name and two different numbers" if length == 3 else "two different names, each with a number"
    if not _natural(numbers):
        raise _malformed(file, number, fields, expected)
    first = (fields[0], int(numbers[0]))
    second = (fields[0] if length == 3 else fields[2], int(numbers[1]))
    if first == second or (length == 4 and first[0] == second[0]):
        raise _malformed(file, number, fields, expected)
    return NamedPair(first, second, number)


class _Sections:
    """Walks through the lines of a list that announces how many follow."""

    def __init__(self, lines: list[tuple[int, list[str]]], file: str) -> None:
        self._lines = lines
        self._file = file
        self._next = 0

    def count(self) -> int:
        number, fields = self.take(1, "counts")[0]
        if len(fields) != 1 or not _natural(fields):
            raise _malformed(self._file, number, fields, "a count")
        return int(fields[0])

    def take(self, count: int, what: str) -> list[tuple[int, list[str]]]:
        taken = self._lines[self._next : self._next + count]
        if len(taken) < count:
            raise DataError(
                f"'{self._file}' ends after {len(taken)} of {count} {what}; it is not a whole list of LFW, download it "
                f"again."
            )
        self._next += count
        return taken

    def end(self) -> None:
        if self._next < len(self._lines):
            number, fields = self._lines[self._next]
            raise _malformed(self._file, number, fields, "the end of the list, by the counts above")


def _lines(text: str) -> Iterator[tuple[int, list[str]]]:
    for number, line in enumerate(text.splitlines(), start=1):
        if fields := line.split():
            yield number, fields


def _natural(fields: list[str]) -> bool:
    return bool(fields) and all(field.isascii() and field.isdigit() and int(field) > 0 for field in fields)


def _malformed(file: str, number: int, fields: list[str], expected: str) -> DataError:
    return DataError(
        f"Line {number} of '{file}' should be {expected}, but reads '{' '.join(fields)[:80]}'; download the list again."
    )
