import json

import pytest

from resemblance.comparison.contestants import gathered
from resemblance.comparison.reading import read_run
from resemblance.comparison.tuning import budget, dropped, lies_among_trials, of_contestant, read_tuning
from resemblance.errors import DataError
from resemblance.studies.tuning import Trial, Tuned, write_tuning
from tests.comparison.written import write_run


def test_what_a_study_writes_is_read(tmp_path):
    trials = (Trial({}, 0.9, 30.0), Trial({"loss.margin": 0.3}, 0.95, 31.0), Trial({"loss.margin": 0.4}, None, None))
    path = tmp_path / "tuning.json"
    write_tuning(path, {"cosface": Tuned("val/verification/auc", 4, 1000, trials, {"loss.margin": 0.3}, 0.95)})
    found = read_tuning(path)["cosface"]
    assert found == {
        "trials": 3,
        "searched": ("loss.margin",),
        "epochs": 4,
        "metric": "val/verification/auc",
        "seconds": 61.0,
        "best": {"loss.margin": 0.3},
        "values": [0.9, 0.95, None],
    }
    assert budget(found) == "3 trials of 4 epochs"


@pytest.mark.parametrize(
    "text", ["", "[]", '{"cosface": {}}', '{"cosface": 3}', '{"c": {"trials": [], "epochs": "x"}}']
)
def test_damaged_files(tmp_path, text):
    (tmp_path / "tuning.json").write_text(text)
    with pytest.raises(DataError, match=r"tuning\.json"):
        read_tuning(tmp_path / "tuning.json")


def test_trials_lie_below_the_folder_beside_that_file(tmp_path):
    tunings = [tmp_path / "study" / "tuning.json"]
    assert lies_among_trials(tmp_path / "study" / "tuning" / "cosface" / "3", tunings)
    assert not lies_among_trials(tmp_path / "study" / "3", tunings)
    assert not lies_among_trials(tmp_path / "other" / "tuning" / "3", tunings)


def test_contestants_are_known_by_what_a_study_sweeps_over(tmp_path):
    runs = [
        read_run(write_run(tmp_path / "a", "triplet")),
        read_run(write_run(tmp_path / "b", "triplet", settings={"loss.mining": "hard"})),
        read_run(write_run(tmp_path / "c", "softmax")),
    ]
    semihard, hard, softmax = (
        next(one for one in gathered(runs).contestants if part in one.name) for part in ("semihard", "=hard", "softmax")
    )
    tuning = {"triplet": {"trials": 1}, "triplet loss.mining=hard": {"trials": 2}, "loss.mining=all": {"trials": 3}}
    assert of_contestant(tuning, semihard) == {"trials": 1}
    assert of_contestant(tuning, hard) == {"trials": 2}
    assert of_contestant(tuning, softmax) is None


WRITTEN = {"trials": [{"settings": {}, "value": 0.9, "seconds": 3.0}], "epochs": 4, "metric": "val/x", "best": {}}


def written(path, **fields):
    (path / "tuning.json").write_text(json.dumps({"cosface": {**WRITTEN, **fields}}))
    return path / "tuning.json"


@pytest.mark.parametrize(
    "fields",
    [
        {"trials": True},
        {"trials": "x"},
        {"trials": -1},
        {"trials": [{"value": "x"}]},
        {"trials": [{"value": True}]},
        {"trials": [{"seconds": "abc"}]},
        {"trials": [{"settings": 3}]},
        {"trials": [3]},
        {"trials": 2, "seconds": "abc"},
        {"trials": 2, "values": "abc"},
        {"trials": 2, "values": [[1]]},
        {"epochs": 4.5},
        {"epochs": True},
        {"metric": None},
        {"best": []},
    ],
)
def test_fields_of_another_kind(tmp_path, fields):
    assert read_tuning(written(tmp_path))["cosface"]["trials"] == 1
    with pytest.raises(DataError, match=r"tuning\.json' is damaged"):
        read_tuning(written(tmp_path, **fields))


def test_values_and_times_that_are_no_finite_numbers_count_as_unknown_and_are_told(tmp_path):
    trials = [{"value": value, "seconds": second} for value, second in
              ((0.9, 3.0), (float("nan"), 4.0), (0.8, float("inf")), (None, None))]  # fmt: skip
    found = read_tuning(written(tmp_path, trials=trials))
    assert found["cosface"]["values"] == [0.9, None, 0.8, None]
    assert found["cosface"]["seconds"] == 7.0
    assert dropped(found) == ["2 values and times of the trials of cosface are no finite numbers and are left out."]
    assert dropped(read_tuning(written(tmp_path))) == []
