"""Omniglot's files: characters and the 20 fixed runs, in zip files or unpacked, in either of two layouts.

Accepted are ``images_background/characterNNNN/NNNN_DD.png`` and the official ``images_background/ALPHABET/characterMM/
NNNN_DD.png`` (the same with ``images_evaluation``); NNNN is the character's number, 1 to 1,623, DD the drawer's. The
runs are ``runRR/training/classCC.png``, ``runRR/test/itemII.png`` and ``runRR/class_labels.txt``.
"""

import re
from collections import defaultdict
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from resemblance.data.stores import Store, stores_at
from resemblance.errors import DataError

RUNS = ("one_shot_runs.zip", "all_runs.zip", "one_shot_runs", "all_runs")
"""What the runs may be called that lie beside a zip file of drawings."""
PARTS = ("images_background", "images_evaluation")
_DRAWING = re.compile(r"(?:^|/)(images_background|images_evaluation)/(?:[^/]+/)+(\d{4})_(\d{2})\.png$")
_RUN_FILE = re.compile(r"(?:^|/)(run\d\d)/class_labels\.txt$")


@dataclass(frozen=True)
class Characters:
    """The characters of one part.

    Attributes:
        store: where the drawings lie.
        paths: of each character's drawings, by its number ``NNNN``, in the order of the drawers.
    """

    store: Store
    paths: dict[str, tuple[str, ...]]


@dataclass(frozen=True)
class Run:
    """One of Lake's runs, as paths in its store.

    Attributes:
        name: ``run01``.
        support: one drawing of each of the classes, in order.
        queries: drawings to be classified.
        answers: place in ``support`` of each query's class.
    """

    name: str
    support: tuple[str, ...]
    queries: tuple[str, ...]
    answers: tuple[int, ...]


def find_characters(root: Path) -> dict[str, Characters]:
    """Both parts, by their names in :data:`PARTS`.

    Raises:
        DataError: if one of them is nowhere.
    """
    found: dict[str, Characters] = {}
    for store in stores_at(root):
        drawings: dict[str, dict[str, dict[str, str]]] = {part: defaultdict(dict) for part in PARTS}
        for path in sorted(store.files()):
            if match := _DRAWING.search(path):
                part, character, drawer = match.groups()
                drawings[part][character].setdefault(drawer, path)
        for part, characters in drawings.items():
            if characters and part not in found:
                ordered = {number: tuple(path for _, path in sorted(of.items())) for number, of in characters.items()}
                found[part] = Characters(store, dict(sorted(ordered.items())))
        if len(found) == len(PARTS):
            return found
    missing = [part for part in PARTS if part not in found]
    raise DataError(
        f"There are no drawings {missing[0]}/characterNNNN/NNNN_DD.png at '{root}', neither in a folder nor in a zip "
        f"file; put Omniglot there, or point data.root at it (see docs/omniglot.md)."
    )


def find_runs(root: Path) -> tuple[Store, list[Run]] | None:
    """The fixed runs in order, each once, and where they lie; None if they are not there.

    With a zip file of the drawings as ``root`` they are in the same, or beside it under one of the names of
    :data:`RUNS`: nothing else that lies there is any of ours.

    Raises:
        DataError: for a run without its images.
    """
    beside = [root.parent / name for name in RUNS]
    places = [root] if root.is_dir() else [root, *(place for place in beside if place.exists() and place != root)]
    for store in chain.from_iterable(map(stores_at, places)):
        files = store.files()
        labels: dict[str, str] = {}  # a second copy of a run would count it twice
        for path in sorted(files):
            if match := _RUN_FILE.search(path):
                labels.setdefault(match.group(1), path)
        if labels:
            with store.reader() as read:
                runs = [_run(path, read(path).decode(), files, str(store)) for _, path in sorted(labels.items())]
            return store, runs
    return None


def _run(path: str, text: str, files: frozenset[str], place: str) -> Run:
    """Of lines ``run01/test/item01.png run01/training/class08.png``."""
    folder, _, _ = path.rpartition("/")
    above = folder.rpartition("/")[0]
    pairs = [tuple(f"{above}/{name}" if above else name for name in line.split()) for line in text.splitlines() if line]
    support = sorted(name for name in files if name.startswith(f"{folder}/training/") and name.endswith(".png"))
    place_of = {name: place for place, name in enumerate(support)}
    for number, pair in enumerate(pairs, start=1):
        if len(pair) != 2 or pair[0] not in files or pair[1] not in place_of:
            raise DataError(
                f"Line {number} of '{path}' at '{place}' does not name a test image and a training image that are "
                f"there; download the one-shot runs again."
            )
    return Run(
        folder.rpartition("/")[2],
        tuple(support),
        tuple(query for query, _ in pairs),
        tuple(place_of[answer] for _, answer in pairs),
    )
