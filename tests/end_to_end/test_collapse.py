"""Where plain batch hard collapses on rendered faces, the robust triplet loss learns."""

import csv

import pytest

from tests.end_to_end.test_learning import WANTED, trained

SETTING = ("neck=linear", "optimizer.lr=0.003")


def spread_at_the_end(tmp_path):
    with (tmp_path / "run" / "history.csv").open() as file:
        return float(list(csv.DictReader(file))[-1]["train/embedding_spread"])


@pytest.mark.slow
def test_plain_batch_hard_collapses(tmp_path):
    metrics = trained(tmp_path, "triplet", "loss.mining=hard", *SETTING)
    assert metrics["test/verification/auc"]["value"] < 0.8
    assert metrics["train/collapsed"]["value"] == 1
    assert spread_at_the_end(tmp_path) < 0.01


@pytest.mark.slow
def test_the_robust_triplet_loss_learns(tmp_path):
    metrics = trained(tmp_path, "triplet_robust", *SETTING)
    assert metrics["test/verification/auc"]["value"] >= WANTED
    assert metrics["train/collapsed"]["value"] == 0
    assert spread_at_the_end(tmp_path) > 0.3
