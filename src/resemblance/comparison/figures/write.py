"""Writes the pictures of a comparison; what a study does not hold is left out."""

import re
from collections.abc import Iterator, Mapping
from itertools import count
from pathlib import Path

from matplotlib.figure import Figure

from resemblance.comparison.evidence.cost import costs_of
from resemblance.comparison.evidence.looks import Look, looks_of
from resemblance.comparison.evidence.roc import protocols_with_roc, roc_bands
from resemblance.comparison.figures.cost import cost_figure
from resemblance.comparison.figures.differences import differences_figure
from resemblance.comparison.figures.leaderboard import leaderboard_figure
from resemblance.comparison.figures.ranks import ranks_figure
from resemblance.comparison.figures.roc import roc_figure
from resemblance.comparison.study import Study, TestSet
from resemblance.tracking.figures.write import save

_AGAINST = "train/images_per_second"


def write_figures(study: Study, folder: Path) -> dict[str, Path]:
    """Write PNG files and return the paths by name.

    ``leaderboard_FIGURE`` and ``differences_FIGURE`` for each figure that was compared, ``roc`` (``roc_pairs`` for a
    list of pairs) and ``cost``, which is the headline figure against images/s; with several test sets each name begins
    with the set's. ``ranks_FIGURE`` where data sets were ranked. A name that was given before, as sets may differ in
    signs only, has a number.

    Args:
        study: what was found.
        folder: of the files; created.

    Raises:
        OutputError: if a file can't be written.
    """
    written: dict[str, Path] = {}
    for name, figure in _drawn(study):
        unlike = next(one for one in _numbered(name) if one not in written)
        written[unlike] = save(figure, folder / f"{unlike}.png")
    return written


def _drawn(study: Study) -> Iterator[tuple[str, Figure]]:
    looks = looks_of(study)
    several = len(study.test_sets) > 1
    for test_set in study.test_sets:
        before = f"{_plain(test_set.name)}_" if several else ""
        for name, figure in _of_set(test_set, looks):
            yield f"{before}{name}", figure
    for ranks in study.ranks:
        yield f"ranks_{_figure(ranks.key)}", ranks_figure(ranks, looks)


def _of_set(test_set: TestSet, looks: Mapping[str, Look]) -> Iterator[tuple[str, Figure]]:
    for findings in test_set.findings:
        yield f"leaderboard_{_figure(findings.key)}", leaderboard_figure(findings, test_set, looks)
        if findings.differences:
            yield f"differences_{_figure(findings.key)}", differences_figure(findings, test_set)
    for protocol in protocols_with_roc(test_set.contestants):
        bands = roc_bands(test_set.contestants, protocol)
        name = "roc" if protocol == "verification" else f"roc_{_plain(protocol)}"
        yield name, roc_figure(bands, protocol, test_set.name, looks)
    column = next((column for column in costs_of(test_set.contestants) if column.key == _AGAINST), None)
    if column is not None and test_set.findings:
        yield "cost", cost_figure(test_set.findings[0], test_set, column, looks)


def _numbered(name: str) -> Iterator[str]:
    """First as it is, then ``roc_2``, ``roc_3`` and so on."""
    yield name
    yield from (f"{name}_{number}" for number in count(2))


def _figure(key: str) -> str:
    """``test/verification/auc`` → ``auc``; other protocols are named too."""
    parts = key.removeprefix("test/").split("/")
    return _plain("_".join(parts[1:] if parts[0] in ("verification", "identification") else parts))


def _plain(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9]+", "_", name).strip("_").lower()
