"""The store gives every row once, in the order of the data set, however it was fed."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from resemblance.embeddings import EmbeddingStore, PairList


def rows(n):
    """Vectors, identities and indices that tell from each other which row they are."""
    indices = torch.arange(n)
    return indices[:, None] * torch.tensor([1.0, -2.0]), indices // 3, indices


@given(st.integers(1, 30), st.data())
def test_any_order_any_batches_any_repeats(n, data):
    vectors, identities, indices = rows(n)
    seen = data.draw(st.permutations(list(range(n)) + data.draw(st.lists(st.integers(0, n - 1), max_size=10))))
    store = EmbeddingStore()
    while seen:
        size = data.draw(st.integers(1, len(seen)))
        batch, seen = torch.tensor(seen[:size]), seen[size:]
        store.update(vectors[batch], identities[batch], indices[batch])
    found = store.embeddings()
    assert len(found) == n
    assert torch.equal(found.vectors, vectors)
    assert torch.equal(found.identities, identities)


def test_of_a_row_seen_twice_the_first_is_kept():
    store = EmbeddingStore()
    store.update(torch.tensor([[1.0]]), torch.tensor([0]), torch.tensor([4]))
    store.update(torch.tensor([[2.0], [3.0]]), torch.tensor([0, 1]), torch.tensor([4, 2]))
    assert store.embeddings().vectors.tolist() == [[3.0], [1.0]]


def test_one_row_of_two_identities_is_refused():
    store = EmbeddingStore()
    store.update(torch.ones(3, 1), torch.tensor([0, 1, 2]), torch.tensor([4, 7, 9]))
    store.update(torch.ones(3, 1), torch.tensor([0, 3, 4]), torch.tensor([4, 7, 9]))
    with pytest.raises(ValueError, match="2 indices, the first of them 7, came with two identities each"):
        store.compute()


@pytest.mark.parametrize("dtype", [torch.float32, torch.float16, torch.complex64])
def test_labels_that_would_be_cut_off_are_refused(dtype):
    labels = torch.tensor([0, 1])
    with pytest.raises(ValueError, match=f"Identities are integers, not {dtype}"):
        EmbeddingStore().update(torch.ones(2, 3), labels.to(dtype))
    with pytest.raises(ValueError, match=f"Indices are integers, not {dtype}"):
        EmbeddingStore().update(torch.ones(2, 3), labels, labels.to(dtype))


@pytest.mark.parametrize("dtype", [torch.int32, torch.uint8, torch.bool])
def test_small_integers_are_identities(dtype):
    store = EmbeddingStore()
    store.update(torch.ones(2, 3), torch.tensor([0, 1]).to(dtype))
    assert store.embeddings().identities.tolist() == [0, 1]


def test_half_precision_and_gradients_do_not_stay():
    store = EmbeddingStore()
    store.update(torch.ones(2, 3, dtype=torch.bfloat16, requires_grad=True), torch.tensor([0, 1]), torch.tensor([0, 1]))
    vectors = store.embeddings().vectors
    assert vectors.dtype == torch.float32
    assert not vectors.requires_grad


def test_empty_again_after_a_reset():
    store = EmbeddingStore()
    store.update(*rows(5))
    assert len(store.embeddings()) == 5
    store.reset()
    store.update(*rows(2))
    assert len(store.embeddings()) == 2


def test_each_update_counts_after_a_compute():
    store = EmbeddingStore()
    vectors, identities, indices = rows(4)
    store.update(vectors[:2], identities[:2], indices[:2])
    assert len(store.embeddings()) == 2
    store.update(vectors[2:], identities[2:], indices[2:])
    assert torch.equal(store.embeddings().vectors, vectors)


@pytest.mark.parametrize("length", [0, 3])
def test_a_pair_list_is_as_long_as_its_comparisons(length):
    rows_ = torch.zeros(length, dtype=torch.int64)
    assert len(PairList(rows_, rows_, torch.ones(length, dtype=torch.bool), "list")) == length
