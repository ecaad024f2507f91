"""Accuracy over folds, each at the threshold of the others."""

import numpy as np
import pytest
import torch
from scipy import stats

from resemblance.embeddings import PairList
from resemblance.errors import DataError
from resemblance.metrics.subject_means import ComparedSubjects
from resemblance.protocols.folds import fold_estimate, fold_key, fold_table, judged_folds


def make_list(folds=5, per_fold=40, seed=0, decimals=6):
    """Scores of a list, its kinds and folds, in mixed order."""
    random = np.random.default_rng(seed)
    total = folds * per_fold
    same = np.arange(total) % 2 == 0
    scores = np.round(random.normal(size=total) + 2.0 * same, decimals)
    where = np.arange(total) // per_fold
    order = random.permutation(total)
    return tuple(torch.from_numpy(column[order]) for column in (scores.astype(np.float32), same, where))


def naive(scores, same, folds, fold):
    """Accuracy of a fold at the lowest best threshold of all others, by trying them all."""
    scores, same, folds = scores.double().numpy(), same.numpy(), folds.numpy()
    others = folds != fold
    values = np.unique(scores[others])
    candidates = [values[0] - 1e-9, *((values[1:] + values[:-1]) / 2), values[-1]]
    right = [((scores[others] > candidate) == same[others]).sum() for candidate in candidates]
    threshold = candidates[int(np.argmax(right))]
    return threshold, ((scores[~others] > threshold) == same[~others]).mean()


@pytest.mark.parametrize("decimals", [6, 1, 0])
def test_against_trying_all_thresholds(decimals):
    scores, same, folds = make_list(decimals=decimals)
    for one in judged_folds(scores, same, folds):
        threshold, accuracy = naive(scores, same, folds, one.name)
        assert one.threshold == pytest.approx(threshold, abs=1e-6)
        assert one.accuracy == pytest.approx(accuracy)


def test_a_fold_does_not_choose_its_own_threshold():
    scores, same, folds = make_list()
    before = judged_folds(scores, same, folds)[0].threshold
    spoiled = torch.where(folds == 0, -scores, scores)
    assert judged_folds(spoiled, same, folds)[0].threshold == before


def estimate(scores, same, folds, compared=True, category=None):
    number = torch.arange(len(scores))
    pairs = PairList(number, number, same, "list", folds)
    genuine, impostor = number[same], number[~same]
    who = ComparedSubjects(genuine, impostor, impostor + len(scores), 2 * len(scores))  # nobody is in two
    judged = judged_folds(scores, same, folds)
    return fold_estimate(judged, pairs, scores, who if compared else None, {"subjects": 3}, category), judged


def test_mean_and_t_interval_of_the_standard_error():
    scores, same, folds = make_list()
    found, judged = estimate(scores, same, folds, category="labelled outside data")
    accuracies = [one.accuracy for one in judged]
    assert found.value == pytest.approx(np.mean(accuracies))
    ends = stats.t.interval(0.95, 4, np.mean(accuracies), stats.sem(accuracies))
    assert (found.interval.low, found.interval.high) == pytest.approx(ends)
    assert "standard error" in found.label
    assert "labelled outside data" in found.label
    assert f"{stats.sem(accuracies):.4f}" in found.note
    assert found.note.startswith("thinly supported: fewer than 30 errors; standard error") == (
        found.counts["errors"] < 30
    )
    many, _ = estimate(*make_list(folds=20))
    assert many.counts["errors"] >= 30
    assert many.note.startswith("standard error")
    wrong = sum(round((1 - accuracy) * 40) for accuracy in accuracies)
    assert found.counts == {"subjects": 3, "folds": 5, "errors": wrong}
    assert sum(row[3] + row[4] for row in fold_table(judged).rows) == wrong
    assert fold_key(judged) == "five_fold_accuracy"


def test_influence_is_that_of_leaving_out_a_decision():
    scores, same, folds = make_list()
    found, judged = estimate(scores, same, folds)
    right = (scores > torch.tensor([one.threshold for one in judged])[folds]) == same
    for kind in (True, False):
        for subject in (same == kind).nonzero().flatten().tolist():
            kept = (same == kind) & (torch.arange(len(scores)) != subject)
            moved = (right[same == kind].double().mean() - right[kept].double().mean()) / 2  # half of them are genuine
            assert found.influence.by_subject[subject].item() == pytest.approx(float(moved), abs=1e-12)


def test_influence_on_folds_of_unequal_size_is_that_of_their_mean():
    """A comparison of a small fold moves the mean over folds further, and so does each draw of its people."""
    sizes, random = (200, 40, 16, 16), np.random.default_rng(0)
    folds = torch.repeat_interleave(torch.arange(4), torch.tensor(sizes))
    same = torch.arange(len(folds)) % 2 == 0
    values, variances = [], []
    for _ in range(400):
        scores = torch.from_numpy(random.normal(size=len(folds)) + 2.0 * same.numpy()).float()
        found, _ = estimate(scores, same, folds)
        values.append(found.value)
        variances.append(found.influence.variance)
        assert float(found.influence.by_subject.sum()) == pytest.approx(0, abs=1e-9)
    # Thresholds that are chosen on other folds move the figure a little more.
    assert np.mean(variances) == pytest.approx(np.var(values), rel=0.2)


def test_without_errors_the_interval_is_of_subjects():
    same = torch.arange(40) % 2 == 0
    found, _ = estimate(same.float(), same, torch.arange(40) // 8)
    assert found.value == found.interval.high == 1
    assert 0 < found.interval.low < 1


def test_without_intervals_there_are_none():
    found, _ = estimate(*make_list(), compared=False)
    assert found.interval is None
    assert found.influence is None


@pytest.mark.parametrize(
    ("same", "folds", "match"),
    [([True, False], [3, 3], "one fold"), ([True, True, False], [0, 0, 1], "folds other than")],
)
def test_folds_that_can_not_be_judged(same, folds, match):
    with pytest.raises(DataError, match=match):
        judged_folds(torch.rand(len(same)), torch.tensor(same), torch.tensor(folds))
