import pytest

from resemblance.metrics import ascending, tar_at_far
from resemblance.metrics.all_pairs import AllPairs
from resemblance.protocols import Calibration, all_pairs_scores, run_protocols
from resemblance.protocols.at_threshold import rates_at_thresholds
from resemblance.results import Result
from resemblance.similarity import CosineSimilarity, NegativeL1


def test_rates_at_the_thresholds_of_other_people(faces, make_embeddings):
    similarity = CosineSimilarity()
    genuine, impostor = map(ascending, all_pairs_scores(make_embeddings([*range(30)] * 3, seed=5), similarity))
    thresholds = {far: tar_at_far(genuine, impostor, far).threshold for far in (1e-2, 1e-1)}
    result = Calibration(thresholds)(faces, similarity)
    table = result.tables["verification/calibration"]
    genuine, impostor = all_pairs_scores(faces, similarity)
    assert [row[:2] for row in table.rows] == [(1e-1, thresholds[1e-1]), (1e-2, thresholds[1e-2])]
    for row in table.rows:
        found = dict(zip(table.columns, row, strict=True))
        assert found["test_far"] == (impostor > found["threshold"]).double().mean()
        assert found["test_tar"] == (genuine > found["threshold"]).double().mean()
        assert found["impostor_errors"] == (impostor > found["threshold"]).sum()
        assert found["test_far_low"] < found["test_far"] < found["test_far_high"]
        assert found["test_tar_low"] < found["test_tar"] < found["test_tar_high"]
        (rates,) = rates_at_thresholds(AllPairs(faces, similarity), [found["threshold"]])
        assert (found["test_far_low"], found["test_tar_high"]) == (rates.fmr_interval.low, rates.tar_interval.high)
    assert Result.from_json(result.to_json()) == result


def test_without_intervals_their_columns_are_not_there(faces):
    table = Calibration({0.1: 0.5})(faces, CosineSimilarity(), intervals=False).tables["verification/calibration"]
    assert table.columns == ("target_far", "threshold", "test_far", "test_tar", "impostor_errors")
    assert len(table.rows[0]) == 5


@pytest.mark.parametrize("nothing", [None, {}])
def test_without_thresholds_it_says_so(faces, nothing):
    ((figure, reason),) = Calibration(nothing)(faces, CosineSimilarity()).tables["calibration/refused"].rows
    assert "validation thresholds" in figure
    assert "No threshold was chosen on validation identities" in reason


def test_a_threshold_belongs_to_its_similarity(faces):
    """The cosine beside another similarity is not judged by that one's thresholds."""
    result = run_protocols([Calibration({0.1: -40.0})], faces, NegativeL1(normalized=False))
    assert list(result.tables) == ["verification/calibration", "calibration_cosine/refused"]


def test_nobody_is_above_a_threshold(faces):
    ((*_, low, high, tar_low, tar_high),) = (
        Calibration({0.1: 2.0})(faces, CosineSimilarity()).tables["verification/calibration"].rows
    )
    assert low == tar_low == 0
    assert high == pytest.approx(3 / 40)
    assert tar_high > high, "fewer subjects have genuine comparisons"
