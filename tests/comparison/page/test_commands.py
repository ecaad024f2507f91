"""What the page prints is a command that trains what the run has trained."""

import shlex
from dataclasses import replace

import pytest

from resemblance.comparison.page.commands import command_of
from resemblance.comparison.reading import read_run
from resemblance.config import to_plain
from resemblance.studies.settings import sweep_settings
from resemblance.tracking.run_record import configuration_hash
from tests.comparison.written import write_run
from tests.helpers import composed

FOUND = ("loss=cosface", "seed=3", "loss.margin=0.102", "optimizer.lr=0.00892")


@pytest.mark.parametrize(
    "asked",
    [
        (*FOUND, "experiment=losses_rendered"),
        (*FOUND, "experiment=losses_lfw", "epochs=10"),
        (*FOUND, "sweep=tuned", "sweep.settings=studies/tuned/tuning.json"),
        (*FOUND, "sweep=tune", "sweep.trials=4", "+sweep.note=x", "data.train_identities=100"),
        ("experiment=first_light", "seed=3"),
    ],
)
def test_a_job_of_a_study_is_a_training_like_any_other(asked, tmp_path):
    config = to_plain(composed(*asked))
    run = read_run(write_run(tmp_path / "run", seed=3))
    run = replace(run, config=config, record=replace(run.record, overrides=asked))
    python, script, *overrides = shlex.split(command_of(run))
    assert (python, script) == ("python", "train.py")
    again = composed(*overrides)
    assert configuration_hash(to_plain(again)) == configuration_hash(config)
    assert sweep_settings(again.sweep).kind == "none"  # train.py refuses any other without -m


def test_an_evaluation_is_of_no_sweep(tmp_path):
    run = read_run(write_run(tmp_path / "run", choices={"sweep": "tune"}))
    run = replace(run, record=replace(run.record, overrides=("checkpoint=runs/a", "data=lfw")))
    assert command_of(run) == "python evaluate.py checkpoint=runs/a data=lfw"
