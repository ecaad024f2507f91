"""Lists of comparisons: one's own ``pairs.csv``, or LFW's ``pairs.txt`` and ``pairsDevTest.txt``."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path

import torch

from resemblance.data.lfw.protocol_files import image_id, parse_pairs
from resemblance.embeddings import PairList
from resemblance.errors import DataError
from resemblance.evaluating.files.names import SetNames
from resemblance.evaluating.files.table import read_table, read_text

COLUMNS = ("first", "second", "same")
_SAME = {"1": True, "true": True, "same": True, "yes": True}
_DIFFERENT = {"0": False, "false": False, "different": False, "no": False}
_KINDS = {**_SAME, **_DIFFERENT}
VIEW_2_FOLDS = 10
_LONGEST = 18
"""Digits of a fold's number: more do not fit into an int64."""


@dataclass(frozen=True)
class NamedComparison:
    """One line of a list: two images by name, whether they show one person, and the fold, if the list has folds."""

    first: str
    second: str
    same: bool
    fold: int
    line: int


def read_comparisons(path: Path) -> list[NamedComparison]:
    """The comparisons of a list, by name.

    Args:
        path: a CSV file with the columns ``first``, ``second``, ``same`` (1 / 0, true / false, same / different) and
            perhaps ``fold``, or a list of LFW.

    Raises:
        DataError: naming file and line of what can't be read.
    """
    return list(_own(path) if path.suffix.lower() == ".csv" else _lfw(path))


def rows_of(
    comparisons: list[NamedComparison], path: Path, image_ids: Collection[str], failures: Collection[str] = ()
) -> tuple[PairList, int]:
    """A list as rows of a set, and how many comparisons were left out because an image of theirs gave no embedding.

    Args:
        comparisons: by name.
        path: where they stand.
        image_ids: names of the set's rows.
        failures: images that gave no embedding.

    Raises:
        DataError: for images that are in neither, with their number and the first; if nothing is left.
    """
    names = SetNames(image_ids, failures)
    unknown: dict[str, int] = {}
    kept: list[tuple[int, int, bool, int]] = []
    left_out = 0
    for comparison in comparisons:
        places = []
        for name in (comparison.first, comparison.second):
            try:
                places.append(names.row(name))
            except KeyError:
                unknown.setdefault(name, comparison.line)
        if len(places) < 2:
            continue
        first, second = places
        if first is None or second is None:
            left_out += 1
        elif first == second:
            raise DataError(f"Line {comparison.line} of '{path}' compares the image '{comparison.first}' with itself.")
        else:
            kept.append((first, second, comparison.same, comparison.fold))
    if unknown:
        name, line = next(iter(unknown.items()))
        raise DataError(
            f"'{path}' names {len(unknown):,} image{'s' if len(unknown) > 1 else ''} that the test set does not have, "
            f"the first being '{name}' in line {line}; the set's names look like '{next(iter(image_ids))}'."
        )
    if not kept:
        raise DataError(f"Every comparison of '{path}' has an image that gave no embedding.")
    firsts, seconds, same, folds = zip(*kept, strict=True)
    pairs = PairList(
        first=torch.tensor(firsts),
        second=torch.tensor(seconds),
        same=torch.tensor(same),
        name=_name(path, comparisons),
        folds=torch.tensor(folds) if len(set(folds)) > 1 else None,
    )
    return pairs, left_out


def _name(path: Path, comparisons: list[NamedComparison]) -> str:
    """As the field calls it: the file's name says little where it is ``pairs.txt``."""
    if path.name == "pairs.txt" and len({comparison.fold for comparison in comparisons}) == VIEW_2_FOLDS:
        return "LFW View 2"
    return path.stem


def _lfw(path: Path) -> Iterable[NamedComparison]:
    for fold, pairs in enumerate(parse_pairs(read_text(path, "pairs"), path.name)):
        for pair in pairs:
            yield NamedComparison(image_id(*pair.first), image_id(*pair.second), pair.same, fold, pair.line)


def _own(path: Path) -> Iterable[NamedComparison]:
    table = read_table(path, "pairs", COLUMNS)
    for row, line in zip(table.rows, table.lines, strict=True):
        same = _KINDS.get(row["same"].lower())
        if same is None or not row["first"] or not row["second"]:
            raise DataError(
                f"Line {line} of '{path}' should be two images and 1 or 0 (true or false, same or different), but "
                f"reads '{','.join(row.values())[:80]}'."
            )
        fold = row.get("fold", "0")
        if not fold.isdecimal() or len(fold) > _LONGEST:
            raise DataError(
                f"Line {line} of '{path}' has the fold '{fold[:80]}', which should be a number from 0 up, of "
                f"{_LONGEST} digits at most."
            )
        yield NamedComparison(row["first"], row["second"], same, int(fold), line)
