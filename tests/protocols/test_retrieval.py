"""Retrieval over a set: counts, intervals and what can't be measured."""

import pytest
import torch

from resemblance.embeddings import Embeddings
from resemblance.errors import ConfigurationError, DataError
from resemblance.metrics.retrieval import retrieve
from resemblance.protocols import Retrieval
from resemblance.results import Result
from resemblance.similarity import CosineSimilarity, NegativeL1, Scorer


@pytest.mark.parametrize("similarity", [CosineSimilarity(), NegativeL1(normalized=False)], ids=repr)
def test_figures_and_counts(faces, similarity):
    result = Retrieval(recalls=(1, 4))(faces, similarity)
    found = retrieve(faces.vectors, faces.identities, Scorer(similarity), depth=4)
    expected = {
        "r_at_1": found.recall_at(1),
        "r_at_4": found.recall_at(4),
        "r_precision": float(found.r_precision.mean()),
        "map_at_r": float(found.average_precision.mean()),
    }
    assert {key: scalar.value for key, scalar in result.scalars.items()} == pytest.approx(
        {f"retrieval/{name}": value for name, value in expected.items()}
    )
    for scalar in result.scalars.values():
        assert scalar.low < scalar.value < scalar.high
        assert scalar.counts["subjects"] == 33
        assert scalar.counts["excluded"] == 7  # identities 0, 6, … 36 have one image
        assert scalar.counts["queries"] == len(faces) - 7
    assert set(result.replicates) == set(result.scalars)
    assert result.scalars["retrieval/r_at_1"].label == "R@1"
    for k in (1, 4):
        assert result.scalars[f"retrieval/r_at_{k}"].counts["errors"] == int((found.first > k).sum())
        assert result.scalars[f"retrieval/r_at_{k}"].note is None
    few = Retrieval(recalls=(100,))(faces, similarity).scalars["retrieval/r_at_100"]
    assert few.counts["errors"] < 30
    assert few.note == "thinly supported: fewer than 30 errors"
    assert result.scalars["retrieval/map_at_r"].note is None
    assert Result.from_json(result.to_json()) == result


def test_the_order_of_rows_does_not_matter(faces, shuffled):
    one, other = (Retrieval()(each, CosineSimilarity()).scalars for each in (faces, shuffled))
    for key, scalar in one.items():
        assert other[key].value == pytest.approx(scalar.value, abs=1e-12)
        assert other[key].low == pytest.approx(scalar.low, abs=1e-9)


def test_a_recall_that_can_not_be_missed_is_refused_in_sight(make_embeddings):
    result = Retrieval(recalls=(2, 3))(make_embeddings([0, 0, 1, 1]), CosineSimilarity())
    assert "retrieval/r_at_2" in result.scalars
    assert result.tables["retrieval/refused"].rows == (
        ("R@3", "Among 2 references of other identities R@3 can't be missed."),
    )


def test_without_intervals_there_are_neither_ends_nor_replicates(faces):
    result = Retrieval()(faces, CosineSimilarity(), intervals=False)
    assert all(scalar.low is None for scalar in result.scalars.values())
    assert not result.replicates


@pytest.mark.parametrize(
    ("identities", "message"), [([0, 1, 2], "3 images has no query"), ([0, 0], "at least two identities")]
)
def test_sets_without_queries_are_refused(make_embeddings, identities, message):
    with pytest.raises(DataError, match=message):
        Retrieval()(make_embeddings(identities), CosineSimilarity())


def test_broken_embeddings_are_refused(faces):
    with pytest.raises(DataError, match="NaN"):
        Retrieval()(Embeddings(faces.vectors * torch.nan, faces.identities), CosineSimilarity())


@pytest.mark.parametrize("recalls", [(0,), (1, 1)])
def test_recalls_that_do_not_exist_are_refused_at_once(recalls):
    with pytest.raises(ConfigurationError, match="recalls from 1 up"):
        Retrieval(recalls=recalls)
