import csv
from pathlib import Path

import pytest
from pytorch_lightning.utilities import rank_zero_only

from resemblance.tracking.history import HistoryLogger
from tests.tracking.tiny import BATCHES, fit


def table(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def test_one_row_an_epoch_with_everything_that_was_logged(tmp_path: Path) -> None:
    path = tmp_path / "history.csv"
    fit(tmp_path, loggers=[HistoryLogger(path)], epochs=3)
    rows = table(path)
    assert [row["epoch"] for row in rows] == ["1", "2", "3"]
    assert [row["step"] for row in rows] == [str(BATCHES * epoch) for epoch in (1, 2, 3)]
    assert [float(row["val/verification/auc"]) for row in rows] == pytest.approx([0.9, 0.8, 0.7])
    losses = [float(row["train/loss"]) for row in rows]
    assert losses == sorted(losses, reverse=True)
    # the rate at the beginning of the epoch, which Lightning logs without saying which epoch it is
    assert [float(row["lr-SGD"]) for row in rows] == pytest.approx([0.01 * 0.5 ** (BATCHES * k) for k in range(3)])


def test_a_column_that_comes_later_is_empty_before(tmp_path: Path) -> None:
    path = tmp_path / "history.csv"
    fit(tmp_path, loggers=[HistoryLogger(path)], epochs=2)
    assert [row["train/active_share"] for row in table(path)] == ["", "0.5"]
    assert list(table(path)[0])[:2] == ["epoch", "step"]


def test_a_variable_of_somebody_elses_launcher_silences_nothing(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(rank_zero_only, "rank", 1)  # what Lightning takes RANK=1 for, when it is imported
    HistoryLogger(tmp_path / "history.csv").log_metrics({"train/loss": 2.0, "epoch": 0}, step=4)
    assert len(table(tmp_path / "history.csv")) == 1


def test_what_belongs_to_a_step_is_left_to_other_loggers(tmp_path: Path) -> None:
    history = HistoryLogger(tmp_path / "history.csv")
    history.log_metrics({"step/loss": 3.0, "epoch": 0}, step=0)
    assert not (tmp_path / "history.csv").exists()
    history.log_metrics({"train/loss": 2.0, "epoch": 0}, step=4)
    assert table(tmp_path / "history.csv") == [{"epoch": "1", "step": "5", "train/loss": "2.0"}]


def test_a_run_that_dies_leaves_the_epochs_before(tmp_path: Path) -> None:
    path = tmp_path / "history.csv"
    with pytest.raises(RuntimeError, match="diverged"):
        fit(tmp_path, loggers=[HistoryLogger(path)], fail_at=2)
    assert [row["epoch"] for row in table(path)] == ["1", "2"]
    assert all(row["train/loss"] for row in table(path))


def test_a_resumed_training_goes_on_and_a_new_one_begins_again(tmp_path: Path) -> None:
    path = tmp_path / "history.csv"
    fit(tmp_path, loggers=[HistoryLogger(path)], epochs=2).save_checkpoint(tmp_path / "last.ckpt")
    before = table(path)
    fit(tmp_path, loggers=[HistoryLogger(path)], epochs=3, resume_from=tmp_path / "last.ckpt")
    after = table(path)
    assert [row["epoch"] for row in after] == ["1", "2", "3"]
    assert after[:2] == before
    fit(tmp_path, loggers=[HistoryLogger(path)], epochs=1)
    assert [row["epoch"] for row in table(path)] == ["1"]
