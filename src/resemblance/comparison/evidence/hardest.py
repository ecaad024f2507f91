"""What a run got most wrong: the names of the pairs, and their images cut from the sheets that the run has drawn.

The sheets are the only place where a run directory keeps images. They stand upon white, so a pair is found by the
white around it; where the number of what is found is not the number of pairs, the names stand alone.
"""

import base64
import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from resemblance.comparison.runs import Run
from resemblance.comparison.untouched import check_untouched

KINDS = {
    "false match": ("false_matches", "Two people taken for one: the most similar images of different identities"),
    "false non-match": ("false_non_matches", "One person taken for two: the least similar images of one identity"),
}
"""By their name in ``hardest_pairs.csv``: that of the figure, and what is seen."""
_LEAST_IMAGE = 60
"""Pixels: lines of text are lower than that, images are not."""
_BETWEEN_PAIRS = 16
"""Pixels of white that part two pairs; the two images of a pair are nearer."""
_WHITE = 250
_QUALITY = 82


@dataclass(frozen=True)
class Pair:
    """Two images that were compared.

    Attributes:
        first, second: their names.
        score: of the comparison.
        image: both side by side as a data URI; None where there is no picture.
    """

    first: str
    second: str
    score: float
    image: str | None = None


def hardest_pairs(run: Run, kind: str, most: int, images: bool = True) -> list[Pair]:
    """The worst pairs of a kind, worst first; empty where the run has none, or somebody has removed them.

    Args:
        run: whose mistakes.
        kind: a key of :data:`KINDS`.
        most: how many.
        images: whether to look for their images.

    Raises:
        DataError: if the files are not those that the run has written.
    """
    read = [run.paths.hardest_pairs, *([_sheet(run, kind)] if images else [])]
    names = [file.relative_to(run.path).as_posix() for file in read if file.exists()]
    check_untouched(run.path, run.record, [name for name in names if name in run.record.files])
    try:
        with run.paths.hardest_pairs.open(encoding="utf-8", newline="") as table:
            rows = [row for row in csv.DictReader(table) if row.get("kind") == kind]
        named = [Pair(row["first"], row["second"], float(row["score"])) for row in rows]
    except (OSError, KeyError, TypeError, ValueError, csv.Error):
        return []
    pictures = _pictures(run, kind, len(named), most) if images else []
    if not pictures:
        return named[:most]
    return [
        Pair(pair.first, pair.second, pair.score, picture)
        for pair, picture in zip(named[:most], pictures, strict=False)
    ]


def _sheet(run: Run, kind: str) -> Path:
    return run.paths.figures / f"hardest_{KINDS[kind][0]}.png"


def _pictures(run: Run, kind: str, expected: int, most: int) -> list[str]:
    from PIL import Image

    try:
        with Image.open(_sheet(run, kind)) as file:
            sheet = np.asarray(file.convert("RGB"))
    except (OSError, ValueError, SyntaxError):
        return []
    boxes = pair_boxes(sheet)
    return (
        [_data_uri(sheet[top:bottom, left:right]) for top, bottom, left, right in boxes[:most]]
        if (len(boxes) == expected)
        else []
    )


def pair_boxes(sheet: NDArray[np.uint8]) -> list[tuple[int, int, int, int]]:
    """Top, bottom, left and right of each pair of images on a white sheet, row by row.

    Args:
        sheet: uint8 [H, W, 3].
    """
    drawn: NDArray[np.bool_] = np.any(sheet < _WHITE, axis=2)
    boxes = []
    for top, bottom in _runs(np.any(drawn, axis=1), join=1):
        if bottom - top >= _LEAST_IMAGE:
            across = _runs(np.any(drawn[top:bottom], axis=0), join=_BETWEEN_PAIRS)
            boxes += [(top, bottom, left, right) for left, right in across if right - left >= _LEAST_IMAGE]
    return boxes


def _runs(marked: NDArray[np.bool_], join: int) -> Sequence[tuple[int, int]]:
    """Start and end of each run of True; runs with fewer than ``join`` False between them are one."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], marked, [False]]).astype(int)))
    runs: list[tuple[int, int]] = []
    for start, end in edges.reshape(-1, 2).tolist():
        if runs and start - runs[-1][1] < join:
            runs[-1] = (runs[-1][0], end)
        else:
            runs.append((start, end))
    return runs


def _data_uri(picture: NDArray[np.uint8]) -> str:
    from PIL import Image

    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, "JPEG", quality=_QUALITY, optimize=True)
    return "data:image/jpeg;base64," + base64.b64encode(buffer.getvalue()).decode()
