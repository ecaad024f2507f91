"""Studies through Hydra itself: what is skipped, gone on with, grown and refused."""

import csv
import json

import pytest
from hydra._internal.config_loader_impl import ConfigLoaderImpl

from resemblance.errors import ConfigurationError, OutputError
from resemblance.tracking import sweep_report
from resemblance.tracking.run_record import read_record
from resemblance.tracking.sweep_jobs import read_jobs
from resemblance.tracking.sweep_lock import JOB_LOCK, STUDY_LOCK, holder, take


def told(capsys):
    """What was printed, as if the console had no end."""
    return " ".join(capsys.readouterr().out.split())


def test_what_is_finished_is_skipped_and_nothing_is_composed_twice(run, capsys, monkeypatch):
    composed = []
    load = ConfigLoaderImpl.load_sweep_config
    monkeypatch.setattr(
        ConfigLoaderImpl, "load_sweep_config", lambda self, *given: composed.append(given) or load(self, *given)
    )
    assert run("loss=cosface,angular", "seed=0,1") == ["0", "1", "2", "3"]
    assert "what this design can show: 2 losses × 2 seeds: 1 residual degree" in told(capsys)
    assert len(composed) == 4 + 4, "once to see what is to be done, and once by the launcher"
    assert run("loss=cosface,angular", "seed=0,1") == []
    assert "4 jobs of 4 finished before with the same configuration: skipped, 0 to do" in told(capsys)
    assert len(composed) == 12


def test_a_study_grows_without_doing_anything_twice(run, tmp_path):
    run("loss=cosface", "seed=0")
    assert len(run("loss=angular,cosface", "seed=0,1")) == 3
    configurations = [read_record(path.parent).configuration for path in tmp_path.rglob("run.json")]
    assert len(configurations) == len(set(configurations)) == 4


def test_the_same_settings_said_otherwise_are_the_same_job(run, capsys):
    run("loss=cosface", "seed=0", "epochs=9")
    assert run("loss=cosface", "seed=0") == []
    capsys.readouterr()
    assert run("loss=cosface", "seed=0", "epochs=8,8") == ["2"], "what comes twice is done once"
    printed = told(capsys)
    assert "1 job of 2 would repeat another: left out" in printed
    assert "finished before" not in printed


def test_a_failed_job_is_tried_again_and_does_not_speak_against_a_study_without_it(run, tmp_path, trainings, capsys):
    """It keeps its folder when the study grows in front of it."""
    with pytest.raises(SystemExit, match="1 of 2 jobs did not finish"):
        run("loss=cosface", "seed=0", "loss.margin=0.5,0.2")
    assert (tmp_path / "study" / "0" / "failed.txt").read_text().startswith("The loss became nan.")
    with pytest.raises(SystemExit, match="1 of 3 jobs did not finish"):
        run("loss=cosface", "seed=0", "loss.margin=0.1,0.5,0.2")
    assert trainings.ran == ["3", "0"]
    assert [path.parent.name for path in tmp_path.rglob("failed.txt")] == ["0"]
    capsys.readouterr()
    assert run("loss=cosface", "seed=0", "loss.margin=0.1,0.2") == []
    assert "not asked for this time, though in the same folder: 0 (failed)" in told(capsys)
    with (tmp_path / "study" / "runs.csv").open() as file:
        assert [row["status"] for row in csv.DictReader(file)] == ["finished", "finished"]


def test_a_run_that_was_killed_is_done_again_in_its_folder_and_a_finished_one_stays_finished(run, tmp_path):
    run("loss=cosface", "seed=0,1")
    (tmp_path / "study" / "0" / "failed.txt").write_text("interrupted\n")  # by Ctrl-C after the figures were written
    (tmp_path / "study" / "1" / "metrics.json").unlink()
    (tmp_path / "study" / "1" / JOB_LOCK).write_text("process 1 on nowhere")
    assert run("loss=cosface", "seed=2,0,1") == ["3", "1"]
    assert not [*tmp_path.rglob(JOB_LOCK), *tmp_path.rglob("failed.txt")]


def test_only_one_command_runs_a_study(run, tmp_path):
    lock = take(tmp_path / "study" / STUDY_LOCK)
    with pytest.raises(OutputError, match=r"The study '.*' is being run by process \d+ on .*; let it end"):
        run("loss=cosface", "seed=0")
    lock.release()
    assert run("loss=cosface", "seed=0") == ["0"]
    assert not (tmp_path / "study" / STUDY_LOCK).exists(), "a study that has ended lets go"


def test_a_job_that_still_runs_is_reported_and_not_trained_again(run, tmp_path, capsys):
    run("loss=cosface", "seed=0")
    (tmp_path / "study" / "0" / "metrics.json").unlink()
    left_alone = take(tmp_path / "study" / "0" / JOB_LOCK)
    with pytest.raises(SystemExit, match="1 of 1 jobs did not finish"):
        run("loss=cosface", "seed=0")
    assert "0' is still run by process" in told(capsys)
    assert (tmp_path / "study" / "0" / "config.yaml").exists()
    (tmp_path / "study" / "0" / "config.yaml").unlink()
    with pytest.raises(SystemExit, match="1 of 1 jobs did not finish; what stands above says why"):
        run("loss=cosface", "seed=0")
    left_alone.release()
    assert run("loss=cosface", "seed=0") == ["0"]


def test_runs_of_other_code_are_told_before_the_rest_is_trained(run, tmp_path, capsys):
    run("loss=cosface", "seed=0")
    record = tmp_path / "study" / "0" / "run.json"
    record.write_text(json.dumps({**json.loads(record.read_text()), "code": "abc", "device": "NVIDIA X"}))
    run("loss=cosface", "seed=0")
    assert "abc" not in told(capsys), "nothing is trained, so nothing differs from it"
    run("loss=cosface", "seed=0,1")
    printed = told(capsys)
    assert "of the finished, 1 was trained by code abc (this is " in printed
    assert ", 1 was trained on NVIDIA X (this is " in printed


def test_the_table_is_logged_when_something_ran_and_a_lost_list_of_jobs_is_made_again(run, tmp_path, monkeypatch):
    logged = []
    monkeypatch.setattr(sweep_report, "log_sweep", lambda *given: logged.append(holder(given[0] / STUDY_LOCK)))
    run("loss=cosface", "seed=0")
    run("loss=cosface", "seed=0")
    assert len(logged) == 1
    assert logged[0], "nobody goes on with the study before its list of jobs says that it is logged"
    jobs = read_jobs(tmp_path / "study")
    assert jobs.asked == ("0",)
    assert jobs.configurations == {"0": read_record(tmp_path / "study" / "0").configuration}
    (tmp_path / "study" / "jobs.json").write_text("{")
    assert run("loss=cosface", "seed=0,1") == ["1"], "without it, the numbers of the folders count"
    assert len(logged) == 2
    assert read_jobs(tmp_path / "study").asked == ("0", "1")


def test_a_finished_run_is_no_place_for_a_study(run, tmp_path):
    run("loss=triplet", "seed=0")
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(OutputError, match="is the folder of a finished run; choose another one with hydra.sweep.dir="):
        run("loss=triplet", "seed=1", study="study/0")
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["sweep=tune", "seed=1000"], "sweep.seed=1000 is also a seed of the study"),
        (["sweep=tune", "seed=a,b"], "seed is 'a', but should be a valid integer"),
        (["sweep=tune", "seed=1,5000000000"], "seed is 5000000000, but should be less than"),
        (["sweep=tune", "epochs=9,9.5"], "epochs is 9.5, but should be a valid integer"),
        (["sweep=tune", "sweep.trials=0"], "sweep.trials is 0, but should be greater than 0"),
        (
            ["sweep=tune", "sweep.metric=val/verification/ac"],
            "sweep.metric is 'val/verification/ac', but should",
        ),
        (
            ["sweep=tune", "loss=angular", "loss.angle_degrees=40", "optimizer.lr=0.01"],
            "Everything that may be tuned",
        ),
        (["sweep=tuned", "sweep.settings=nowhere.json"], "'nowhere.json' can't be read"),
        (["sweep=tuned"], "needs sweep.settings=FILE"),
        (["sweep=wandb"], "run `wandb sweep"),
        (["sweep.kind=all"], "sweep.kind is one of none, tune, tuned, not 'all'"),
        (["++output_dir=mine", "seed=0,1"], "below hydra.sweep.dir=FOLDER; set that instead of output_dir"),
        (["hydra.sweep.subdir=mine"], "hydra.sweep.subdir is 'mine', but a study numbers its jobs itself"),
    ],
)
def test_what_can_not_work_is_refused_before_anything_is_trained(run, tmp_path, trainings, arguments, sentence):
    with pytest.raises(ConfigurationError, match=sentence):
        run(*arguments)
    assert not trainings.ran
    assert not (tmp_path / "study" / STUDY_LOCK).exists()
