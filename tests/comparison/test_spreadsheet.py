import csv

import pytest

from resemblance.comparison.csv_files import write_differences, write_leaderboard
from resemblance.comparison.spreadsheet import as_text
from resemblance.comparison.studying import study_of
from tests.comparison.written import AUC, write_run


@pytest.mark.parametrize("text", ["=1+1", "+x", "-x", "@SUM(A1)", "\tx", "\rx", "-1 =2", "+", "- 1"])
def test_text_that_would_be_a_formula_is_marked(text):
    assert as_text(text) == f"'{text}"


@pytest.mark.parametrize("cell", ["", "a=b", "x-1", "-0.5", "-1e-05 0.2", "+3", -0.5, 3, None, True])
def test_other_cells_stay_as_they_are(cell):
    assert as_text(cell) is cell


def test_names_in_the_files_are_no_formulas(tmp_path):
    for seed in range(2):
        for place, loss in enumerate(("=cmd()", "@x")):
            figures = {AUC: 0.9 - place / 10 + seed / 100 * (place + 1)}
            write_run(
                tmp_path / "study" / f"{place}{seed}", "cosface", seed, figures, choices={"loss": loss},
                settings={"loss.margin": place}, scalars={AUC: {"label": "+AUC"}},
            )  # fmt: skip
    study = study_of(tmp_path / "study", [AUC])
    write_leaderboard(tmp_path / "leaderboard.csv", study)
    write_differences(tmp_path / "differences.csv", study)
    for name in ("leaderboard.csv", "differences.csv"):
        with (tmp_path / name).open(newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        assert rows
        for row in rows:
            assert row["label"] == "'+AUC"
            assert not any(cell.startswith(("=", "@", "+")) for cell in row.values())
    assert {study.test_sets[0].contestants[0].name, study.test_sets[0].contestants[1].name} == {"=cmd()", "@x"}
