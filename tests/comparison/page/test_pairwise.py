"""A page of a hundred contestants stays a page."""

from dataclasses import replace

import pytest

from resemblance.comparison.page.pairwise import pairwise
from resemblance.comparison.page.report import Report
from resemblance.comparison.study import Contestant, Study, TestSet
from tests.comparison.test_shown import findings_of


def section(contestants, decided):
    findings = findings_of(contestants, decided)
    names = [one.contestant for one in findings.standings]
    test_set = TestSet("faces", tuple(Contestant(name, name, (), {}) for name in names), (findings,))
    return str(pairwise(Report(Study("many", (test_set,)))).body)


@pytest.mark.parametrize(
    ("decided", "shown"), [(0, "45 of the 4,950 differences at AUC"), (3, "3 of the 4,950 differences at AUC")]
)
def test_of_very_many_pairs_few_are_shown(decided, shown):
    body = section(100, decided)
    assert shown in body
    assert "more are in differences.csv" in body
    assert "The 20 best of 100." in body
    assert len(body) < 300_000


def test_of_few_pairs_all_are_shown():
    body = section(4, 0)
    assert "The 6 differences at AUC" in body
    assert "differences.csv" not in body
    assert "best of" not in body


def test_notes_of_pairs_that_are_not_shown_are_not_told():
    findings = findings_of(12, 3)
    hidden = [replace(one, note="of a hidden pair") for one in findings.differences[:-3]]
    findings = replace(findings, differences=(*hidden, *findings.differences[-3:]))
    names = [one.contestant for one in findings.standings]
    test_set = TestSet("faces", tuple(Contestant(name, name, (), {}) for name in names), (findings,))
    assert "of a hidden pair" not in str(pairwise(Report(Study("many", (test_set,)))).body)
