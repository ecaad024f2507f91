import itertools
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from sklearn.metrics import roc_auc_score

from resemblance.benchmarks.protocols import trials, verification
from resemblance.benchmarks.protocols.cases import SERIES, Case, cases
from resemblance.benchmarks.protocols.contestants import CONTESTANTS, OURS, trial
from resemblance.benchmarks.protocols.inputs import embeddings
from resemblance.benchmarks.protocols.measuring import difference
from resemblance.benchmarks.protocols.trials import Answer
from resemblance.embeddings import Embeddings
from resemblance.metrics import auc, equal_error_rate, tar_at_far

TOYS = cases(quick=True)
EACH = [(case, name) for case in TOYS for name in CONTESTANTS[case.series]]


def test_every_series_has_contestants_and_ours_comes_first():
    assert tuple(CONTESTANTS) == SERIES
    assert all(next(iter(competing)).startswith(OURS) for competing in CONTESTANTS.values())


@pytest.mark.parametrize(("case", "name"), EACH, ids=lambda part: str(part))
def test_the_contestants_find_the_same(case, name):
    ours = trial(OURS, case, "cpu", 0) if name != OURS else None
    found = trial(name, case, "cpu", 0)
    assert len(found.seconds) == 1
    assert found.answer.source
    assert found.answer.figures or found.answer.neighbours is not None
    if ours is not None:
        assert difference(found.answer, ours.answer) < 1e-6


def tied():
    """Embeddings of a few directions, so that most scores are ties."""
    generator = torch.Generator().manual_seed(1)
    directions = torch.randint(-1, 2, (60, 3), generator=generator).float() + torch.tensor([0.1, 0.2, 0.3])
    return Embeddings(directions, torch.randint(12, (60,), generator=generator))


@pytest.mark.parametrize("known", [tied(), embeddings(300)[0]], ids=["tied", "distinct"])
@pytest.mark.parametrize("name", ["scikit_learn", "torchmetrics"])
def test_the_figures_read_off_a_roc_are_those_of_the_definitions(monkeypatch, known, name):
    monkeypatch.setattr(verification, "embeddings", lambda _: (known, "by hand"))
    found = getattr(verification, name)(Case("all-pairs", 1), "cpu")().figures
    scores, same = (torch.from_numpy(column) for column in verification.laid_out(known))
    genuine, impostor = scores[same], scores[~same]
    assert found["genuine"] == len(genuine)
    assert found["auc"] == pytest.approx(auc(genuine, impostor), abs=1e-6)
    assert found["eer"] == pytest.approx(equal_error_rate(genuine, impostor), abs=1e-6)
    assert found["tar_at_far_1e_2"] == pytest.approx(tar_at_far(genuine, impostor, 1e-2).tar, abs=1e-6)
    assert "tar_at_far_1e_6" not in found  # there are no million impostors


def test_scores_are_laid_out_once_for_each_pair(monkeypatch):
    monkeypatch.setattr(verification, "_ROWS", 7)
    known, _ = embeddings(40)
    scores, same = verification.laid_out(known)
    unit = known.vectors.double() / known.vectors.double().norm(dim=1, keepdim=True)
    first, second = np.triu_indices(40, 1)
    expected = (unit[first] * unit[second]).sum(1).float()
    torch.testing.assert_close(torch.from_numpy(scores), expected, rtol=0, atol=1e-7)
    assert (torch.from_numpy(same) == (known.identities[first] == known.identities[second])).all()
    assert roc_auc_score(same, scores) > 0.9


@pytest.mark.parametrize(("budget", "calls"), [(0, 1), (3, 3), (60, 20)])
def test_a_case_is_done_again_until_the_budget_is_used_up(monkeypatch, budget, calls):
    seconds = itertools.count()
    monkeypatch.setattr(trials, "time", SimpleNamespace(perf_counter=lambda: float(next(seconds))))
    found = trials.run(lambda case, device: Answer, Case("all-pairs", 1), "cpu", budget)
    assert found.seconds == [1.0] * calls
