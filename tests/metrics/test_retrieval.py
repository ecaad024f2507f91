"""Retrieval against the definitions and pytorch-metric-learning's calculator."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from pytorch_metric_learning.utils.accuracy_calculator import AccuracyCalculator

from resemblance.metrics import retrieval
from resemblance.metrics.retrieval import retrieve
from resemblance.similarity import CosineSimilarity, NegativeSquaredL2, Scorer
from tests import prewarmed


def naive(scores, identities, k):
    """R@k, R-precision and MAP@R of each query; of equal scores other classes come first."""
    found = []
    for query, label in enumerate(identities.tolist()):
        order = sorted(
            (-score, other == label)
            for row, (score, other) in enumerate(zip(scores[query].tolist(), identities.tolist(), strict=True))
            if row != query
        )
        relevant = [same for _, same in order]
        total = sum(relevant)
        if total == 0:
            continue
        precision = [sum(relevant[: i + 1]) / (i + 1) * relevant[i] for i in range(total)]
        found.append((any(relevant[:k]), sum(relevant[:total]) / total, sum(precision) / total))
    return found


@st.composite
def sets(draw):
    labels = draw(st.lists(st.sampled_from([1, 2, 5, 9]), min_size=3, max_size=14))
    if len(set(labels)) < 2 or len(set(labels)) == len(labels):
        labels += [1, 1, 2]
    quarters = st.integers(-2, 2).map(lambda n: n / 4)
    rows = st.lists(quarters, min_size=len(labels), max_size=len(labels))
    return torch.tensor([draw(rows) for _ in labels]), torch.tensor(labels)


@given(sets(), st.integers(1, 4), st.integers(1, 60))
def test_figures_are_the_naive_ones_in_any_block(drawn, k, block):
    table, identities = drawn
    places = torch.arange(len(identities), dtype=torch.float32)[:, None]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(retrieval, "SCORES", block)
        found = retrieve(places, identities, lambda x, y: table[x[:, 0].long()][:, y[:, 0].long()], depth=k)
    expected = naive(table, identities, k)
    assert len(found.queries) == len(expected) == len(identities) - found.excluded
    assert (found.first <= k).tolist() == [hit for hit, _, _ in expected]
    assert found.recall_at(k) == pytest.approx(sum(hit for hit, _, _ in expected) / len(expected))
    assert found.r_precision.tolist() == pytest.approx([value for _, value, _ in expected])
    assert found.average_precision.tolist() == pytest.approx([value for _, _, value in expected])


@pytest.mark.parametrize("similarity", [CosineSimilarity(), NegativeSquaredL2(normalized=False)], ids=repr)
@pytest.mark.parametrize("seed", range(4))
def test_figures_are_those_of_pytorch_metric_learning(similarity, seed):
    generator = torch.Generator().manual_seed(seed)
    identities = torch.randint(0, 60, (300,), generator=generator)
    identities[:40] = torch.randint(100, 140, (40,), generator=generator)  # some of them alone
    vectors = torch.randn(140, 6, generator=generator)[identities] + 0.8 * torch.randn(300, 6, generator=generator)
    found = retrieve(vectors, identities, Scorer(similarity))
    calculator = AccuracyCalculator(
        ("precision_at_1", "r_precision", "mean_average_precision_at_r"), k="max_bin_count", device=torch.device("cpu")
    )
    reference = torch.nn.functional.normalize(vectors, dim=1) if similarity.normalized else vectors
    theirs = calculator.get_accuracy(reference, identities)
    assert found.excluded > 0
    assert found.recall_at(1) == pytest.approx(theirs["precision_at_1"], abs=1e-12)
    assert float(found.r_precision.mean()) == pytest.approx(theirs["r_precision"], abs=1e-12)
    assert float(found.average_precision.mean()) == pytest.approx(theirs["mean_average_precision_at_r"], abs=1e-12)


def test_a_network_that_maps_all_to_one_point_retrieves_nothing():
    found = retrieve(torch.ones(60, 4), torch.arange(60) // 3, Scorer(CosineSimilarity()), depth=5)
    assert found.recall_at(5) == 0
    assert float(found.r_precision.sum()) == float(found.average_precision.sum()) == 0


HELD = """
import torch
from resemblance.metrics.retrieval import retrieve
from resemblance.process_memory import peak_bytes, reset_peak
from resemblance.similarity import CosineSimilarity, Scorer

torch.set_num_threads(1)
vectors, identities = torch.randn(4002, 4), torch.arange(4002) // 4000
reset_peak()
before = peak_bytes()
retrieve(vectors, identities, Scorer(CosineSimilarity()))
print((peak_bytes() - before) / 2**20)
"""


def test_a_large_class_takes_no_more_memory(tmp_path):
    (tmp_path / "held.py").write_text(HELD)
    found = prewarmed.run(tmp_path / "held.py")
    assert float(found.stdout) < 200  # MiB, where 32 are scores


def test_the_order_of_rows_does_not_matter():
    generator = torch.Generator().manual_seed(0)
    identities = torch.randint(0, 20, (90,), generator=generator)
    vectors = torch.randn(90, 4, generator=generator)
    order = torch.randperm(90, generator=generator)
    scorer = Scorer(CosineSimilarity())
    found, again = retrieve(vectors, identities, scorer), retrieve(vectors[order], identities[order], scorer)
    back = torch.argsort(order[again.queries])
    assert torch.equal(order[again.queries][back], found.queries)
    assert torch.equal(again.average_precision[back], found.average_precision)
    assert torch.equal(again.first[back], found.first)


def test_what_can_not_be_retrieved_is_refused():
    scorer = Scorer(CosineSimilarity())
    for identities in ([0, 0], [0, 1]):
        with pytest.raises(ValueError, match="two classes or more"):
            retrieve(torch.ones(2, 3), torch.tensor(identities), scorer)
    with pytest.raises(ValueError, match="2 embeddings can't have 3 identities"):
        retrieve(torch.ones(2, 3), torch.tensor([0, 0, 1]), scorer)
    with pytest.raises(ValueError, match="scores are NaN"):
        retrieve(torch.ones(3, 3) * torch.nan, torch.tensor([0, 0, 1]), scorer)
