"""Names of images: which one a file means, and whom an image shows by its name."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import PurePosixPath

from resemblance.errors import ConfigurationError, DataError

NUMBERED = r"^(.+)_\d+$"
"""LFW's way, ``Name_0001``, and that of many others."""
_SUFFIXES = {".jpg", ".jpeg", ".png", ".bmp", ".webp", ".tif", ".tiff", ".pgm", ".ppm", ".gif", ".npy"}
_SHOWN = 60


def without_suffix(name: str) -> str:
    """The name without the ending of an image file; a dot inside a name stays.

    >>> without_suffix("Name/Name_0001.jpg"), without_suffix("J.R._Ewing_0001")
    ('Name/Name_0001', 'J.R._Ewing_0001')
    """
    path = PurePosixPath(name.replace("\\", "/"))
    return str(path.with_suffix("")) if path.suffix.lower() in _SUFFIXES else str(path)


def check_pattern(pattern: str | None) -> None:
    """Refuse a rule that names no identity, before any file is read.

    Raises:
        ConfigurationError: for what is not a regular expression with one group.
    """
    if pattern is None:
        return
    try:
        groups = re.compile(pattern).groups
    except re.error as error:
        raise ConfigurationError(
            f"identity_pattern='{pattern}' is not a regular expression ({error}); an example is '{NUMBERED}'."
        ) from error
    if groups != 1:
        raise ConfigurationError(
            f"identity_pattern='{pattern}' has {groups} groups, but one pair of brackets must say which part of a "
            f"name is the identity, as in '{NUMBERED}'."
        )


def identities_by_name(names: Sequence[str], pattern: str | None, file: str) -> list[str]:
    """Whom each image shows: by a rule, else its folder, else what stands before its number.

    >>> identities_by_name(["Ann/1.png", "Bob_0001", "Bob_0002.jpg"], None, "a file")
    ['Ann', 'Bob', 'Bob']
    >>> identities_by_name(["007-left", "007-right"], "^(.*?)-", "a file")
    ['007', '007']

    Args:
        names: N.
        pattern: a regular expression whose one group is the identity; None for the two usual ways.
        file: for the message.

    Raises:
        DataError: with the number of names that the rule does not fit, and the first of them.
    """
    found = [_identity(name, pattern) for name in names]
    unknown = [name for name, identity in zip(names, found, strict=True) if identity is None]
    if unknown:
        rule = f"identity_pattern='{pattern}'" if pattern else "Name_0001 or Name/image"
        raise DataError(
            f"{len(unknown)} of {len(names)} names in '{file}' say no identity by {rule}, the first being "
            f"'{unknown[0][:_SHOWN]}'; give identities in the file, or a rule such as identity_pattern='{NUMBERED}'."
        )
    return [identity for identity in found if identity is not None]


def _identity(name: str, pattern: str | None) -> str | None:
    if pattern is None and (folder := PurePosixPath(without_suffix(name)).parent.name):
        return folder
    match = re.search(pattern or NUMBERED, name if pattern else without_suffix(name))
    return (match[1] or None) if match else None


def check_unique(names: Sequence[str], file: str, what: str = "image") -> None:
    """Refuse a list in which one name stands twice.

    Raises:
        DataError: with the number of such names and the first.
    """
    if len(set(names)) == len(names):
        return
    seen: set[str] = set()
    twice = list(dict.fromkeys(name for name in names if name in seen or seen.add(name)))  # type: ignore[func-returns-value]
    raise DataError(
        f"{len(twice)} {what} name{'s stand' if len(twice) > 1 else ' stands'} more than once in '{file}', the first "
        f"being '{twice[0][:_SHOWN]}'; a name must tell one {what} from all others."
    )


class NameIndex(Mapping[str, int]):
    """Rows by name, as tolerant of folders and endings as can be without guessing.

    ``/data/Name/Name_0001.jpg``, ``Name_0001.jpg`` and ``Name_0001`` mean one image where only one can be meant. A name
    is looked for as it is, then without the ending of an image file, then by its last parts: two names may mean one
    image if all parts of one are the last parts of the other.

    >>> index = NameIndex(["a/1.png", "b/1.png", "Ann/Ann_0001.jpg"])
    >>> index["Ann_0001"], index["a/1"], index["/data/b/1.png"], index.get("1.png"), index.get("Bob/Ann_0001")
    (2, 0, 1, None, None)
    """

    def __init__(self, names: Iterable[str]) -> None:
        self._names = list(names)
        self._rows = {name: row for row, name in enumerate(self._names)}

    def __getitem__(self, name: str) -> int:
        if (row := self._rows.get(name)) is not None:
            return row
        if (row := self._bare.whole(without_suffix(name))) is not None:
            return row
        # An ending tells apart what nothing else does; where it is another one, the rest of the name has to do.
        for endings, text in ((self._full, _forward(name)), (self._bare, without_suffix(name))):
            if (row := endings.ending(text)) is not None:
                return row
        raise KeyError(name)

    @cached_property
    def _bare(self) -> "_Endings":
        return _Endings(map(without_suffix, self._names))

    @cached_property
    def _full(self) -> "_Endings":
        return _Endings(map(_forward, self._names))

    def __iter__(self) -> Iterator[str]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)


class SetNames:
    """The names of all images of a set, those that gave an embedding and those that failed.

    One index holds both: a name that means a failed image must never be taken for another image that was left.

    Args:
        kept: names of the set's rows.
        failed: images that gave no embedding.
    """

    def __init__(self, kept: Iterable[str], failed: Iterable[str] = ()) -> None:
        names = list(kept)
        self._kept = len(names)
        self._index = NameIndex([*names, *failed])

    def row(self, name: str) -> int | None:
        """The row of an image, or None if it gave no embedding.

        Raises:
            KeyError: if the set has no such image.
        """
        place = self._index[name]
        return place if place < self._kept else None


_SEVERAL = -1


class _Endings:
    """Rows by the whole of a path, and by each number of its last parts; what several rows share means none of them."""

    def __init__(self, paths: Iterable[str]) -> None:
        self._whole: dict[str, int] = {}
        self._last: dict[str, int] = {}
        for row, path in enumerate(paths):
            for rows, texts in ((self._whole, [path]), (self._last, _last_parts(path))):
                for text in texts:
                    rows[text] = row if text not in rows else _SEVERAL

    def whole(self, path: str) -> int | None:
        """The row of a path."""
        row = self._whole.get(path, _SEVERAL)
        return None if row == _SEVERAL else row

    def ending(self, path: str) -> int | None:
        """The only row whose path ends like this one, as far as the shorter of the two goes."""
        found = {self._last[path]} if path in self._last else set()
        found |= {self._whole[text] for text in _last_parts(path) if text in self._whole}
        return found.pop() if len(found) == 1 and _SEVERAL not in found else None


def _last_parts(path: str) -> list[str]:
    """``a/b/c`` as ``a/b/c``, ``b/c``, ``c``; a path from the root also without it."""
    parts = PurePosixPath(path).parts
    return ["/".join(parts[start:]) for start in range(parts[:1] == ("/",), len(parts))]


def _forward(name: str) -> str:
    return str(PurePosixPath(name.replace("\\", "/")))
