import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from resemblance.data.splits import check_disjoint, split_identities
from resemblance.errors import DataError

RELAXED = settings(deadline=None, max_examples=50)  # a busy machine is no failure


@RELAXED
@given(num=st.integers(4, 300), share=st.floats(0.01, 0.99), seed=st.integers(0, 2**31 - 1))
def test_a_split_is_disjoint_complete_and_leaves_two_on_either_side(num, share, seed):
    kept, held_out = split_identities(num, share, seed)
    assert torch.equal(torch.cat([kept, held_out]).sort().values, torch.arange(num))
    assert min(len(kept), len(held_out)) >= 2
    if 2 <= round(num * share) <= num - 2:
        assert len(held_out) == round(num * share)


def test_the_seed_alone_decides_who_is_held_out():
    torch.manual_seed(1)
    first = split_identities(100, 0.1, seed=0)[1]
    torch.manual_seed(2)
    assert torch.equal(first, split_identities(100, 0.1, seed=0)[1])
    assert not torch.equal(first, split_identities(100, 0.1, seed=1)[1])


def test_fewer_than_four_identities_are_refused():
    with pytest.raises(DataError, match="needs 4 identities or more, two for each side, but there are 3"):
        split_identities(3, 0.5, 0)


def test_a_shared_identity_is_named_with_both_sets():
    with pytest.raises(DataError, match="'Bo' and 1 more is in train and in test"):
        check_disjoint({"train": ["Ada", "Bo", "Cy"], "validation": ["Di"], "test": iter(["Cy", "Bo"])})


def test_sets_given_as_iterators_are_compared_too():
    with pytest.raises(DataError, match="'Ada' is in train"):
        check_disjoint({"train": iter(["Ada"]), "test": iter(["Ada"])})


def test_disjoint_sets_pass():
    check_disjoint({"train": ["Ada"], "validation": ["Bo"], "test": []})
