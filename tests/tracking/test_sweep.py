import csv
import errno
import io
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import hydra
import pytest
from hydra.core.global_hydra import GlobalHydra
from hydra.core.hydra_config import HydraConfig
from omegaconf import DictConfig, OmegaConf
from rich.console import Console

from resemblance.errors import DataError, OutputError
from resemblance.results import Result, Scalar
from resemblance.tracking.run_directory import RunDirectory
from resemblance.tracking.sweep import check_not_elsewhere, record_interruption
from resemblance.tracking.sweep_lock import JOB_LOCK, take
from resemblance.tracking.sweep_report import read_sweep, write_runs
from resemblance.tracking.sweep_table import FINISHED, SweepRow, print_sweep, sweep_table
from tests.helpers import RECORD
from tests.tracking.conftest import OfflineRun

CONFIG = """
seed: 0
loss: cosface
logger: {kind: wandb, project: faces, entity: null, mode: null, tags: []}
hydra:
  output_subdir: null
  sweep: {dir: sweeps/one, subdir: "${hydra:job.num}"}
  run: {dir: single}
  callbacks: {sweep: {_target_: resemblance.tracking.sweep.SweepTable}}
"""


def task(config: DictConfig) -> None:
    """What a training leaves behind, without the training."""
    check_not_elsewhere()
    directory = RunDirectory(HydraConfig.get().runtime.output_dir)
    choices = {"loss": config.loss, "backbone": "tiny", "data": "rendered_faces"}
    directory.write_config(OmegaConf.to_yaml({**config, "choices": choices, "group": "g", "name": "n"}))
    if config.loss == "broken":
        raise DataError("There are no faces; fetch some.")
    if config.loss == "defect":
        raise ZeroDivisionError("a defect of ours")
    if config.loss == "full":
        raise OSError(errno.ENOSPC, "No space left on device", "best.ckpt")
    directory.finish(Result({"test/verification/auc": Scalar(0.9 + config.seed / 100, "AUC")}), RECORD)
    if config.loss == "late":
        raise ZeroDivisionError("a defect after the end")
    if config.loss == "interrupted":
        record_interruption(config)
        raise SystemExit("interrupted")


Run = Callable[..., None]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    """The command line of an app with the callback, within this process."""
    (tmp_path / "app.yaml").write_text(CONFIG)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HYDRA_FULL_ERROR", "1")

    def command(*arguments: str) -> None:
        monkeypatch.setattr("sys.argv", ["app.py", *arguments])
        GlobalHydra.instance().clear()
        hydra.main(version_base="1.3", config_path=str(tmp_path), config_name="app")(task)()

    yield command
    GlobalHydra.instance().clear()


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.filterwarnings("error:Callback")  # Hydra turns what a callback raises into a warning
def test_a_multirun_ends_with_one_table_also_when_jobs_fail(
    run: Run,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    offline_runs: Callable[[Path], list[OfflineRun]],
) -> None:
    with pytest.raises(SystemExit, match="4 of 6 jobs did not finish"):
        run("-m", "loss=broken,cosface,defect", "seed=0,1")
    sweep = tmp_path / "sweeps" / "one"
    rows = rows_of(sweep / "runs.csv")
    assert list(rows[0]) == ["loss", "backbone", "data", "seed", "name", "status", "test/verification/auc"]
    assert [(row["loss"], row["seed"], row["status"], row["test/verification/auc"]) for row in rows] == [
        ("broken", "0", "failed", ""),
        ("broken", "1", "failed", ""),
        ("cosface", "0", "finished", "0.9"),
        ("cosface", "1", "finished", "0.91"),
        ("defect", "0", "failed", ""),
        ("defect", "1", "failed", ""),
    ]
    shown = capsys.readouterr()
    assert "0.9000" in shown.out
    assert "0.9100" in shown.out
    assert shown.out.count("There are no faces; fetch some.") == 2
    assert "There are no faces; fetch some." in shown.err.splitlines()[0], "told at once, not at the end"
    failure = (sweep / "4" / "failed.txt").read_text()
    assert failure.startswith("ZeroDivisionError: a defect of ours")
    assert "Traceback" in failure

    (logged,) = offline_runs(sweep)
    assert logged.run["job_type"] == "sweep"
    assert logged.config["overrides"] == ["loss=broken,cosface,defect", "seed=0,1"]
    table = logged.table("runs")
    assert table["columns"] == list(rows[0])
    assert table["data"][2] == ["cosface", "tiny", "rendered_faces", 0, "n", "finished", 0.9]


@pytest.mark.filterwarnings("error:Callback")
def test_a_job_that_is_mended_is_no_longer_listed_as_failed(run: Run, tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="1 of 1 jobs"):
        run("-m", "loss=broken", "logger.kind=none")
    run("-m", "loss=cosface", "logger.kind=none")
    (row,) = rows_of(tmp_path / "sweeps" / "one" / "runs.csv")
    assert row["status"] == "finished"
    assert not (tmp_path / "sweeps" / "one" / "0" / "failed.txt").exists()
    assert not (tmp_path / "sweeps" / "one" / "wandb").exists(), "without W&B there is no run for the table either"


@pytest.mark.filterwarnings("error:Callback")
def test_what_fails_after_the_figures_were_written_is_told_and_the_job_is_finished(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run("-m", "loss=late", "logger.kind=none")
    assert "a defect after the end" in capsys.readouterr().err
    (row,) = rows_of(tmp_path / "sweeps" / "one" / "runs.csv")
    assert row["status"] == "finished"
    assert not (tmp_path / "sweeps" / "one" / "0" / "failed.txt").exists()
    with pytest.raises(OutputError, match="already holds a finished run"):
        run("-m", "loss=cosface", "logger.kind=none")  # whose figures the table would show as its own
    assert not (tmp_path / "sweeps" / "one" / "0" / "failed.txt").exists()


@pytest.mark.filterwarnings("error:Callback")
def test_ctrl_c_after_the_figures_were_written_leaves_a_finished_job(run: Run, tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="interrupted"):
        run("-m", "loss=interrupted", "logger.kind=none")
    (row,) = rows_of(tmp_path / "sweeps" / "one" / "runs.csv")
    assert row["status"] == "finished"
    assert not list(tmp_path.rglob("failed.txt"))


@pytest.mark.filterwarnings("error:Callback")
def test_a_job_that_another_process_runs_is_left_to_it(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """As where a cluster begins a job that waited in its queue, and that a second command has begun meanwhile."""
    folder = tmp_path / "sweeps" / "one" / "0"
    other = take(folder / JOB_LOCK)
    assert other is not None
    (folder / "config.yaml").write_text("seed: 0")
    with pytest.raises(SystemExit, match="1 of 1 jobs did not finish"):
        run("-m", "loss=cosface", "logger.kind=none")
    assert "is left to that" in capsys.readouterr().err
    assert not list(tmp_path.rglob("failed.txt"))
    other.release()


@pytest.mark.filterwarnings("error:Callback")
def test_a_full_disk_is_no_defect(run: Run, tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="1 of 1 jobs"):
        run("-m", "loss=full", "logger.kind=none")
    told = (tmp_path / "sweeps" / "one" / "0" / "failed.txt").read_text().partition("\n")[0]
    assert told.startswith("'best.ckpt' can't be used (No space left on device); check")
    assert "hydra.sweep.dir=" in told


@pytest.mark.filterwarnings("ignore:Callback")
def test_a_table_that_can_not_be_written_is_told_by_the_exit_code(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "sweeps" / "one" / "runs.csv").mkdir(parents=True)
    with pytest.raises(SystemExit, match=r"runs\.csv' can't be written"):
        run("-m", "loss=cosface", "logger.kind=none")
    printed = capsys.readouterr().out
    assert "0.9000" in printed
    assert "wrote:" not in printed


def test_a_table_that_wandb_refuses_loses_nothing(run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run("-m", "loss=cosface", "logger.mode=nonsense")
    assert "could not be logged to W&B" in capsys.readouterr().err
    assert len(rows_of(tmp_path / "sweeps" / "one" / "runs.csv")) == 1


def test_a_single_job_keeps_hydras_ways(run: Run, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="There are no faces"):
        run("loss=broken")
    assert not (tmp_path / "single" / "failed.txt").exists()


def test_the_callback_is_built_without_any_slow_import() -> None:
    code = "import resemblance.tracking.sweep, sys; sys.exit(bool({'torch', 'wandb', 'rich'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def job(folder: Path, everything: Result | None, **config: object) -> None:
    directory = RunDirectory(folder)
    directory.write_config(OmegaConf.to_yaml(config))
    if everything is not None:
        directory.finish(everything, RECORD)


def printed(sweep: Path, width: int = 80) -> str:
    out = io.StringIO()
    print_sweep(Console(file=out, width=width), read_sweep(sweep), sweep / "runs.csv")
    return out.getvalue()


@pytest.fixture
def sweep(tmp_path: Path, everything: Result) -> Path:
    choices = {"loss": "cosine_triplet", "backbone": "resnet50", "data": "rendered_faces"}
    group = "rendered_faces-resnet50-cosine_triplet"
    for number in range(11):
        job(
            tmp_path / str(number),
            everything if number != 3 else None,
            choices=choices,
            seed=number,
            group=group,
            name=f"{group}-seed{number}",
        )
    return tmp_path


def test_jobs_stand_in_the_order_of_their_numbers_and_killed_ones_are_told(sweep: Path) -> None:
    rows = read_sweep(sweep)
    assert [row.seed for row in rows] == list(range(11))
    assert [row.status for row in rows] == ["finished"] * 3 + ["unfinished"] + ["finished"] * 7
    write_runs(sweep / "runs.csv", rows)
    written = rows_of(sweep / "runs.csv")
    assert float(written[0]["test/identification/rank_1"]) == pytest.approx(0.63)
    assert not any(key.startswith(("val/", "baseline/")) for key in written[0])


def test_the_table_fits_80_columns_with_every_figure_whole(sweep: Path) -> None:
    text = printed(sweep)
    (row,) = [line for line in text.splitlines() if " 10 " in line]
    assert row.split() == ["cosine_triplet", "10", "0.9500", "0.0500", "0.7200", "0.6561", "0.6300"]
    assert max(map(len, text.splitlines()[:-2])) <= 80
    assert "changes" not in text
    assert f"{sweep / '3'}: unfinished" in text


def test_jobs_that_differ_by_a_setting_are_told_apart(tmp_path: Path, everything: Result) -> None:
    choices = {"loss": "cosface", "backbone": "tiny", "data": "rendered_faces"}
    for number, change in enumerate(("", "-margin=0.3")):
        job(tmp_path / str(number), everything, choices=choices, seed=0, group=f"rendered_faces-tiny-cosface{change}")
    assert "margin=0.3" in printed(tmp_path)


def test_what_wandb_keeps_inside_a_run_is_not_a_job(sweep: Path) -> None:
    folder = sweep / "0" / "wandb" / "run-1" / "files"
    folder.mkdir(parents=True)
    (folder / "config.yaml").write_text("a: 1")
    assert len(read_sweep(sweep)) == 11


def test_a_damaged_job_does_not_hide_the_others(sweep: Path) -> None:
    (sweep / "5" / "metrics.json").write_text("{")
    (sweep / "6" / "config.yaml").write_text(": :\n -")
    rows = read_sweep(sweep)
    assert [row.status for row in rows].count("finished") == 9
    assert "damaged" in rows[5].reason
    assert rows[6].choices == {}
    assert "damaged" in printed(sweep)


def test_columns_that_no_job_has_are_left_out() -> None:
    rows = [
        SweepRow(Path("0"), {"logger": "none"}, None, "vectors-similarity=cosine", "vectors", FINISHED),
        SweepRow(Path("1"), {"logger": "none"}, None, "vectors-similarity=negative_l1", "vectors", FINISHED),
    ]
    assert [column.header for column in sweep_table(rows).columns] == ["changes"]


def test_an_evaluation_that_failed_before_it_had_a_configuration_brings_no_columns_of_trainings() -> None:
    rows = [
        SweepRow(Path("sweep/0"), {"logger": "none"}, None, "vectors-similarity=cosine", "vectors", FINISHED),
        SweepRow(Path("sweep/1"), status="failed", reason="There is no file."),
    ]
    table = sweep_table(rows)
    assert [column.header for column in table.columns] == ["job", "changes"]
    assert list(table.columns[0].cells) == ["0", "1"]
    trained = SweepRow(Path("sweep/0"), {"loss": "cosface", "backbone": "tiny", "data": "lfw"}, 3)
    table = sweep_table([trained, rows[1]])
    assert [column.header for column in table.columns] == ["loss", "seed"]
    assert list(table.columns[0].cells) == ["cosface", "1"]
    assert list(table.columns[1].cells) == ["3", "?"]


def test_a_change_is_never_broken_within_a_word() -> None:
    asked = "rendered_faces-tiny-cosface-loss.margin=0.35-optimizer.lr=1e-3-trainer.max_epochs=2"
    choices = {"data": "rendered_faces", "backbone": "tiny", "loss": "cosface"}
    table = sweep_table([SweepRow(Path("0"), choices, 0, asked, "", FINISHED), SweepRow(Path("1"), choices, 0)])
    out = io.StringIO()
    Console(file=out, width=60).print(table)
    lines = [line.rstrip() for line in out.getvalue().splitlines()]
    for change in ("margin=0.35", "lr=1e-3", "max_epochs=2"):
        assert any(change in line.split() for line in lines)


def tuned_rows(everything: Result, changes: dict[str, str]) -> list[SweepRow]:
    return [
        SweepRow(
            Path(str(seed)),
            {"loss": loss, "backbone": "tiny", "data": "rendered_faces"},
            seed,
            f"rendered_faces-tiny-{loss}-epochs=9-{change}",
            scalars={key: scalar for key, scalar in everything.scalars.items() if key.startswith("test/")},
        )
        for loss, change in changes.items()
        for seed in (1, 2)
    ]


def test_tuned_settings_are_readable_and_names_of_losses_whole_at_80_columns(everything: Result) -> None:
    changes = {
        "triplet_hard": "margin=0.53-optimizer.lr=0.00163",
        "supervised_contrastive": "temperature=-0.0533-optimizer.lr=0.00463",
    }
    out = io.StringIO()
    print_sweep(Console(file=out, width=80), tuned_rows(everything, changes), Path("runs.csv"))
    assert max(map(len, out.getvalue().splitlines())) <= 80
    lines = [line.split() for line in out.getvalue().splitlines()]
    assert [line[0] for line in lines if line and line[-1] in ("a", "b")] == [
        "triplet_hard",
        "triplet_hard",
        "supervised_contrastive",
        "supervised_contrastive",
    ]
    assert ["a:", "margin=0.53", "lr=0.00163"] in lines, "where they have no room, they stand below"
    assert ["b:", "temperature=-0.0533", "lr=0.00463"] in lines
    assert "epochs=9" not in out.getvalue(), "what all have tells none apart"


def test_a_backbone_stands_where_there_are_several() -> None:
    choices = {"loss": "cosface", "data": "lfw"}
    rows = [SweepRow(Path(name), {**choices, "backbone": name}, 0) for name in ("tiny", "resnet50")]
    assert [column.header for column in sweep_table(rows).columns] == ["loss", "backbone", "seed"]
