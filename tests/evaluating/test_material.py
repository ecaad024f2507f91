"""Rows that go, and what goes with them."""

import pytest
import torch

from resemblance.embeddings import PairList
from resemblance.errors import DataError
from resemblance.evaluating.material import rows_kept, without_invalid
from tests.evaluating.small_set import material

PAIRS = PairList(torch.tensor([0, 0, 2]), torch.tensor([1, 4, 3]), torch.tensor([True, False, True]), "p")


def test_rows_that_go_take_their_comparisons_with_them():
    kept, dropped = rows_kept(PAIRS, torch.tensor([True, True, True, True, False]))
    assert (kept.first.tolist(), kept.second.tolist(), dropped) == ([0, 2], [1, 3], 1)
    kept, dropped = rows_kept(PAIRS, torch.tensor([True, False, True, True, True]))
    assert (kept.first.tolist(), kept.second.tolist(), dropped) == ([0, 1], [3, 2], 1)


def test_broken_embeddings_are_refused_or_counted_as_failures_to_acquire():
    vectors = torch.eye(5)
    vectors[1], vectors[4, 2] = 0, torch.inf
    with pytest.raises(DataError, match=r"1 holds NaN or infinite numbers and 1 is all zeros, .* 'Ann_0002'; mend"):
        without_invalid(material(vectors), "refuse", "'v.npz'")
    metadata = {"age": [1.0, 2.0, 3.0, 4.0, 5.0]}
    found = without_invalid(material(vectors, pairs=PAIRS, metadata=metadata), "exclude", "'v.npz'")
    assert found.image_ids == ["Ann_0001", "Bob_0001", "Bob_0002"]
    assert found.identity_names == ["Ann", "Bob"]
    assert found.test.identities.tolist() == [0, 1, 1]
    assert found.failures == {
        "Ann_0002": "the embedding is all zeros",
        "Cem_0001": "the embedding holds NaN or infinite numbers",
    }
    assert (found.pairs.first.tolist(), found.metadata) == ([1], {"age": [1.0, 3.0, 4.0]})
    assert found.told == ("2 of the listed comparisons are left out: an image of theirs gives no embedding.",)


def test_a_set_of_which_nothing_is_left_is_refused():
    with pytest.raises(DataError, match="No image gives a usable embedding"):
        without_invalid(material(torch.zeros(5, 2)), "exclude", "'v.npz'")
