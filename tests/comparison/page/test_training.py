"""Charts of the training: every figure under a name of its own, as it is called elsewhere."""

import csv

from resemblance.comparison.page.report import Report
from resemblance.comparison.page.training import training
from resemblance.comparison.studying import study_of
from tests.comparison.pictured import write_pictured_study
from tests.comparison.written import seal

LABELS = {
    "val/verification/auc": "AUC",
    "val/verification_cosine/auc": "AUC (cosine)",
    "val/verification/tar_at_far_1e_3": "TAR@FAR=1e-3",
    "val/one_shot/5_way_1_shot": "5-way 1-shot (± over episodes, not training seeds)",
    "val/pairs/auc": "AUC",
}


def test_no_two_figures_have_one_name(tmp_path):
    scalars = {key: {"value": 0.5, "label": label} for key, label in LABELS.items()}
    folder = write_pictured_study(tmp_path, {"cosface": 3.2, "triplet": 2.5}, seeds=1, scalars=scalars)
    for run in folder.glob("*/1"):
        with (run / "history.csv").open(encoding="utf-8", newline="") as file:
            first, *rows = csv.reader(file)
        with (run / "history.csv").open("w", encoding="utf-8", newline="") as file:
            table = csv.writer(file)
            table.writerow([*first, *list(LABELS)[1:]])
            table.writerows([*row, *[0.5] * (len(LABELS) - 1)] for row in rows)
        seal(run)
    report = Report(study_of(folder))
    training(report)
    (chart,) = report.charts
    assert [view.name for view in chart.views] == [
        "AUC, verification", "EER", "AUC (cosine)", "TAR@FAR=1e-3", "5-way 1-shot", "AUC, pairs",
    ]  # fmt: skip
    assert chart.views[3].layout["yaxis"]["title"]["text"] == "validation TAR@FAR=1e-3"
