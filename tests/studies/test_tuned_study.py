"""Tuning through Hydra itself: equal budgets, what becomes of failures, and settings of another study."""

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest
from omegaconf import OmegaConf

from resemblance.comparison.tuning import read_tuning as read_budget
from resemblance.errors import ConfigurationError, TrainingError
from resemblance.studies.tuning import read_tuning
from resemblance.tracking.sweep_lock import JOB_LOCK
from tests.helpers import REPOSITORY

LEFT_RUNNING = """
import pathlib, sys, time
from resemblance.tracking.sweep_lock import JOB_LOCK, take
folder, aside, awaited = map(pathlib.Path, sys.argv[1:])
lock = take(folder / JOB_LOCK)
print("begun", flush=True)
while not awaited.exists():
    time.sleep(0.02)
aside.rename(folder / "metrics.json")
lock.release(remove=True)
"""
"""A training that a killed command has left to itself, and that ends well."""


def config_of(run: Path):
    return OmegaConf.load(run / "config.yaml")


def test_every_contestant_gets_as_many_trials_and_then_its_best_settings(run, tmp_path):
    ran = run("sweep=tune", "sweep.trials=3", "loss=cosface,triplet", "seed=0")
    assert ran[:4] == ["tuning/cosface/0", "tuning/triplet/0", "tuning/cosface/1", "tuning/triplet/1"]
    assert ran[6:] == ["0", "1"]
    tuned = read_tuning(tmp_path / "study" / "tuning.json")
    assert set(tuned) == {"cosface", "triplet"}
    assert any(found.best for found in tuned.values()), "or there would be nothing to carry over"
    for name, found in tuned.items():
        assert (len(found.trials), found.epochs, found.metric) == (3, 5, "val/verification/auc")
        assert found.trials[0].settings == {}, "the first trial is the setting of the YAML files"
        assert found.value == max(trial.value for trial in found.trials if trial.value is not None)
        config = config_of(tmp_path / "study" / {"cosface": "0", "triplet": "1"}[name])
        for setting, value in found.best.items():
            assert OmegaConf.select(config, setting) == value
        assert config.epochs == 9, "only trials are short"
        assert config.measure_test
    trial = config_of(tmp_path / "study" / "tuning" / "cosface" / "1")
    assert (trial.seed, trial.epochs, trial.measure_test) == (1000, 5, False)


def test_each_condition_is_tuned_by_itself_and_its_trials_stay_together(run, tmp_path):
    command = ("sweep=tune", "sweep.trials=1", "loss=cosface", "data.train_identities=100,200", "seed=0")
    ran = run(*command)
    trials = [f"tuning/cosface_data.train_identities={number}" for number in (100, 200)]
    assert ran == [*(f"{folder}/0" for folder in trials), "0", "1"]
    ran = run(*command, "sweep.epochs=6")
    assert ran == [f"{folder}/1" for folder in trials], "other trials lie beside the earlier ones"
    tuning = tmp_path / "study" / "tuning.json"
    carried = ("sweep=tuned", f"sweep.settings={tuning}", "data.train_identities=100,200", "seed=0")
    with pytest.raises(ConfigurationError, match="no settings of triplet data.train_identities=100"):
        run(*carried, "loss=triplet", study="other")
    tuning.write_text(tuning.read_text().replace('"cosface data', '"data'))  # as it was once written
    with pytest.raises(ConfigurationError, match="no settings of cosface data.train_identities=100"):
        run(*carried, "loss=cosface", study="other")


def test_a_loss_that_is_added_leaves_the_record_of_the_others(run, tmp_path):
    command = ("sweep=tune", "sweep.trials=1", "seed=0")
    tuning = tmp_path / "study" / "tuning.json"
    run(*command, "loss=cosface")
    before = read_tuning(tuning)["cosface"]
    assert run(*command, "loss=triplet") == ["tuning/triplet/0", "1"]
    assert read_tuning(tuning)["cosface"] == before
    assert len(read_tuning(tuning)["triplet"].trials) == 1
    tuning.write_text("{")
    with pytest.raises(ConfigurationError, match="is damaged, or not the tuning.json of a study; name another, or"):
        run(*command, "loss=angular")


def test_a_trial_that_still_runs_is_waited_for_and_not_trained_again(run, tmp_path, capsys, monkeypatch):
    command = ("sweep=tune", "sweep.trials=2", "loss=cosface", "seed=0")
    run(*command)
    tuning = (tmp_path / "study" / "tuning.json").read_text()
    folder = tmp_path / "study" / "tuning" / "cosface" / "0"
    aside, awaited = tmp_path / "aside", tmp_path / "awaited"
    (folder / "metrics.json").rename(aside)
    words = [sys.executable, "-c", LEFT_RUNNING, str(folder), str(aside), str(awaited)]
    slept = []

    def wait(seconds):
        slept.append(seconds)
        if len(slept) == 2:
            awaited.touch()
        sleep(seconds)

    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True, cwd=REPOSITORY) as other:
        try:
            assert other.stdout.readline() == "begun\n"
            sleep = time.sleep
            monkeypatch.setattr("resemblance.studies.trials.time.sleep", wait)
            assert run(*command) == [], "everything was finished by then"
        finally:
            other.kill()
    printed = " ".join(capsys.readouterr().out.split())
    assert printed.count(f"tuning/cosface/0' is still run by process {other.pid} on ") == 1
    assert (tmp_path / "study" / "tuning.json").read_text() == tuning
    assert not (folder / JOB_LOCK).exists()


def test_an_interrupted_tuning_goes_on_where_it_stopped(run, tmp_path, capsys):
    command = ("sweep=tune", "sweep.trials=3", "loss=cosface", "seed=0")
    run(*command)
    assert "skipped" not in capsys.readouterr().out
    tuning = tmp_path / "study" / "tuning.json"
    first = tuning.read_text()
    for number in (1, 2):
        (tmp_path / "study" / "tuning" / "cosface" / str(number) / "metrics.json").unlink()
    assert run(*command) == ["tuning/cosface/1", "tuning/cosface/2"]
    assert "1 trial of 3 finished before with the same configuration: skipped" in capsys.readouterr().out
    assert tuning.read_text() == first


def test_settings_are_carried_over_with_their_budget_to_more_conditions_than_were_tuned(run, tmp_path, capsys):
    run("sweep=tune", "sweep.trials=3", "loss=triplet", "seed=0")
    settings = tmp_path / "study" / "tuning.json"
    best = json.loads(settings.read_text())["triplet"]["best"]
    assert best, "or nothing could be seen below"
    carried = ("sweep=tuned", f"sweep.settings={settings}", "loss=triplet", "seed=7")
    assert run(*carried, "data.train_identities=100,200", study="other") == ["0", "1"]
    told = " ".join(capsys.readouterr().out.split())
    assert "data.train_identities=100 takes those of triplet" in told
    for number in "01":
        config = config_of(tmp_path / "other" / number)
        assert {setting: OmegaConf.select(config, setting) for setting in best} == best
    copy = read_tuning(tmp_path / "other" / "tuning.json")
    assert copy["triplet"].origin == str(settings)
    assert read_budget(tmp_path / "other" / "tuning.json")["triplet"]["trials"] == 3, "as a comparison reads it"
    with pytest.raises(ConfigurationError, match="holds no settings of angular, only of triplet"):
        run("sweep=tuned", f"sweep.settings={settings}", "loss=angular,triplet", "seed=7", study="third")
    with pytest.raises(ConfigurationError, match="has been tuned itself"):
        run("sweep=tuned", f"sweep.settings={tmp_path / 'other' / 'tuning.json'}", "loss=triplet", "seed=7")


def test_what_the_user_has_said_is_not_searched(run, tmp_path):
    run("sweep=tune", "sweep.trials=2", "loss=cosface", "loss.margin=0.1", "seed=0")
    (tried,) = [trial for trial in read_tuning(tmp_path / "study" / "tuning.json")["cosface"].trials if trial.settings]
    assert set(tried.settings) == {"loss.scale", "optimizer.lr"}


def test_a_contestant_whose_trials_all_fail_is_left_out_and_the_others_go_on(run, tmp_path, trainings):
    trainings.fail.add("cosface")
    with pytest.raises(SystemExit, match=r"cosface was left out, for all its trials failed \(The loss became nan\)\."):
        run("sweep=tune", "sweep.trials=2", "loss=cosface,triplet", "seed=0")
    assert trainings.ran[4:] == ["0"]
    tuned = read_tuning(tmp_path / "study" / "tuning.json")
    assert [trial.reason for trial in tuned["cosface"].trials] == ["The loss became nan."] * 2
    assert tuned["cosface"].value is None
    assert len(tuned["triplet"].trials) == 2
    with pytest.raises(ConfigurationError, match="All trials of cosface failed when"):
        run("sweep=tuned", "sweep.settings=study/tuning.json", "loss=cosface", "seed=0", study="other")


def test_a_trial_without_the_figure_has_failed(run):
    with pytest.raises(TrainingError, match=r"Nothing could be tuned: cosface .* has no val/verification/eer"):
        run("sweep=tune", "sweep.metric=val/verification/eer", "sweep.trials=1", "loss=cosface", "seed=0")
