import os
from pathlib import Path

import pytest

from resemblance.comparison.finding import find_runs, natural
from resemblance.comparison.studying import study_of
from resemblance.errors import DataError
from tests.comparison.written import write_run


@pytest.fixture
def study(tmp_path):
    for number in (0, 2, 10):
        write_run(tmp_path / "study" / str(number), seed=number)
    return tmp_path / "study"


def names(found):
    return [path.name for path in found.runs]


def test_everything_below_a_folder_in_the_order_of_its_numbers(study):
    assert names(find_runs(study)) == ["0", "2", "10"]


def test_a_run_itself_a_file_in_it_a_pattern_and_a_list(study, tmp_path, monkeypatch):
    assert names(find_runs(study / "2")) == ["2"]
    assert names(find_runs(str(study / "2" / "metrics.json"))) == ["2"]
    assert names(find_runs(f"{study}/[12]*")) == ["2", "10"]
    assert names(find_runs(f"{tmp_path}/**/0")) == ["0"]
    assert names(find_runs(f"{study}/*/metrics.json")) == ["0", "2", "10"]
    assert find_runs(f"{study}/2/*.json").repeated == 0  # metrics.json, results.json, run.json: one folder
    assert names(find_runs([study / "10", study / "0"])) == ["0", "10"]
    monkeypatch.setenv("HOME", str(tmp_path))
    assert names(find_runs("~/study/0")) == ["0"]


def test_a_directory_counts_once_by_whatever_ways_it_is_reached(study, tmp_path):
    (tmp_path / "other").symlink_to(study / "2")
    found = find_runs([study, study / "2", tmp_path / "other"])
    assert names(found) == ["0", "2", "10"]
    assert found.repeated == 2


def test_links_in_circles_end(study):
    (study / "2" / "again").symlink_to(study)
    assert sorted({os.path.realpath(path) for path in find_runs(study).runs}) == sorted(
        str(study / name) for name in ("0", "2", "10")
    )


def test_folders_of_wandb_and_of_checkpoints_are_no_runs(study):
    for inner in ("wandb/offline-run-1/files", "checkpoints", ".cache"):
        (study / "0" / inner).mkdir(parents=True)
        (study / "0" / inner / "config.yaml").write_text("seed: 1\n")
    assert names(find_runs(study)) == ["0", "2", "10"]


@pytest.mark.parametrize("name", ["figures", "checkpoints", "wandb", "tensorboard", ".hidden"])
def test_a_study_may_be_called_as_folders_of_a_run_are(tmp_path, name):
    write_run(tmp_path / "all" / name / "0")
    write_run(tmp_path / "all" / name / "0" / name / "inner")
    assert [str(path.relative_to(tmp_path)) for path in find_runs(tmp_path).runs] == [f"all/{name}/0"]


def test_folders_of_tools_and_of_wandb_hold_no_runs_wherever_they_lie(study):
    for folder in (".git/a", ".venv/lib", "wandb/offline-run-20261125_101112-ab3c/files", "wandb/latest-run/files"):
        (study / folder).mkdir(parents=True)
        (study / folder / "config.yaml").write_text("seed: 1\n")
    assert names(find_runs(study)) == ["0", "2", "10"]


def test_folders_that_may_not_be_looked_into_are_told(study, monkeypatch):
    scandir = os.scandir

    def closed(path):
        if os.path.basename(path) == "2":
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", closed)  # who is root may look into everything
    found = find_runs(study)
    assert names(found) == ["0", "10"]
    assert found.closed == {str(study / "2"): "Permission denied"}
    (note,) = study_of(study).notes
    assert note == f"'{study / '2'}' can't be looked into (Permission denied), so runs below it are not compared."
    with pytest.raises(DataError, match="can't be looked into"):
        find_runs(study / "2")


def test_half_written_and_failed_directories_are_found_too(study):
    (study / "3").mkdir()
    (study / "3" / "config.yaml").write_text("seed: 3\n")
    (study / "4").mkdir()
    (study / "4" / "failed.txt").write_text("it broke\n")
    assert names(find_runs(study)) == ["0", "2", "3", "4", "10"]


def test_the_tuning_of_a_study_is_found_from_one_of_its_runs(study):
    (study / "tuning.json").write_text("{}")
    assert find_runs(study / "0").tunings == (study / "tuning.json",)
    assert find_runs(study).tunings == (study / "tuning.json",)


def test_nothing_there_is_told_in_a_sentence(tmp_path):
    with pytest.raises(DataError, match="no folder 'nowhere'"):
        find_runs("nowhere")
    with pytest.raises(DataError, match="No folder fits the pattern"):
        find_runs(f"{tmp_path}/*/x")
    (tmp_path / "x").mkdir()
    (tmp_path / "x" / "images.csv").write_text("")
    with pytest.raises(DataError, match="No folder fits the pattern"):
        find_runs(f"{tmp_path}/*/images.csv")
    with pytest.raises(DataError, match=r"no run directory at or below '.*'; give runs="):
        find_runs(tmp_path)
    (tmp_path / "file.txt").write_text("")
    with pytest.raises(DataError, match="is a file; give runs= the folder"):
        find_runs(tmp_path / "file.txt")


def test_natural_order():
    paths = [Path(name) for name in ("m10²", "b/seed10", "b/seed9", "a/2", "a/10")]
    assert [str(path) for path in sorted(paths, key=natural)] == ["a/2", "a/10", "b/seed9", "b/seed10", "m10²"]
