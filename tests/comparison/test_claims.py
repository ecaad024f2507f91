"""What is claimed, in whichever output: less than counts is said, and so is that further seeds are only a guess."""

import html
import re

import pytest

from resemblance.comparison import telling
from resemblance.comparison.claims import Who, claims, leading
from resemblance.comparison.evidence.looks import Look
from resemblance.comparison.findings import Verdict
from resemblance.comparison.page.sentences import sentence
from resemblance.comparison.page.signs import Signs
from tests.comparison.told import difference, findings

SMALL = difference(estimate=0.002, low=0.001, high=0.003, verdict=Verdict.BETTER)
LARGE = difference("a", "c", 0.02, 0.01, 0.03, Verdict.BETTER)
OPEN = difference("b", "c", 0.01, -0.03, 0.05, Verdict.UNDECIDED, 3)


def text(found):
    return " ".join(telling.conclusions(found))


def test_a_lead_that_counts_for_less_than_delta_says_so_in_every_conclusion():
    found = findings(SMALL, LARGE, OPEN)
    led, claimed = telling.conclusions(found)[:2]
    assert led == (
        "a has the highest AUC, 0.9000 over 2 seeds. It is better than b (within ±0.005, less than counts) and c."
    )
    assert claimed == (
        "AUC: a is better than b by 0.0020 [0.0010, 0.0030] (within ±0.005, less than counts) and c by 0.0200 "
        "[0.0100, 0.0300]."
    )
    assert telling.verdict(found, SMALL) == "better (within ±0.005)"
    assert telling.verdict(found, LARGE) == "better"


def test_the_same_below_zero_where_less_is_better():
    one = difference(estimate=-0.002, low=-0.003, high=-0.001, verdict=Verdict.BETTER)
    assert "b by 0.0020 [0.0010, 0.0030] (within ±0.005, less than counts)" in text(findings(one, better=False))


@pytest.mark.parametrize("high", [0.005, 0.0051])
def test_an_interval_that_reaches_delta_is_not_within(high):
    one = difference(estimate=0.003, low=0.001, high=high, verdict=Verdict.BETTER)
    assert "less than counts" not in text(findings(one))


def test_all_others_are_counted_only_where_nothing_else_is_to_be_said():
    plain = [difference("a", name, 0.02, 0.01, 0.03, Verdict.BETTER) for name in "bc"]
    assert "better than all 2 others." in text(findings(*plain))
    assert "all 2 others" not in text(findings(SMALL, LARGE))


def test_no_number_of_seeds_without_its_if():
    found = findings(difference("a", "b", 0.01, -0.03, 0.05, Verdict.UNDECIDED, 1), OPEN)
    for told in (*telling.conclusions(found), *telling.small_print(found)):
        if "more seed" in told.lower():
            assert "if what was seen is the truth" in told
    assert "1 more seed if" in text(found)


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ((1, None), "1 more seed would decide 1 of them if"),
        ((1, 1), "1 more seed would decide them if"),
        ((2, 2), "2 more seeds would decide them if"),
        ((1, 4), "1 to 4 more seeds would decide them if"),
    ],
)
def test_seeds_agree_with_their_number(more, told):
    pairs = [
        difference("a", name, 0.01, -0.03, 0.05, Verdict.UNDECIDED, number)
        for name, number in zip("bc", more, strict=True)
    ]
    assert told in text(findings(*pairs))


def test_equivalent_pairs_are_told_wherever_they_stand():
    apart = [difference("a", name, 0.02, 0.01, 0.03, Verdict.BETTER) for name in "bc"]
    equal = difference("b", "c", 0.0001, -0.001, 0.0012, Verdict.EQUIVALENT)
    assert (
        "AUC: b and c are equivalent within ±0.005: the difference is +0.0001 [−0.0010, +0.0012]."
        in telling.conclusions(findings(*apart, equal))
    )


def test_the_page_has_the_words_of_the_text_with_names_in_their_signs():
    found = findings(SMALL, LARGE, OPEN)
    signs = Signs({name: Look(name, "#000", "#fff", "solid", "circle") for name in "abc"})
    for told in (leading(found), *claims(found)):
        page = sentence(told, signs)
        assert bare(page) == "".join(told)
        assert page.count('class="who"') == sum(isinstance(piece, Who) for piece in told)


def bare(page):
    return html.unescape(re.sub(r"<[^>]*>", "", page))
