import json
import os
import socket
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
import wandb

from resemblance.errors import ConfigurationError, ResemblanceWarning
from resemblance.results import Result, Table
from resemblance.tracking.hardest_pairs import write_hardest_pairs
from resemblance.tracking.keys import merged
from resemblance.tracking.run_directory import RunDirectory
from resemblance.tracking.wandb_run import wandb_tracker
from tests.tracking.conftest import OfflineRun
from tests.tracking.tiny import fit

SETTINGS = {"kind": "wandb", "project": "faces", "entity": None, "mode": None, "group": None, "tags": ["mine"]}
CONFIG = {"choices": {"data": "rendered_faces", "backbone": "tiny", "loss": "cosface"}, "loss": {"margin": 0.3}}
Runs = Callable[[Path], list[OfflineRun]]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """No account, no settings of the user's, and a home directory where nothing may be left."""
    folder = tmp_path / "home"
    folder.mkdir()
    monkeypatch.setenv("HOME", str(folder))
    wandb.teardown()  # its helper process has the home directory and the network of when it began
    yield folder
    wandb.teardown()
    assert list(folder.rglob("*")) == [], "nothing is staged, cached or configured in the home directory"


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Connections to anything but this machine fail."""
    connect = socket.socket.connect

    def refuse(self: socket.socket, address: Any) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6) and address[0] not in ("127.0.0.1", "::1", "localhost"):
            raise AssertionError(f"tried to reach {address}")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", refuse)
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"):  # W&B's own process would see them
        monkeypatch.setenv(name, "http://127.0.0.1:9")


def log_one(directory: RunDirectory, everything: Result, *, name: str = "g-seed0", **training: int) -> None:
    with wandb_tracker(directory, CONFIG, SETTINGS, group="g", name=name) as run:
        assert run is not None
        fit(directory.path, loggers=run.lightning, **training)
        run.log_final(everything, directory)


@pytest.mark.usefixtures("no_network")
def test_an_offline_run_holds_everything(with_figures: RunDirectory, everything: Result, offline_runs: Runs) -> None:
    log_one(with_figures, everything)
    (run,) = offline_runs(with_figures.wandb)

    assert run.run["display_name"] == "g-seed0"
    assert run.run["run_group"] == "g"
    assert run.run["job_type"] == "train"
    assert run.run["project"] == "faces"
    assert sorted(run.run["tags"]) == ["cosface", "mine", "rendered_faces", "tiny"]
    assert {key: run.config[key] for key in CONFIG} == CONFIG
    assert run.exit_code == 0

    epochs = [row for row in run.history if "train/loss" in row]
    assert [row["epoch"] for row in epochs] == [1, 2, 3]
    aucs = [row["val/verification/auc"] for row in run.history if "val/verification/auc" in row]
    assert aucs == pytest.approx([0.9, 0.8, 0.7])
    assert [row["epoch"] for row in run.history if "lr-SGD" in row] == [1, 2, 3]

    for key, scalar in everything.scalars.items():
        assert run.summary[key] == scalar.value, key


@pytest.mark.usefixtures("no_network")
def test_curves_tables_and_figures_are_logged(
    with_figures: RunDirectory, everything: Result, offline_runs: Runs
) -> None:
    log_one(with_figures, everything, epochs=1)
    (run,) = offline_runs(with_figures.wandb)
    roc = run.table("test/roc_table")
    assert roc["columns"] == ["FAR", "log10 FAR", "TAR"]
    curve = everything.curves["test/verification/roc"]
    assert 100 < len(roc["data"]) <= 500
    for far, log_far, tar in roc["data"]:
        assert far == pytest.approx(10**log_far)
        assert tar == pytest.approx(max(y for x, y in zip(curve.x, curve.y, strict=True) if x <= far * (1 + 1e-9)))
    cmc = run.table("test/identification/table")
    assert cmc["columns"] == ["rank", "untrained", "trained"]
    assert cmc["data"][0] == pytest.approx([1, 0.14, 0.63])
    for name in ("roc", "scores", "cmc"):
        (image,) = [row for row in run.history if f"figures/{name}._type" in row]
        assert image[f"figures/{name}._type"] == "image-file"
        copied = run.folder / "files" / image[f"figures/{name}.path"]
        assert copied.read_bytes() == (with_figures.figures / f"{name}.png").read_bytes()


@pytest.mark.usefixtures("no_network")
def test_hardest_pairs_calibration_and_breakdowns_are_tables(
    directory: RunDirectory, trained: Result, offline_runs: Runs
) -> None:
    tables = {
        "verification/hardest_false_matches": Table(("first", "second", "score"), ((1, 0, 0.75),)),
        "verification/calibration": Table(("target_far", "threshold"), ((0.1, 0.5),)),
        "breakdown/hat": Table(("group", "auc"), tuple((str(row), 0.5) for row in range(10_001))),
        "breakdown/refused": Table(("figure", "reason"), (("hat: rare", "too few"),)),
    }
    found = replace(trained, tables=tables)
    write_hardest_pairs(directory, found, ["anna/1", "bert/1"])
    log_one(directory, merged(test=found), epochs=1)
    (run,) = offline_runs(directory.wandb)
    pairs = run.table("test/verification/hardest_pairs")
    assert pairs["columns"] == ["kind", "first", "second", "score"]
    assert pairs["data"] == [["false match", "bert/1", "anna/1", 0.75]]
    assert run.table("test/verification/calibration")["data"] == [[0.1, 0.5]]
    assert len(run.table("test/breakdown/hat")["data"]) == 10_000, "more would be cut by W&B without a word"
    assert not any("refused" in key for row in run.history for key in row)


def test_epoch_is_the_axis_and_the_summary_has_a_direction(directory: RunDirectory, offline_runs: Runs) -> None:
    with wandb_tracker(directory, CONFIG, SETTINGS, group="g", name="n") as run:
        assert run is not None
        fit(directory.path, loggers=run.lightning, epochs=2)
    (found,) = offline_runs(directory.wandb)
    for key, direction in (("val/verification/auc", "max"), ("val/verification/eer", "min"), ("train/loss", "last")):
        assert found.metrics[key]["step_metric"] == "epoch"
        assert found.metrics[key]["summary"] == {direction: True}
    assert found.summary["val/verification/auc"] == {"max": pytest.approx(0.9)}
    assert found.summary["val/verification/eer"] == {"min": pytest.approx(0.1)}


def test_what_belongs_to_a_step_has_its_own_axis(directory: RunDirectory, offline_runs: Runs) -> None:
    with wandb_tracker(directory, CONFIG, SETTINGS, group="g", name="n") as run:
        assert run is not None
        for step in range(3):
            run.lightning[0].log_metrics({"step/loss": 1.0 - step, "epoch": 0}, step)
        run.lightning[0].log_metrics({"train/loss": 0.5, "epoch": 0}, 2)
    (found,) = offline_runs(directory.wandb)
    steps = [row for row in found.history if "step/loss" in row]
    assert [(row["step/loss"], row["trainer/global_step"]) for row in steps] == [(1.0, 0), (0.0, 1), (-1.0, 2)]
    assert found.summary["step/loss"] == -1.0
    assert [row["epoch"] for row in found.history if "train/loss" in row] == [1]


def test_two_runs_of_one_process_are_two_runs(tmp_path: Path, everything: Result, offline_runs: Runs) -> None:
    for seed in (0, 1):
        log_one(RunDirectory(tmp_path / str(seed)), everything, name=f"g-seed{seed}", epochs=1 + seed)
    (first,), (second,) = (offline_runs(tmp_path / str(seed)) for seed in (0, 1))
    assert [first.run["display_name"], second.run["display_name"]] == ["g-seed0", "g-seed1"]
    assert first.run["run_id"] != second.run["run_id"]
    assert [sum("train/loss" in row for row in run.history) for run in (first, second)] == [1, 2]


def test_a_failed_job_is_marked_and_ended(directory: RunDirectory, everything: Result, offline_runs: Runs) -> None:
    with pytest.raises(RuntimeError, match="diverged"):
        log_one(directory, everything, fail_at=1)
    (found,) = offline_runs(directory.wandb)
    assert found.exit_code == 1
    assert [row["epoch"] for row in found.history if "train/loss" in row] == [1], "what was logged is kept"


def test_the_environment_is_put_back(directory: RunDirectory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WANDB_MODE", "disabled")
    monkeypatch.setenv("WANDB_CACHE_DIR", str(directory.path / "mine"))
    with wandb_tracker(directory, CONFIG, SETTINGS, group="g", name="n") as run:
        assert run is not None
        assert os.environ["WANDB_MODE"] == "disabled", "the user's own mode stands where the configuration has none"
        assert os.environ["WANDB_CACHE_DIR"] == str(directory.path / "mine")
        assert os.environ["WANDB_DATA_DIR"] == str(directory.wandb)
    ours = {name: value for name, value in os.environ.items() if name.startswith("WANDB_")}
    ours.pop("WANDB_SERVICE", None)  # W&B's own, while its helper process lives
    assert ours == {"WANDB_MODE": "disabled", "WANDB_CACHE_DIR": str(directory.path / "mine")}


def test_the_configuration_beats_the_environment(
    directory: RunDirectory, monkeypatch: pytest.MonkeyPatch, offline_runs: Runs
) -> None:
    monkeypatch.setenv("WANDB_MODE", "disabled")
    with wandb_tracker(directory, CONFIG, {**SETTINGS, "mode": "offline"}, group="g", name="n"):
        pass
    assert len(offline_runs(directory.wandb)) == 1


def test_a_disabled_run_writes_nothing(with_figures: RunDirectory, everything: Result) -> None:
    with wandb_tracker(with_figures, CONFIG, {**SETTINGS, "mode": "disabled"}, group="g", name="n") as run:
        assert run is not None
        fit(with_figures.path, loggers=run.lightning, epochs=1)
        run.log_final(everything, with_figures)
    assert list(with_figures.wandb.rglob("*.wandb")) == []


@pytest.mark.parametrize(("setting", "variable"), [("ofline", None), (None, "dryrun")])
def test_a_mode_that_does_not_exist_is_refused(
    directory: RunDirectory, monkeypatch: pytest.MonkeyPatch, setting: str | None, variable: str | None
) -> None:
    if variable:
        monkeypatch.setenv("WANDB_MODE", variable)
    name = "logger.mode" if setting else "WANDB_MODE"
    with (
        pytest.raises(ConfigurationError, match=f"{name} is one of online, offline, disabled, not"),
        wandb_tracker(directory, CONFIG, {**SETTINGS, "mode": setting}, group="g", name="n"),
    ):
        pytest.fail("the run must not begin")


@pytest.mark.usefixtures("no_network")
def test_online_without_an_account_is_told_in_one_sentence(directory: RunDirectory) -> None:
    with (
        pytest.raises(ConfigurationError, match=r"can't start with logger.mode=online .*make sync`\.$"),
        wandb_tracker(directory, CONFIG, {**SETTINGS, "mode": "online"}, group="g", name="n"),
    ):
        pytest.fail("the run must not begin")


def test_who_is_refused_offline_is_not_sent_to_log_in(directory: RunDirectory, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(**_: object) -> None:
        raise wandb.errors.UsageError("Run ID cannot contain the characters: /")

    monkeypatch.setattr(wandb, "init", refuse)
    with (
        pytest.raises(ConfigurationError, match=r"logger.mode=offline \(Run ID .*; mend .* take logger=none\.$"),
        wandb_tracker(directory, CONFIG, SETTINGS, group="g", name="n"),
    ):
        pytest.fail("the run must not begin")
    assert not directory.wandb.exists()


def test_directions_of_test_figures_are_defined(
    with_figures: RunDirectory, everything: Result, offline_runs: Runs
) -> None:
    with wandb_tracker(with_figures, CONFIG, SETTINGS, group="g", name="n") as run:
        assert run is not None
        run.log_final(everything, with_figures)
    (found,) = offline_runs(with_figures.wandb)
    for key, direction in (("test/verification/auc", "max"), ("test/verification/eer", "min")):
        assert found.metrics[key]["summary"] == {direction: True}
        assert found.summary[key] == everything.scalars[key].value


def test_runs_of_one_configuration_are_known_by_it(tmp_path: Path, offline_runs: Runs) -> None:
    configurations = []
    for name, changed in (("a", {"seed": 1}), ("b", {"seed": 2}), ("c", {"seed": 1, "epochs": 3})):
        directory = RunDirectory(tmp_path / name)
        with wandb_tracker(directory, {**CONFIG, **changed}, SETTINGS, group="g", name=name):
            pass
        (found,) = offline_runs(directory.wandb)
        configurations.append(found.config["configuration"])
    assert configurations[0] == configurations[1] != configurations[2]


def test_the_tested_checkpoint_is_an_artifact(directory: RunDirectory, everything: Result, offline_runs: Runs) -> None:
    training = {**CONFIG, "seed": 3, "selection": {"rule": "best", "metric": "val/verification/auc"}}
    directory.checkpoints.mkdir()
    for name, epoch in (("best", 4), ("last", 8)):
        torch.save({"epoch": epoch, "state_dict": {}}, directory.checkpoints / f"{name}.ckpt")
    with wandb_tracker(directory, training, {**SETTINGS, "artifact": True}, group="g/m=1", name="n") as run:
        assert run is not None
        run.log_final(everything, directory, training)
        torch.save({"epoch": 4, "state_dict": {}}, directory.checkpoints / "last.ckpt")
        run.log_final(everything, directory, training)
    first, second = offline_runs(directory.wandb)[0].artifacts
    assert (first["name"], first["type"]) == ("g_m_1", "model")
    assert set(first["aliases"]) == {"best", "seed-3", "latest"}
    assert set(second["aliases"]) == {"best", "last", "seed-3", "latest"}, "the last epoch was the best"
    about = json.loads(first["metadata"])
    auc = everything.scalars["val/verification/auc"].value
    assert (about["epoch"], about["seed"], about["val/verification/auc"]) == (5, 3, auc)
    (entry,) = first["manifest"]["contents"]
    assert entry["path"] == "best.ckpt"
    assert entry["local_path"] == str(directory.checkpoints / "best.ckpt"), "the file is not copied"

    for settings, trial in (({"artifact": False}, {}), ({"artifact": True}, {"measure_test": False})):
        other = RunDirectory(directory.path.parent / str(len(trial)))
        with wandb_tracker(other, training, {**SETTINGS, **settings}, group="g", name="n") as run:
            assert run is not None
            run.log_final(everything, directory, {**training, **trial})
        assert offline_runs(other.wandb)[0].artifacts == []


def test_a_checkpoint_that_is_too_large_stays_where_it_is(
    directory: RunDirectory, everything: Result, offline_runs: Runs
) -> None:
    training = {**CONFIG, "seed": 3, "selection": {"rule": "last", "metric": "val/verification/auc"}}
    directory.checkpoints.mkdir()
    torch.save({"epoch": 4, "weights": torch.zeros(2**19)}, directory.checkpoints / "last.ckpt")
    settings = {**SETTINGS, "artifact": True, "artifact_mb": 1}
    with wandb_tracker(directory, training, settings, group="g", name="n") as run:
        assert run is not None
        with pytest.warns(ResemblanceWarning, match=r"last.ckpt', for 2 MB are more than logger\.artifact_mb=1\."):
            run.log_final(everything, directory, training)
    (found,) = offline_runs(directory.wandb)
    assert found.artifacts == []
    assert found.exit_code == 0
