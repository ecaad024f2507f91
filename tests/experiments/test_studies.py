"""The pages of the studies say what the files of the comparison beside them say."""

import csv
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.helpers import REPOSITORY

STUDIES = ("losses_rendered", "losses_lfw")
FIGURES = {
    "pairsDevTest AUC": "test/pairs/auc",
    "accuracy": "test/pairs/accuracy",
    "AUC": "test/verification/auc",
    "all pairs AUC": "test/verification/auc",
    "TAR@FAR=1e-3": "test/verification/tar_at_far_1e_3",
    "EER": "test/verification/eer",
    "rank-1": "test/identification/rank_1",
}
LOSSES = {
    "CosFace": "cosface",
    "Deep Speaker": "deep_speaker",
    "angular": "angular",
    "softmax": "softmax",
    "contrastive": "contrastive",
    "triplet, hard": "triplet_hard",
    "Siamese L1": "siamese_l1",
}
NUMBER = r"[−-]?\d+\.\d+"


def page(study: str) -> str:
    return (REPOSITORY / "experiments" / study / "README.md").read_text("utf-8")


def rows(study: str, name: str) -> list[dict[str, str]]:
    with Path(REPOSITORY / "experiments" / study / name).open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def table(study: str) -> Iterator[tuple[str, str, str]]:
    """Loss, column and cell of the first table of results."""
    lines = [line.strip("| ").split("|") for line in page(study).splitlines() if line.startswith("|")]
    header, _, *body = [[cell.strip() for cell in line] for line in lines]
    for cells in body:
        yield from ((cells[0], column, cell) for column, cell in zip(header[1:], cells[1:], strict=True))


def rounded(value: float, like: str) -> str:
    return f"{value:.{len(like.partition('.')[2])}f}"


@pytest.mark.parametrize("study", STUDIES)
def test_the_table_holds_the_means_of_the_leaderboard(study: str) -> None:
    leaderboard = {(row["figure"], row["loss"]): row for row in rows(study, "leaderboard.csv")}
    checked = 0
    for loss, column, cell in table(study):
        if column not in FIGURES:
            continue
        row = leaderboard[FIGURES[column], LOSSES[loss]]
        value = cell.strip("*")
        assert value == rounded(float(row["mean"]), value), (loss, column)
        assert cell.startswith("**") == (row["place"] == "1"), (loss, column)
        checked += 1
    assert checked >= 4 * len(LOSSES)


@pytest.mark.parametrize("study", STUDIES)
def test_every_difference_with_an_interval_is_one_of_the_comparison(study: str) -> None:
    known = [[float(row[name]) for name in ("difference", "low", "high")] for row in rows(study, "differences.csv")]
    known += [[-difference, -high, -low] for difference, low, high in known]
    told = re.findall(rf"({NUMBER}) \[({NUMBER}), ({NUMBER})\]", page(study))
    assert told
    for texts in told:
        plain = [text.replace("−", "-") for text in texts]
        found = [[rounded(value, text) for value, text in zip(one, plain, strict=True)] for one in known]
        assert plain in found, f"{texts} is no difference of this study"
