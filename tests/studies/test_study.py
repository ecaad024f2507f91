"""Studies through Hydra itself: what is skipped, gone on with, tuned and refused."""

import json

import pytest
from omegaconf import OmegaConf

from resemblance.errors import ConfigurationError, TrainingError
from resemblance.studies.tuning import read_tuning
from resemblance.tracking.run_record import read_record


def test_what_is_finished_is_skipped(run, tmp_path, capsys):
    assert run("loss=cosface,angular", "seed=0,1") == ["0", "1", "2", "3"]
    assert "what this design can show: 2 losses × 2 seeds: 1 residual degree" in " ".join(
        capsys.readouterr().out.split()
    )
    assert run("loss=cosface,angular", "seed=0,1") == []
    assert "4 jobs of 4 finished before with the same configuration: skipped, 0 to do" in capsys.readouterr().out


def test_a_study_grows_without_doing_anything_twice(run, tmp_path):
    run("loss=cosface,angular", "seed=0")
    assert len(run("loss=cosface,triplet,angular", "seed=0,1")) == 4
    configurations = [read_record(path.parent).configuration for path in tmp_path.rglob("run.json")]
    assert len(configurations) == len(set(configurations)) == 6


def test_the_same_settings_said_otherwise_are_the_same_job(run):
    run("loss=cosface", "seed=0", "epochs=9")
    assert run("loss=cosface", "seed=0") == []
    assert run("loss=cosface", "seed=0", "epochs=8") == ["1"]


def test_a_job_that_comes_twice_is_done_once(run):
    assert run("loss=cosface", "seed=0", "epochs=9,9") == ["0"]


def test_a_failed_job_is_recorded_and_tried_again(run, tmp_path):
    with pytest.raises(SystemExit, match="1 of 2 jobs did not finish"):
        run("loss=cosface", "seed=0", "loss.margin=0.5,0.2")
    assert (tmp_path / "study" / "0" / "failed.txt").read_text().startswith("The loss became nan.")
    with pytest.raises(SystemExit, match="1 of 2 jobs did not finish"):
        assert run("loss=cosface", "seed=0", "loss.margin=0.5,0.2") == ["0"]


def test_a_run_that_was_killed_is_done_again_in_its_folder(run, tmp_path):
    run("loss=cosface", "seed=0,1")
    (tmp_path / "study" / "1" / "metrics.json").unlink()
    assert run("loss=cosface", "seed=0,1") == ["1"]


def test_tuning_gives_every_contestant_as_many_trials_and_then_its_best_settings(run, tmp_path):
    ran = run("sweep=tune", "sweep.trials=5", "loss=cosface,triplet", "seed=0,1")
    assert ran[:4] == ["tuning/cosface/0", "tuning/triplet/0", "tuning/cosface/1", "tuning/triplet/1"]
    assert ran[10:] == ["0", "1", "2", "3"]
    tuned = read_tuning(tmp_path / "study" / "tuning.json")
    assert set(tuned) == {"cosface", "triplet"}
    for name, found in tuned.items():
        assert (len(found.trials), found.epochs, found.metric) == (5, 5, "val/verification/auc")
        assert found.trials[0].settings == {}, "the first trial is the setting of the YAML files"
        assert found.value == max(trial.value for trial in found.trials if trial.value is not None)
        config = OmegaConf.load(tmp_path / "study" / {"cosface": "0", "triplet": "2"}[name] / "config.yaml")
        for setting, value in found.best.items():
            assert OmegaConf.select(config, setting) == value
        assert config.epochs == 9, "only trials are short"
        assert config.measure_test
    trial = OmegaConf.load(tmp_path / "study" / "tuning" / "cosface" / "1" / "config.yaml")
    assert (trial.seed, trial.epochs, trial.measure_test) == (1000, 5, False)


def test_an_interrupted_tuning_goes_on_where_it_stopped(run, tmp_path):
    command = ("sweep=tune", "sweep.trials=5", "loss=cosface", "seed=0")
    run(*command)
    first = (tmp_path / "study" / "tuning.json").read_text()
    for number in (3, 4):
        (tmp_path / "study" / "tuning" / "cosface" / str(number) / "metrics.json").unlink()
    assert run(*command) == ["tuning/cosface/3", "tuning/cosface/4"]
    assert (tmp_path / "study" / "tuning.json").read_text() == first


def test_settings_of_another_study_are_carried_over(run, tmp_path):
    run("sweep=tune", "sweep.trials=4", "loss=cosface,triplet", "seed=0")
    settings = tmp_path / "study" / "tuning.json"
    assert len(run("sweep=tuned", f"sweep.settings={settings}", "loss=triplet", "seed=7", "epochs=2")) == 1
    best = json.loads(settings.read_text())["triplet"]["best"]
    config = next(OmegaConf.load(path) for path in tmp_path.rglob("config.yaml") if OmegaConf.load(path).epochs == 2)
    assert config.loss.margin == best.get("loss.margin", 0.2)
    with pytest.raises(ConfigurationError, match="holds no settings of angular, only of cosface, triplet"):
        run("sweep=tuned", f"sweep.settings={settings}", "loss=angular,triplet", "seed=7")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["sweep=tune", "seed=1000"], "sweep.seed=1000 is also a seed of the study"),
        (["sweep=tune", "sweep.trials=0"], "sweep.trials is 0, but should be greater than 0"),
        (["sweep=tuned", "sweep.settings=nowhere.json"], "'nowhere.json' can't be read"),
        (["sweep=tuned"], "needs sweep.settings=FILE"),
        (["sweep=wandb"], "run `wandb sweep"),
        (["sweep.kind=all"], "sweep.kind is one of none, tune, tuned, not 'all'"),
    ],
)
def test_what_can_not_work_is_refused_before_anything_is_trained(run, tmp_path, arguments, sentence):
    with pytest.raises(ConfigurationError, match=sentence):
        run(*arguments)
    assert not list(tmp_path.rglob("run.json"))


def test_what_the_user_has_said_is_not_searched(run, tmp_path):
    run("sweep=tune", "sweep.trials=2", "loss=cosface", "loss.margin=0.1", "seed=0")
    (tried,) = [trial for trial in read_tuning(tmp_path / "study" / "tuning.json")["cosface"].trials if trial.settings]
    assert set(tried.settings) == {"loss.scale", "optimizer.lr"}
    with pytest.raises(ConfigurationError, match="Everything that may be tuned of angular has been set"):
        run("sweep=tune", "loss=angular", "loss.angle_degrees=40", "optimizer.lr=0.01")


def test_a_contestant_whose_trials_all_fail_ends_the_study(run):
    with pytest.raises(TrainingError, match="All 2 trials of cosface failed"):
        run("sweep=tune", "sweep.trials=2", "loss=cosface", "loss.margin=0.5", "seed=0")
