"""Who lacks a figure, and why, each by its own reason."""

import json

import pytest

from resemblance.comparison.contestants import gathered
from resemblance.comparison.missing import without_figure
from resemblance.comparison.reading import read_run
from tests.comparison.written import AUC, TAR, seal, write_run


@pytest.fixture
def told(tmp_path):
    """A function from the reasons of some losses, None for one that has the figure, to what is said."""

    def said(**reasons):
        for loss, reason in reasons.items():
            path = write_run(tmp_path / loss, loss, figures={AUC: 0.9} if reason is not None else {AUC: 0.9, TAR: 0.4})
            if reason:
                table = {"columns": ["f", "r"], "rows": [["TAR@FAR=1e-3", reason]]}
                results = json.loads((path / "results.json").read_text())
                results["tables"] = {"test/verification/refused": table}
                (path / "results.json").write_text(json.dumps(results))
                seal(path)
        contestants = gathered([read_run(tmp_path / loss) for loss in reasons]).contestants
        having = [one for one in contestants if TAR in one.runs[0].scalars]
        return without_figure(TAR, contestants, having)

    return said


def test_each_lacks_a_figure_for_its_own_reason(told):
    assert told(cosface="480 pairs.", softmax="ties.", batch_hard="480 pairs.", triplet=None) == [
        f"{TAR} is compared without batch_hard, cosface: 480 pairs.",
        f"{TAR} is compared without softmax: ties.",
    ]


def test_a_figure_that_nobody_has(told):
    found = told(cosface="480 pairs.", softmax="", batch_hard="480 pairs.")
    assert found == [f"{TAR} is not compared here: 480 pairs (batch_hard, cosface); no run has it (softmax)."]


def test_one_reason_of_all(told):
    assert told(cosface="480 pairs.", softmax="480 pairs.") == [f"{TAR} is not compared here: 480 pairs."]


def test_a_figure_that_all_have(told):
    assert told(cosface=None, softmax=None) == []
