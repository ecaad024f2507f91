"""Which folder a job gets, without Hydra: configurations are mappings, overrides say them."""

import json
import random
from pathlib import Path

from resemblance.studies.jobs import planned
from resemblance.tracking.run_record import RunRecord


def configured(overrides):
    return dict(override.split("=") for override in overrides)


def train(directory: Path, job) -> None:
    run = directory / job.folder
    run.mkdir(parents=True, exist_ok=True)
    assert not (run / "metrics.json").exists(), "nothing is trained over a finished run"
    (run / "run.json").write_text(RunRecord(job.configuration, "0", None, {}, 1).to_json())
    (run / "metrics.json").write_text("{}")


def test_whatever_is_asked_for_in_whatever_order_nothing_is_done_twice_and_a_folder_keeps_its_configuration(tmp_path):
    """A naive account: which configurations were trained, and which folder each was begun in."""
    draw = random.Random(0)
    for case in range(30):
        directory = tmp_path / str(case)
        known: dict[str, str] = {}
        trained: set[str] = set()
        begun: dict[str, str] = {}
        for _ in range(6):
            asked = [(f"x={draw.randrange(6)}",) for _ in range(draw.randrange(1, 6))]
            jobs = planned(asked, configured, directory, known=known)
            assert [job.overrides for job in jobs] == asked
            todo = [job for job in jobs if job.to_do]
            assert {job.overrides for job in todo} == set(asked) - {(x,) for x in trained}
            assert len({job.folder for job in todo}) == len(todo)
            for job in todo:
                known[job.folder] = job.configuration
                (override,) = job.overrides
                assert begun.setdefault(override, job.folder) == job.folder
                if draw.random() < 0.6:
                    train(directory, job)
                    trained.add(override)
            for job in jobs:
                assert job.folder == begun[job.overrides[0]]


def test_numbers_count_within_the_folder_that_was_asked_for(tmp_path):
    first = planned([("x=1",), ("x=2",)], configured, tmp_path, ["tuning/a/0", "tuning/b/0"])
    for job in first:
        train(tmp_path, job)
    second = planned([("x=3",), ("x=4",)], configured, tmp_path, ["tuning/a/0", "tuning/b/0"])
    assert [job.folder for job in second] == ["tuning/a/1", "tuning/b/1"]


def test_a_run_whose_record_is_damaged_keeps_its_folder(tmp_path):
    (job,) = planned([("x=1",)], configured, tmp_path)
    train(tmp_path, job)
    (tmp_path / "0" / "run.json").write_text(json.dumps({}))
    (job,) = planned([("x=1",)], configured, tmp_path, known={"0": job.configuration})
    assert (job.folder, job.finished) == ("1", False)
