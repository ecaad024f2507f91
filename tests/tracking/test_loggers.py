import csv
import subprocess
import sys
import warnings
from pathlib import Path
from typing import Any

import pytest

from resemblance.errors import ConfigurationError, ResemblanceWarning
from resemblance.results import Result
from resemblance.tracking.loggers import check_logger, run_tracker
from resemblance.tracking.run_directory import RunDirectory
from tests.tracking.tiny import fit

SELECTION = {"metric": "val/verification/auc", "rule": "best"}
CONFIG = {"choices": {"loss": "cosface"}, "loss": {"margin": 0.3}, "seed": 1, "selection": SELECTION}


def log_one(directory: RunDirectory, everything: Result, kind: str) -> None:
    with run_tracker(directory, CONFIG, {"kind": kind}, group="g", name="n") as run:
        fit(directory.path, loggers=run.lightning, epochs=2)
        for step in range(3):
            for logger in run.lightning:
                logger.log_metrics({"step/loss": 1.0 - step, "epoch": 0}, step)
        run.log_table("runs", ["a"], [[1]])
        run.log_final(everything, directory, CONFIG)


def test_no_logger_writes_nothing(directory: RunDirectory, everything: Result) -> None:
    before = sorted(directory.path.rglob("*"))
    with run_tracker(directory, CONFIG, {"kind": "none"}, group="g", name="n") as run:
        assert run.lightning == []
        run.log_final(everything, directory, CONFIG)
        run.log_table("runs", ["a"], [[1]])
    assert sorted(directory.path.rglob("*")) == before


def test_csv_has_a_row_for_each_epoch_and_step_and_one_with_every_figure(
    directory: RunDirectory, everything: Result
) -> None:
    log_one(directory, everything, "csv")
    assert directory.path / "csv" in directory.written()
    with (directory.path / "csv" / "metrics.csv").open(newline="") as file:
        rows = [{key: cell for key, cell in row.items() if cell} for row in csv.DictReader(file)]
    epochs = [row for row in rows if "train/loss" in row]
    assert [float(row["epoch"]) for row in epochs] == [1, 2]
    assert [float(row["val/verification/auc"]) for row in rows if "val/verification/auc" in row][:2] == (
        pytest.approx([0.9, 0.8])
    )
    assert [float(row["step/loss"]) for row in rows if "step/loss" in row] == [1, 0, -1]
    (final,) = [row for row in rows if "test/verification/auc" in row]
    assert {key: float(final[key]) for key in everything.scalars} == {
        key: scalar.value for key, scalar in everything.scalars.items()
    }


def test_tensorboard_has_the_same_keys(with_figures: RunDirectory, everything: Result) -> None:
    log_one(with_figures, everything, "tensorboard")
    assert with_figures.path / "tensorboard" in with_figures.written()
    found = events(with_figures.path / "tensorboard")
    assert [(event.step, event.value) for event in found.Scalars("val/verification/auc")][:2] == [
        (1, pytest.approx(0.9)),
        (2, pytest.approx(0.8)),
    ]
    assert [event.step for event in found.Scalars("train/loss")] == [1, 2]
    assert [event.step for event in found.Scalars("step/loss")] == [0, 1, 2]
    for key, scalar in everything.scalars.items():
        last = found.Scalars(key)[-1]
        assert (last.step, last.value) == (2, pytest.approx(scalar.value)), key
    assert {"figures/roc", "figures/scores", "figures/cmc"} <= set(found.Tags()["images"])


def test_each_is_closed_whatever_happens(directory: RunDirectory) -> None:
    with (
        pytest.raises(RuntimeError, match="diverged"),
        run_tracker(directory, CONFIG, {"kind": "csv"}, group="g", name="n") as run,
    ):
        fit(directory.path, loggers=run.lightning, fail_at=1)
    assert "train/loss" in (directory.path / "csv" / "metrics.csv").read_text()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
@pytest.mark.parametrize("kind", ["csv", "tensorboard"])
def test_a_full_disk_stops_nothing(kind: str, directory: RunDirectory, everything: Result) -> None:
    folder = directory.path / kind
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1", "tmpfs", str(folder)], capture_output=True)
    if mounted.returncode:
        pytest.skip("a small file system can only be mounted by root")
    try:
        (folder / "in_the_way").write_bytes(bytes(4096))
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            log_one(directory, everything, kind)
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)
    told = [str(one.message) for one in caught if issubclass(one.category, ResemblanceWarning)]
    assert len(told) == 1
    assert "No space left on device" in told[0]


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"kind": "mlflow"}, "logger.kind is one of wandb, tensorboard, csv, none, not 'mlflow'."),
        ({"kind": "wandb", "mode": "ofline"}, "logger.mode is one of online, offline, disabled, not 'ofline'."),
        ({"kind": "wandb", "artifact_mb": "big"}, "logger.artifact_mb is 'big', but should be a number of megabytes"),
        ({"kind": "wandb", "artifact_mb": -1}, "logger.artifact_mb is -1, but should be a number of megabytes"),
        ({"kind": "wandb", "tags": "mine"}, "logger.tags is 'mine', but should be a list of words, such as"),
        ({"kind": "wandb", "tags": 5}, "logger.tags is 5, but should be a list of words"),
        ({"kind": "wandb", "tags": [{"a": 1}]}, "logger.tags is [{'a': 1}], but should be a list of words"),
        ({"kind": "wandb", "notes": 5}, "logger.notes is 5, but should be text"),
        ({"kind": "wandb", "entity": ["a"]}, "logger.entity is ['a'], but should be text"),
        ({"kind": "wandb", "group": True}, "logger.group is True, but should be text"),
        ({"kind": "wandb", "project": 2024}, "logger.project is 2024, but should be text"),
        ({"kind": "wandb", "project": "a/b"}, "logger.project is 'a/b', but should be at most 128 characters and none"),
        ({"kind": "wandb", "artifact": "yes"}, "logger.artifact is 'yes', but should be true or false."),
    ],
)
def test_a_choice_that_cannot_be_is_refused(settings: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        check_logger(settings)
    assert sentence in str(refused.value)


def test_a_project_that_is_taken_is_one_that_wandb_takes() -> None:
    import wandb

    for name in ("a", "x" * 128, "x" * 129, *(f"a{character}b" for character in r"/\#?%:&;,'<> ä._-+=*")):
        try:
            check_logger({"kind": "wandb", "project": name})
            refused = False
        except ConfigurationError:
            refused = True
        try:
            wandb.Settings(project=name)
        except (wandb.errors.UsageError, ValueError):
            assert refused, name
        else:
            assert not refused, name


def test_tags_that_are_numbers_are_words() -> None:
    check_logger({"kind": "wandb", "tags": ["mine", 2024]})
    check_logger({"kind": "wandb", "tags": None})


def test_tensorboard_that_is_missing_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(ConfigurationError, match=r"pip install 'resemblance\[tensorboard\]'"):
        check_logger({"kind": "tensorboard"})


def test_checking_a_logger_imports_nothing_heavy() -> None:
    code = (
        "import sys\n"
        "from resemblance.tracking.loggers import check_logger\n"
        "check_logger({'kind': 'wandb', 'mode': None})\n"
        "sys.exit(' '.join({'torch', 'wandb', 'pytorch_lightning', 'tensorboard'} & set(sys.modules)) or 0)"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stderr == ""


def events(folder: Path) -> Any:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    found = EventAccumulator(str(folder), size_guidance={"images": 0, "scalars": 0})
    found.Reload()
    return found
