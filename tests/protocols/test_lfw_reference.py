"""Published figures of a reference embedder (dlib's ResNet) on LFW, recomputed from its saved embeddings."""

import os
import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch

from resemblance.embeddings import Embeddings, PairList
from resemblance.metrics import auc, equal_error_rate, tar_at_far
from resemblance.protocols import (
    Identification,
    OpenSet,
    PairVerification,
    Retrieval,
    Verification,
    all_pairs_scores,
    rate_key,
)
from resemblance.similarity import CosineSimilarity, NegativeSquaredL2


def require(name):
    """A file under $RESEMBLANCE_DATA, or a skip that names it."""
    path = Path(os.environ.get("RESEMBLANCE_DATA", "")) / name
    if "RESEMBLANCE_DATA" not in os.environ or not path.is_file():
        pytest.skip(f"{name} is not under RESEMBLANCE_DATA")
    return path


@pytest.fixture(scope="module")
def lfw():
    """Embeddings of all 13,233 images in the order of their names, and the row of each name."""
    with np.load(require("lfw/lfw_dlib_128d.npz")) as saved:
        names, vectors = saved["names"], saved["emb"]
    order = np.argsort(names)
    people = [str(name)[:-5] for name in names[order]]
    identities = torch.from_numpy(np.unique(people, return_inverse=True)[1])
    rows = {str(name): row for row, name in enumerate(names[order])}
    return Embeddings(torch.from_numpy(vectors[order]).float(), identities), rows


@pytest.fixture(scope="module")
def view2(lfw):
    with zipfile.ZipFile(require("lfw/lfw_protocol.zip")) as protocol:
        lines = [line.split("\t") for line in protocol.read("pairs.txt").decode().splitlines()[1:]]
    first, second, same = [], [], []
    for fields in filter(lambda fields: len(fields) > 1, lines):
        person, other = fields[0], fields[-2] if len(fields) == 4 else fields[0]
        first.append(lfw[1][f"{person}_{int(fields[1]):04d}"])
        second.append(lfw[1][f"{other}_{int(fields[-1]):04d}"])
        same.append(len(fields) == 3)
    folds = torch.arange(10).repeat_interleave(600)
    return PairList(torch.tensor(first), torch.tensor(second), torch.tensor(same), "View 2", folds)


# The published scores are −L2; its square has the same order, and only the order matters here.
SIMILARITY = NegativeSquaredL2(normalized=False)


def test_view_2_pairs(lfw, view2):
    scalars = PairVerification(view2, threshold=None, fars=(1e-2, 1e-3))(lfw[0], SIMILARITY).scalars
    assert dict(scalars["pairs/tar_at_far_1e_3"].counts) == {
        "subjects": 4281,
        "genuine": 3000,
        "impostor": 3000,
        "impostor_errors": 3,
        "genuine_errors": 185,
    }
    assert scalars["pairs/auc"].value == pytest.approx(0.998456, abs=5e-7)
    assert scalars["pairs/tar_at_far_1e_2"].value == pytest.approx(0.98733, abs=5e-6)
    assert scalars["pairs/tar_at_far_1e_3"].value == pytest.approx(0.93833, abs=5e-6)
    assert "thinly" in scalars["pairs/tar_at_far_1e_3"].note


def test_view_2_over_its_folds(lfw, view2):
    """98.77 ± 0.15 %, the standard error; and no interval says less than its figure."""
    result = PairVerification(view2, None, fars=(1e-2,), category="labelled outside data")(lfw[0], SIMILARITY)
    accuracy = result.scalars["pairs/ten_fold_accuracy"]
    assert accuracy.value == pytest.approx(0.98767, abs=5e-6)
    assert (accuracy.high - accuracy.low) / 2 / 2.262157 == pytest.approx(0.0015, abs=5e-5)
    assert "standard error 0.0015" in accuracy.note
    assert "several folds" not in accuracy.note
    assert "View 2, labelled outside data" in accuracy.label
    assert [row[0] for row in result.tables["pairs/folds"].rows] == list(range(10))
    for scalar in result.scalars.values():
        assert 0.96 < scalar.low <= scalar.value <= scalar.high or scalar.value < 0.05


def test_closed_set_identification(lfw):
    rank_1 = Identification(ranks=(1,))(lfw[0], SIMILARITY).scalars["identification/rank_1"]
    assert rank_1.value == pytest.approx(0.891368, abs=5e-7)
    assert rank_1.counts["gallery"] == 5749
    assert rank_1.counts["distractors"] == 5749 - 1680
    assert rank_1.counts["probes"] == 7484
    # A bootstrap of the probes' subjects gives [0.872, 0.904] to [0.874, 0.910]. One man has 528 of the probes and more
    # than half of the variance, which leaves few degrees of freedom.
    assert 0.860 < rank_1.low < 0.875
    assert 0.903 < rank_1.high < 0.918


def test_open_set_identification_and_retrieval(lfw):
    scalars = (OpenSet()(lfw[0], SIMILARITY) | Retrieval()(lfw[0], SIMILARITY)).scalars
    assert scalars["open_set/tpir_at_fpir_1e_1"].counts["non_mated"] == 6726
    values = [scalars[f"open_set/tpir_at_fpir_1e_{k}"].value for k in (1, 2, 3)]
    assert values == pytest.approx([0.759086, 0.345540, 0.045980], abs=3e-4)
    assert "thinly" in scalars["open_set/tpir_at_fpir_1e_3"].note
    assert scalars["retrieval/r_at_1"].counts["excluded"] == 4069
    assert scalars["retrieval/r_at_1"].value == pytest.approx(0.955696, abs=2e-4)
    assert all(scalar.low < scalar.value < scalar.high for scalar in scalars.values())


def test_all_pairs_counted_and_laid_out_give_the_same_figures(lfw):
    fars = tuple(10.0**-k for k in range(1, 7))
    scalars = Verification(fars=fars)(lfw[0], CosineSimilarity(), intervals=False).scalars
    genuine, impostor = all_pairs_scores(lfw[0], CosineSimilarity(), block=256)
    assert (len(genuine), len(impostor)) == (242_257, 87_307_271)
    once = 1 / len(genuine)
    # Blocks of other sizes may round a score in millions to its neighbour: within one genuine comparison.
    assert scalars["verification/auc"].value == pytest.approx(auc(genuine, impostor), abs=once)
    assert scalars["verification/eer"].value == pytest.approx(equal_error_rate(genuine, impostor), abs=once)
    for far in fars:
        found = scalars[f"verification/tar_at_far_{rate_key(far)}"]
        assert found.value == pytest.approx(tar_at_far(genuine, impostor, far).tar, abs=once)
        assert "exact to" not in (found.note or "")
