import pytest

from resemblance.comparison.contestants import gathered
from resemblance.comparison.reading import read_run
from resemblance.comparison.tuning import budget, lies_among_trials, of_contestant, read_tuning
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
