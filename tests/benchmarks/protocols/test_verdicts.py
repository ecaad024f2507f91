import numpy as np
import pytest

from resemblance.benchmarks.protocols.cases import SERIES, Case
from resemblance.benchmarks.protocols.contestants import FAISS, INTERVALS, LIBRARY, OURS, SCIKIT_LEARN
from resemblance.benchmarks.protocols.measuring import OUT_OF_TIME, Measurement
from resemblance.benchmarks.protocols.trials import Answer
from resemblance.benchmarks.protocols.verdicts import verdicts

LFW = Case("all-pairs", 13_233)
FIGURES = {"genuine": 242_257.0, "auc": 0.99, "tar_at_far_1e_6": 0.5}


def one(case, contestant, seconds, megabytes, **answer):
    return Measurement(case, contestant, [seconds] * 3, [round(megabytes * 1e6)], Answer(**answer))


def by_words(judged, words):
    found = [verdict for verdict in judged if words in verdict.words]
    assert len(found) == 1, [verdict.words for verdict in judged]
    return found[0]


def all_pairs(ours, theirs, figures=FIGURES):
    return verdicts([one(LFW, OURS, *ours, figures=FIGURES), one(LFW, SCIKIT_LEARN, *theirs, figures=figures)])


def test_all_pairs_that_meet_everything():
    judged = all_pairs((3.5, 800), (40, 4300))
    assert [verdict.met for verdict in judged[:5]] == [True] * 5
    assert judged[0].words == "all pairs of 13,233 embeddings: 3.50 s (wanted less than 6 s)"
    assert judged[1].words == "all pairs of 13,233 embeddings: peak of 800 MB (wanted less than 1,000 MB)"
    assert judged[2].words == "all pairs of 13,233 embeddings: 11.4 × as fast as scikit-learn (wanted 10 ×)"
    assert judged[3].words == "all pairs of 13,233 embeddings: 5.4 × as lean as scikit-learn (wanted 4 ×)"
    assert by_words(judged, INTERVALS).met is None


def test_all_pairs_that_miss_everything():
    other = {**FIGURES, "tar_at_far_1e_6": 0.5 + 3 / 242_257}
    judged = all_pairs((6.5, 1100), (40, 4300), other)
    assert [verdict.met for verdict in judged[:5]] == [False] * 5
    assert "to 3 of 242,257 genuine comparisons" in judged[4].words


def test_one_genuine_comparison_is_within_the_requirement():
    assert all_pairs((1, 1), (10, 4), {**FIGURES, "auc": 0.99 + 0.9 / 242_257})[4].met is True


def test_a_tool_that_could_not_run_leaves_its_requirements_open():
    judged = verdicts([one(LFW, OURS, 3, 800, figures=FIGURES), Measurement(LFW, SCIKIT_LEARN, failure="too slow")])
    assert [verdict.met for verdict in judged[:5]] == [True, True, None, None, None]


@pytest.mark.parametrize(("seconds", "met"), [(260, True), (330, False)])
def test_growth_is_linear_in_comparisons(seconds, met):
    sizes = [(25_000, 16.0), (50_000, 64.0), (100_000, float(seconds))]
    judged = verdicts([one(Case("growth", size), OURS, time, 500, remark="AUC to 1e-9") for size, time in sizes])
    assert [verdict.met for verdict in judged] == [True, met]
    assert "million comparisons a second" in judged[0].words
    assert "AUC to 1e-9" in judged[0].words


def test_embeddings_that_can_not_be_compared_are_missed():
    judged = verdicts([Measurement(Case("growth", 100_000), OURS, failure="needs more than 21 GB")])
    assert [verdict.met for verdict in judged] == [False]
    assert "needs more than 21 GB" in judged[0].words


@pytest.mark.parametrize(
    "figures",
    [{**FIGURES, "auc": float("nan")}, {"genuine": 242_257.0, "auc": 0.99}],
    ids=["no number", "one too few"],
)
def test_figures_that_are_missing_or_no_numbers_are_not_the_same(figures):
    verdict = all_pairs((3.5, 800), (40, 4300), figures)[4]
    assert verdict.met is False
    assert "a figure of scikit-learn or of ours is missing or no number" in verdict.words


def test_a_size_that_no_time_was_left_for_is_neither_met_nor_missed():
    first = one(Case("growth", 25_000), OURS, 1, 500)
    late = Measurement(Case("growth", 100_000), OURS, failure=f"{OUT_OF_TIME} before its turn")
    (verdict,) = verdicts([first, late])
    assert verdict.met is None
    assert "100,000 embeddings: not measured" in verdict.words


def search(seconds, megabytes, device="cpu"):
    case = Case("search", 1_000_000, 1_000)
    found = {"neighbours": np.array([[1]])}
    return verdicts(
        [one(case, name, seconds, megabytes, **found) for name in FAISS]
        + [one(case, theirs, 2.0, 550, **found) for theirs in FAISS.values()],
        device,
    )


def test_search_against_faiss():
    assert FAISS
    assert [verdict.met for verdict in search(1.9, 600)] == [True, True] * len(FAISS)
    assert [verdict.met for verdict in search(2.1, 620)] == [False, False] * len(FAISS)
    assert "1.05 × the time of" in search(2.1, 620)[0].words
    assert "peak of 1.21 × the gallery" in search(2.1, 620)[1].words


def test_a_search_on_a_gpu_is_not_timed_against_one_on_the_cpu():
    assert [verdict.met for verdict in search(0.01, 600, "cuda")] == [None, True] * len(FAISS)
    assert "no times compare" in search(0.01, 600, "cuda")[0].words


def test_view_2_has_two_seconds():
    case = Case("view-2", 6_000)
    assert [verdict.met for verdict in verdicts([one(case, OURS, 1.5, 1)])] == [True]
    assert [verdict.met for verdict in verdicts([one(case, OURS, 2.5, 1)])] == [False]


@pytest.mark.parametrize(("apart", "met"), [(0.9, True), (1.1, False)])
def test_retrieval_may_differ_by_one_query(apart, met):
    case = Case("retrieval", 13_233)
    ours = one(case, OURS, 1, 1, figures={"queries": 9_164.0, "map_at_r": 0.5})
    theirs = one(case, LIBRARY, 1, 1, figures={"map_at_r": 0.5 + apart / 9_164})
    judged = verdicts([ours, theirs])
    assert [verdict.met for verdict in judged] == [met]
    assert f"to {apart} of 9,164 queries" in judged[0].words


def test_what_was_not_measured_is_neither_met_nor_missed():
    assert verdicts([]) == []
    for series in SERIES:
        for verdict in verdicts([Measurement(Case(series, 100, 10 if series == "search" else None), OURS)]):
            assert verdict.met is None or series == "growth"
