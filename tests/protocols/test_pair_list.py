"""Intervals, replicates and folds of pair lists."""

from dataclasses import replace

import pytest
import torch

from resemblance.embeddings import PairList
from resemblance.errors import DataError
from resemblance.metrics.influence import accuracy_influence, rate_influence
from resemblance.metrics.replicates import DRAWS
from resemblance.metrics.subject_means import ComparedSubjects
from resemblance.metrics.uncertainty import interval
from resemblance.protocols import PairVerification, pair_scores
from resemblance.similarity import CosineSimilarity

SIMILARITY = CosineSimilarity()


@pytest.fixture
def listed(faces):
    """300 comparisons of the set in five folds."""
    first, second = torch.randint(len(faces), (2, 300), generator=torch.Generator().manual_seed(5))
    kept = first != second
    first, second = first[kept], second[kept]
    same = faces.identities[first] == faces.identities[second]
    return PairList(first, second, same, "list", torch.arange(len(first)) % 5)


def test_every_figure_has_interval_counts_and_replicates(faces, listed):
    result = PairVerification(listed, 0.4, fars=(0.1, 0.05))(faces, SIMILARITY)
    assert set(result.scalars) == {
        f"pairs/{name}"
        for name in ("auc", "eer", "tar_at_far_1e_1", "tar_at_far_5e_2", "accuracy", "five_fold_accuracy")
    }
    assert set(result.replicates) == set(result.scalars)
    for key, scalar in result.scalars.items():
        assert scalar.low <= scalar.value <= scalar.high
        assert scalar.high - scalar.low > 1e-3
        assert scalar.method
        assert {"subjects", "genuine", "impostor"} <= set(scalar.counts)
        assert result.replicates[key].shape == (DRAWS,)
        assert 1 < scalar.degrees <= 39  # over the subjects, whatever the interval is made of
    assert len(result.tables["pairs/folds"].rows) == 5


def test_accuracy_has_the_interval_of_its_subjects(faces, listed):
    found = PairVerification(listed, 0.4)(faces, SIMILARITY).scalars["pairs/accuracy"]
    scores = pair_scores(faces.vectors, listed.first, listed.second, SIMILARITY)
    first, second = faces.identities[listed.first], faces.identities[listed.second]
    same = listed.same
    compared = ComparedSubjects(first[same], first[~same], second[~same], 40)
    rates = rate_influence(scores[same], scores[~same], compared, 0.4)
    expected = interval(found.value, accuracy_influence(rates, int(same.sum()), int((~same).sum())))
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high))


def test_the_band_holds_the_roc(faces, listed):
    curves = PairVerification(listed, None)(faces, SIMILARITY).curves
    roc, low, high = (curves[f"pairs/{name}"] for name in ("roc", "roc_low", "roc_high"))
    assert low.x == high.x
    assert len(low.x) > 10
    assert (low.x[-1], low.y[-1], high.y[-1]) == (1, 1, 1), "at FAR 1 everybody is accepted"
    assert list(low.y) == sorted(low.y)
    assert list(high.y) == sorted(high.y)
    tar = torch.tensor(roc.y)[torch.searchsorted(torch.tensor(roc.x), torch.tensor(low.x) - 1e-9)]
    assert (torch.tensor(low.y) <= tar).all()
    assert (tar <= torch.tensor(high.y)).all()


def test_without_intervals_the_figures_are_the_same(faces, listed):
    protocol = PairVerification(listed, 0.4)
    full, plain = protocol(faces, SIMILARITY), protocol(faces, SIMILARITY, intervals=False)
    assert {key: scalar.value for key, scalar in full.scalars.items()} == {
        key: scalar.value for key, scalar in plain.scalars.items()
    }
    assert not plain.replicates
    assert all(scalar.low is None for scalar in plain.scalars.values())
    assert "pairs/roc_low" not in plain.curves


def test_two_runs_differ_by_a_subtraction(faces, listed):
    """The same run twice differs by exactly nothing, in every figure."""
    protocol = PairVerification(listed, 0.4)
    one, two = (protocol(faces, SIMILARITY).replicates for _ in range(2))
    assert all(torch.equal(one[key], two[key]) for key in one)


def test_folds_of_another_length_are_refused(faces, listed):
    with pytest.raises(DataError, match="3 folds for"):
        PairVerification(replace(listed, folds=torch.tensor([0, 1, 2])), None)(faces, SIMILARITY)


def test_folds_without_both_kinds_are_refused_in_sight(faces, listed):
    by_kind = replace(listed, folds=listed.same.long())
    result = PairVerification(by_kind, 0.4)(faces, SIMILARITY)
    (figure, reason) = result.tables["pairs/refused"].rows[0]
    assert figure == "accuracy over folds (list)"
    assert "one kind only" in reason


def test_people_in_several_folds_are_told(faces, listed):
    note = PairVerification(listed, 0.4)(faces, SIMILARITY).scalars["pairs/five_fold_accuracy"].note
    people = [
        set(faces.identities[torch.cat([listed.first, listed.second])[listed.folds.repeat(2) == fold]].tolist())
        for fold in range(5)
    ]
    several = sum(sum(who in fold for fold in people) > 1 for who in range(40))
    assert f"; {several} subjects are in several folds, which are not independent then" in note


def with_more(pairs, first, second, same):
    first, second = torch.cat([pairs.first, torch.tensor(first)]), torch.cat([pairs.second, torch.tensor(second)])
    folds = torch.cat([pairs.folds, torch.zeros(len(same), dtype=torch.int64)])
    return PairList(first, second, torch.cat([pairs.same, torch.tensor(same)]), pairs.name, folds)


def test_an_image_is_not_compared_with_itself(faces, listed):
    protocol = PairVerification(with_more(listed, [3, 4], [3, 4], [True, True]), None)
    with pytest.raises(DataError, match="^2 of the .* of the pair list 'list' compare an image with itself"):
        protocol(faces, SIMILARITY)


@pytest.mark.parametrize("intervals", [True, False])
def test_repeated_comparisons_are_told(faces, listed, intervals):
    ends = torch.stack([listed.first, listed.second]).sort(dim=0).values.T.tolist()
    kept = torch.tensor(sorted({tuple(pair): row for row, pair in enumerate(ends)}.values()))
    columns = (column[kept] for column in (listed.first, listed.second, listed.same))
    once = PairList(*columns, "list", listed.folds[kept])
    notes = [scalar.note for scalar in PairVerification(once, 0.4)(faces, SIMILARITY).scalars.values()]
    assert not any("repeat" in (note or "") for note in notes)
    first, second = once.first[:2].tolist(), once.second[:2].tolist()
    again = with_more(once, [second[0], first[1]], [first[0], second[1]], once.same[:2].tolist())  # in either order
    scalars = PairVerification(again, 0.4)(faces, SIMILARITY, intervals=intervals).scalars
    assert {"pairs/auc", "pairs/accuracy", "pairs/five_fold_accuracy"} < set(scalars)
    for scalar in scalars.values():
        assert f"2 of the {len(again)} comparisons repeat others of the list" in scalar.note
