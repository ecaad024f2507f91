"""``compare.py logger=wandb``, read back with W&B's own reader."""

import csv
import io
import json
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from resemblance.comparison import telling
from resemblance.comparison.command import compare, write_study
from resemblance.comparison.findings import Verdict
from resemblance.comparison.study import Study
from resemblance.comparison.studying import study_of
from resemblance.comparison.wandb_log import _summary, kept_differences, log_comparison, roc_rows
from tests.comparison.pictured import write_pictured_study
from tests.tracking.conftest import OfflineRun, read_offline_run

SETTINGS = {"kind": "wandb", "project": "faces", "entity": None, "mode": "offline", "artifact": True}


@pytest.fixture(autouse=True)
def nobodys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))


@pytest.fixture(scope="module")
def study(tmp_path_factory) -> Study:
    folder = write_pictured_study(tmp_path_factory.mktemp("pictured"), {"cosface": 2.6, "triplet": 2.4})
    return study_of((str(folder),), None, "two losses", "python compare.py runs=here")


def logged(directory: Path) -> OfflineRun:
    (folder,) = (directory / "wandb").glob("offline-run-*")
    return read_offline_run(folder)


def test_a_comparison_is_a_run_of_its_own(study: Study, tmp_path: Path) -> None:
    files = write_study(study, tmp_path, ["csv", "markdown"])
    log_comparison(study, files, tmp_path, SETTINGS)
    found = logged(tmp_path)
    assert (found.run["job_type"], found.run["run_group"]) == ("compare", "compare")
    assert found.run["display_name"] == "compare-two_losses"
    assert sorted(found.run["tags"]) == ["cosface", "triplet"]
    assert found.config["command"] == "python compare.py runs=here"
    assert len(found.config["runs"]) == 6

    table = found.table("leaderboard")
    with (tmp_path / "leaderboard.csv").open(encoding="utf-8", newline="") as file:
        columns, *rows = csv.reader(file)
    assert table["columns"] == columns
    assert len(table["data"]) == len(rows)
    mean = columns.index("mean")
    assert [row[mean] for row in table["data"]] == pytest.approx([float(row[mean]) for row in rows])

    headline = study.test_sets[0].findings[0]
    verdicts = [row for row in found.table("differences")["data"] if headline.key in row]
    assert len(verdicts) == len(headline.differences) == 1
    assert found.summary["leader"] == headline.standings[0].contestant
    assert found.summary["leader/mean"] == pytest.approx(headline.standings[0].mean)
    told = {f"verdicts/{one}": found.summary[f"verdicts/{one}"] for one in ("better", "equivalent", "undecided")}
    assert told[f"verdicts/{headline.differences[0].verdict.value}"] == 1
    assert sum(told.values()) == 1

    # No leader without its verdicts, its δ and its operating point; all figures; what speaks against it in words.
    assert found.summary["delta"] == headline.delta
    assert found.summary["at"] == telling.operating_point(headline, study.test_sets[0])
    assert found.summary["leader/told"] == telling.conclusions(headline)[0]
    for findings in study.test_sets[0].findings:
        for sentence in telling.conclusions(findings):
            assert sentence in found.summary["conclusions"]
        if findings is not headline:
            assert found.summary[f"{findings.key}/leader"] == findings.standings[0].contestant
            assert found.summary[f"{findings.key}/delta"] == findings.delta
    warnings = study.test_sets[0].warnings
    assert found.summary["warnings"] == len(warnings)
    assert found.summary["warnings/told"] == "\n".join(warnings)

    (artifact,) = found.artifacts
    assert artifact["type"] == "comparison"
    assert artifact["name"] == "compare-two_losses"


def test_the_rocs_of_all_contestants_are_one_chart(study: Study, tmp_path: Path) -> None:
    log_comparison(study, [], tmp_path, SETTINGS)
    table = logged(tmp_path).table("compare/roc_table")
    assert table["columns"] == ["FAR", "log10 FAR", "TAR", "contestant"]
    (of_set,) = study.test_sets
    for contestant in of_set.contestants:
        mine = [row for row in table["data"] if row[3] == contestant.name]
        assert 100 < len(mine) <= 500
        read = [json.loads(run.paths.results.read_text()) for run in contestant.runs]
        curves = [found["curves"]["test/verification/roc"] for found in read]
        for far, _, mean, _ in mine[:: len(mine) // 7]:
            tars = [
                max(y for x, y in zip(curve["x"], curve["y"], strict=True) if x <= far * (1 + 1e-9)) for curve in curves
            ]
            assert mean == pytest.approx(sum(tars) / len(tars))


def test_many_contestants_stay_within_what_wandb_keeps(study: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("resemblance.comparison.wandb_log.LONGEST_TABLE", 300)
    rows = roc_rows(study.test_sets[0])
    assert 50 < len(rows) <= 300
    first, second = ({row[0] for row in rows if row[3] == one.name} for one in study.test_sets[0].contestants)
    assert first == second
    assert rows[-1][0] == 1


def test_of_too_many_differences_the_decided_are_kept_and_the_others_counted(study: Study, monkeypatch) -> None:
    (test_set,) = study.test_sets
    first = test_set.findings[0]
    (pair,) = first.differences
    verdicts = [Verdict.UNDECIDED] * 4 + [Verdict.BETTER] + [Verdict.UNDECIDED] * 2 + [Verdict.EQUIVALENT]
    pairs = tuple(replace(pair, verdict=verdict) for verdict in verdicts)
    many = replace(study, test_sets=(replace(test_set, findings=(replace(first, differences=pairs),)),))
    (columns, rows), told = kept_differences(many)
    assert (len(rows), told) == (8, "")
    monkeypatch.setattr("resemblance.comparison.wandb_log.LONGEST_TABLE", 3)
    (_, rows), told = kept_differences(many)
    assert [row[columns.index("verdict")] for row in rows] == ["better", "equivalent", "undecided"]
    assert told.endswith("5 more are in differences.csv.")
    assert told in _summary(many)["notes"]


def test_the_command_logs_what_it_was_told_to(study: Study, tmp_path: Path) -> None:
    runs = [str(run.path) for one in study.test_sets[0].contestants for run in one.runs]
    config = {"runs": runs, "figures": None, "formats": [], "title": "mine", "logger": SETTINGS}
    compare(config, tmp_path, ["runs=there"], Console(file=io.StringIO()))
    assert logged(tmp_path).table("leaderboard")["data"]
