"""Verification over all pairs, and over a list."""

import math
from dataclasses import replace

import numpy as np
import pytest
import torch

from resemblance.embeddings import Embeddings, PairList
from resemblance.errors import ConfigurationError, DataError
from resemblance.metrics import accuracy_at, auc, equal_error_rate, tar_at_far
from resemblance.protocols import PairVerification, Verification, all_pairs_scores, pair_scores
from resemblance.results import Result
from resemblance.similarity import CosineSimilarity, NegativeL1, NegativeSquaredL2


def random_pairs(embeddings, size=300, name="someList"):
    first, second = torch.randint(len(embeddings), (2, size), generator=torch.Generator().manual_seed(5))
    second = torch.where(first == second, (second + 1) % len(embeddings), second)  # no image with itself
    same = embeddings.identities[first] == embeddings.identities[second]
    return PairList(first, second, same, name)


def test_figures_are_those_of_the_scores(faces):
    genuine, impostor = all_pairs_scores(faces, CosineSimilarity())
    result = Verification(fars=(0.1, 0.01))(faces, CosineSimilarity())
    assert {key: scalar.value for key, scalar in result.scalars.items()} == {
        "verification/auc": auc(genuine, impostor),
        "verification/eer": equal_error_rate(genuine, impostor),
        "verification/tar_at_far_1e_1": tar_at_far(genuine, impostor, 0.1).tar,
        "verification/tar_at_far_1e_2": tar_at_far(genuine, impostor, 0.01).tar,
    }
    assert [scalar.label for scalar in result.scalars.values()] == ["AUC", "EER", "TAR@FAR=1e-1", "TAR@FAR=1e-2"]
    counts = {"subjects": 40, "genuine": len(genuine), "impostor": len(impostor)}
    assert dict(result.scalars["verification/auc"].counts) == counts
    point = tar_at_far(genuine, impostor, 0.1)
    errors = {"impostor_errors": point.impostor_errors, "genuine_errors": int((genuine <= point.threshold).sum())}
    assert dict(result.scalars["verification/tar_at_far_1e_1"].counts) == {**counts, **errors}
    equal = result.scalars["verification/eer"]
    assert {key: equal.counts[key] for key in counts} == counts
    assert equal.counts["impostor_errors"] / len(impostor) == pytest.approx(equal.value, abs=2 / len(genuine))
    assert equal.counts["genuine_errors"] / len(genuine) == pytest.approx(equal.value, abs=2 / len(genuine))
    assert not result.tables


def test_fewer_than_thirty_errors_are_marked(faces):
    scalars = Verification(fars=(1e-2, 1e-3))(faces, CosineSimilarity()).scalars
    many, few = (scalars[f"verification/tar_at_far_1e_{n}"] for n in (2, 3))
    assert many.counts["impostor_errors"] >= 30
    assert many.note is None
    assert few.counts["impostor_errors"] < 30
    assert few.note == "thinly supported: fewer than 30 impostor errors"


def test_an_equal_error_rate_of_few_errors_is_marked(make_embeddings):
    good, bad = (
        Verification()(make_embeddings(torch.arange(80) // 4, spread=spread), CosineSimilarity()).scalars
        for spread in (0.3, 1.5)
    )
    assert good["verification/eer"].counts["genuine_errors"] < 30 <= good["verification/eer"].counts["genuine"]
    assert good["verification/eer"].is_thin
    assert not bad["verification/eer"].is_thin
    assert good["verification/auc"].note is None


def test_a_subject_with_most_genuine_comparisons_is_told(make_embeddings):
    """Five images of one identity, two of each other: 10 of 13 genuine comparisons are those of the first."""
    faces = make_embeddings([0] * 5 + [1, 1, 2, 2, 3, 3])
    for intervals in (True, False):
        for scalar in Verification(fars=(0.1,))(faces, CosineSimilarity(), intervals=intervals).scalars.values():
            assert ("77 % of the genuine comparisons are those of one subject" in (scalar.note or "")) == intervals


def test_a_rate_that_does_not_exist_is_refused_in_sight(faces):
    result = Verification(fars=(0.01, 1e-5))(faces, CosineSimilarity())
    assert "verification/tar_at_far_1e_5" not in result.scalars
    table = result.tables["verification/refused"]
    assert table.columns == ("figure", "reason")
    ((figure, reason),) = table.rows
    assert figure == "TAR@FAR=1e-5"
    assert f"{result.scalars['verification/auc'].counts['impostor']} impostor comparisons" in reason


def test_the_roc_is_exact_from_the_smallest_rate_to_one(faces):
    genuine, impostor = all_pairs_scores(faces, CosineSimilarity())
    curve = Verification()(faces, CosineSimilarity()).curves["verification/roc"]
    assert 100 < len(curve.x) <= 500
    assert (curve.x[0], curve.x[-1], curve.y[-1]) == (1 / len(impostor), 1.0, 1.0)
    assert list(curve.x) == sorted(set(curve.x))
    assert list(curve.y) == [tar_at_far(genuine, impostor, far).tar for far in curve.x]


@pytest.mark.parametrize("similarity", [CosineSimilarity(), NegativeL1(normalized=False)], ids=lambda s: s.name)
def test_the_histograms_are_densities_on_common_bins(faces, similarity):
    curves = Verification()(faces, similarity).curves
    genuine, impostor = curves["verification/genuine_scores"], curves["verification/impostor_scores"]
    assert genuine.x == impostor.x
    assert (genuine.x_label, genuine.y_label) == (similarity.name, "density")
    width = genuine.x[1] - genuine.x[0]
    scores = all_pairs_scores(faces, similarity)
    for curve, kind in zip((genuine, impostor), scores, strict=True):
        assert sum(curve.y) * width == pytest.approx(1)
        assert sum(x * y for x, y in zip(curve.x, curve.y, strict=True)) * width == pytest.approx(
            kind.mean().item(), abs=width / 2
        )


@pytest.mark.parametrize("value", [0.0, 1.0, 1e15])
def test_a_collapsed_network_is_measured_at_chance(value):
    faces = Embeddings(torch.full((12, 4), value), torch.arange(12) // 3)
    result = Verification(fars=(0.1,))(faces, NegativeSquaredL2(normalized=False))
    assert [scalar.value for scalar in result.scalars.values()] == [0.5, 0.5, 0.0]
    curve = result.curves["verification/genuine_scores"]
    assert all(math.isfinite(y) for y in curve.y)
    assert sum(y > 0 for y in curve.y) == 1


def test_the_order_of_images_does_not_matter(faces, shuffled):
    similarity = NegativeSquaredL2(normalized=True)
    for key, scalar in Verification()(shuffled, similarity).scalars.items():
        assert scalar.value == pytest.approx(Verification()(faces, similarity).scalars[key].value, abs=1e-9)


def test_json_there_and_back(faces):
    result = Verification(fars=(0.01, 1e-6))(faces, CosineSimilarity())
    assert Result.from_json(result.to_json()) == result


def test_broken_embeddings_are_counted(faces):
    vectors = faces.vectors.clone()
    vectors[3, 1], vectors[5] = math.nan, math.inf
    with pytest.raises(DataError, match=f"2 of {len(faces)} embeddings hold NaN"):
        Verification()(replace(faces, vectors=vectors), CosineSimilarity())


@pytest.mark.parametrize("fars", [(0.0,), (1.0,), (-0.1,), (math.nan,), (0.01, 0.01)])
def test_rates_that_no_test_could_measure_are_refused_at_once(fars):
    with pytest.raises(ConfigurationError, match="Verification"):
        Verification(fars=fars)


def test_intervals_and_their_band_hold_the_figures(faces):
    with_intervals = Verification(fars=(0.1, 0.01))(faces, CosineSimilarity())
    without = Verification(fars=(0.1, 0.01))(faces, CosineSimilarity(), intervals=False)
    assert set(with_intervals.replicates) == set(with_intervals.scalars) == set(without.scalars)
    assert not without.replicates
    for key, scalar in with_intervals.scalars.items():
        assert without.scalars[key] == replace(scalar, low=None, high=None, method=None, degrees=None)
        assert scalar.low <= scalar.value <= scalar.high
        assert scalar.low < scalar.high
    genuine, impostor = all_pairs_scores(faces, CosineSimilarity())
    low, high = (with_intervals.curves[f"verification/roc_{end}"] for end in ("low", "high"))
    assert low.x == high.x
    assert 10 < len(low.x) <= 24 + 2
    for far, least, most in zip(low.x, low.y, high.y, strict=True):
        assert least <= tar_at_far(genuine, impostor, far).tar <= most
    for ends in (low, high):
        assert list(ends.y) == sorted(ends.y), "TAR can't fall where FAR rises"
        assert (ends.x[-1], ends.y[-1]) == (1, 1), "at FAR 1 everybody is accepted"
    roc = with_intervals.curves["verification/roc"]
    allowed = {int(0.1 * len(impostor)) / len(impostor), int(0.01 * len(impostor)) / len(impostor)}
    assert allowed <= set(roc.x) & set(low.x), "reported rates are on the curve and in the band"
    assert not any("roc_" in key for key in without.curves)


def test_a_wrong_limit_of_exactness_is_refused():
    with pytest.raises(ConfigurationError, match="exact_up_to of 1 or more, not 0"):
        Verification(exact_up_to=0)


class TestPairList:
    def test_figures_are_those_of_the_listed_scores(self, faces):
        pairs, similarity = random_pairs(faces), CosineSimilarity()
        scores = pair_scores(faces.vectors, pairs.first, pairs.second, similarity)
        genuine, impostor = scores[pairs.same], scores[~pairs.same]
        result = PairVerification(pairs, threshold=0.4, fars=(0.1,))(faces, similarity)
        assert {key: scalar.value for key, scalar in result.scalars.items()} == {
            "pairs/auc": auc(genuine, impostor),
            "pairs/eer": equal_error_rate(genuine, impostor),
            "pairs/tar_at_far_1e_1": tar_at_far(genuine, impostor, 0.1).tar,
            "pairs/accuracy": accuracy_at(0.4, genuine, impostor),
        }
        assert all("(someList)" in scalar.label for scalar in result.scalars.values())
        accuracy = result.scalars["pairs/accuracy"]
        wrong = int((genuine <= 0.4).sum()) + int((impostor > 0.4).sum())
        assert accuracy.counts["errors"] == wrong
        assert "chosen on validation identities" in accuracy.label
        curves = ("roc", "roc_low", "roc_high", "genuine_scores", "impostor_scores")
        assert set(result.curves) == {f"pairs/{name}" for name in curves}
        assert not result.tables
        assert Result.from_json(result.to_json()) == result

    def test_its_histograms_count_every_score_also_impostors_below_all_genuine_ones(self, make_embeddings):
        faces = make_embeddings(torch.arange(60) // 2, spread=0.01)
        first, second = torch.triu_indices(60, 60, 1)
        same = faces.identities[first] == faces.identities[second]
        pairs, similarity = PairList(first, second, same, "clear"), CosineSimilarity()
        scores = pair_scores(faces.vectors, first, second, similarity)
        assert scores[same].min() > scores[~same].max()
        curve = PairVerification(pairs, None, fars=())(faces, similarity).curves["pairs/impostor_scores"]
        edges = np.linspace(scores.min().item(), scores.max().item(), len(curve.x) + 1)
        expected = np.histogram(scores[~same].numpy(), edges, density=True)[0]
        assert np.abs(np.array(curve.y) - expected).max() < 0.02 * expected.max()

    def test_without_a_threshold_the_accuracy_is_refused_in_sight(self, faces):
        result = PairVerification(random_pairs(faces), None, fars=(0.1, 1e-4))(faces, CosineSimilarity())
        assert "pairs/accuracy" not in result.scalars
        figures = [figure for figure, _ in result.tables["pairs/refused"].rows]
        assert any(str(figure).startswith("accuracy") for figure in figures)
        assert "TAR@FAR=1e-4 (someList)" in figures

    def test_subjects_are_those_of_the_list(self, make_embeddings):
        faces = make_embeddings([0, 0, 1, 2, 3, 4])
        pairs = PairList(torch.tensor([0, 0]), torch.tensor([1, 2]), torch.tensor([True, False]), "two")
        result = PairVerification(pairs, 0.0, fars=())(faces, CosineSimilarity())
        assert result.scalars["pairs/auc"].counts["subjects"] == 2

    def test_a_list_of_another_set_is_refused(self, faces):
        pairs = random_pairs(faces)
        with pytest.raises(DataError, match="'someList' names rows"):
            PairVerification(replace(pairs, first=pairs.first + len(faces)), None)(faces, CosineSimilarity())
        with pytest.raises(DataError, match=r"'someList' contradict the identities"):
            PairVerification(replace(pairs, same=~pairs.same), None)(faces, CosineSimilarity())

    @pytest.mark.parametrize(("keep", "missing"), [(True, "impostor"), (False, "genuine")])
    def test_a_list_of_one_kind_is_refused(self, faces, keep, missing):
        pairs = random_pairs(faces)
        kept = pairs.same == keep
        one = PairList(pairs.first[kept], pairs.second[kept], pairs.same[kept], "one")
        with pytest.raises(DataError, match=f"'one' has no {missing} comparison"):
            PairVerification(one, None)(faces, CosineSimilarity())


def dominated_by_one(images):
    """Images of people of whom the first has most, and no errors but two others who look the same."""
    identities = torch.repeat_interleave(torch.arange(len(images)), torch.tensor(images))
    vectors = torch.eye(len(images) + 1)[identities] + 1e-3 * torch.randn(
        len(identities), len(images) + 1, generator=torch.Generator().manual_seed(0)
    )
    vectors[-2:] = torch.tensor([[0.0] * len(images) + [1.0]])
    return Embeddings(vectors, identities)


def test_one_person_of_nearly_all_images_overflows_nothing():
    scalars = Verification(fars=(1e-3,))(dominated_by_one([500, 1, 1]), CosineSimilarity()).scalars
    found = scalars["verification/tar_at_far_1e_3"]
    assert found.counts["impostor_errors"] == 1
    assert found.low <= found.value <= found.high
