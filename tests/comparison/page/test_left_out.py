"""What can't be drawn is left out of the page with a sentence."""

import json

from resemblance.comparison.page import write_page
from resemblance.comparison.studying import study_of
from tests.comparison.pictured import write_pictured_study
from tests.comparison.written import seal

KEY = "test/verification/roc"


def page(folder):
    write_page(study_of(folder), folder / "report.html")
    return (folder / "report.html").read_text("utf-8")


def flatten(run):
    results = json.loads((run / "results.json").read_text("utf-8"))
    results["curves"][KEY] |= {"x": [0.0, 0.0], "y": [0.2, 0.5]}
    (run / "results.json").write_text(json.dumps(results))
    seal(run)


def test_curves_without_a_rate_and_embeddings_that_were_changed(tmp_path):
    folder = write_pictured_study(tmp_path / "study", {"cosface": 2.5, "softmax": 2.0}, seeds=2)
    flatten(folder / "cosface" / "2")
    for seed in "12":
        with (folder / "softmax" / seed / "embeddings.safetensors").open("ab") as file:
            file.write(b" ")
    text = page(folder)
    assert "Left out: seed 2 of cosface, whose curve has no FAR above 0." in text
    assert "the checksum of embeddings.safetensors is not that in run.json" in text
    assert "Without a map: softmax" in text
    for run in folder.glob("*/[12]"):
        flatten(run)
    assert "has a ROC curve in its results.json" in page(folder)
