import doctest
import warnings
from collections import Counter

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from resemblance.data import name_hash
from resemblance.data.splits import check_disjoint, split_by_name, split_identities
from resemblance.errors import DataError, ResemblanceWarning

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


SHARES = {"test": 0.2, "train": 0.7, "validation": 0.1}


def parts_of(names, seed=0, shares=SHARES):
    return {names[place]: part for part, places in split_by_name(names, shares, seed).items() for place in places}


@RELAXED
@given(names=st.sets(st.text(max_size=5), min_size=6, max_size=60), seed=st.integers(0, 2**31 - 1))
@pytest.mark.filterwarnings("ignore::resemblance.errors.ResemblanceWarning")
def test_a_split_by_name_is_complete_with_two_in_every_part_whatever_the_order(names, seed):
    parts = parts_of(sorted(names), seed)
    assert parts.keys() == names
    assert min(Counter(parts.values()).values()) >= 2
    assert set(parts.values()) == set(SHARES)
    assert parts_of(sorted(names, reverse=True), seed) == parts


def test_who_is_in_which_part_does_not_depend_on_the_others():
    names = [f"person {number}" for number in range(3000)]
    whole = parts_of(names)
    assert parts_of(["aaa", *names[::7], "zzz"]).items() >= {name: whole[name] for name in names[::7]}.items()
    assert parts_of(names, seed=1) != whole
    counts = Counter(whole.values())
    for part, share in SHARES.items():  # four standard deviations
        assert abs(counts[part] - 3000 * share) < 4 * (3000 * share * (1 - share)) ** 0.5
    more = parts_of(names, shares={"test": 0.4, "train": 0.5, "validation": 0.1})
    assert {name for name in names if whole[name] == "train" != more[name]} <= {
        name for name in names if more[name] == "test"
    }


def test_a_small_set_is_filled_up_and_the_user_told():
    names = [f"s{number}" for number in range(8)]
    shares = {"test": 0.01, "train": 0.98, "validation": 0.01}
    with pytest.warns(ResemblanceWarning, match="8 identities are so few that 4 of them are put where they are needed"):
        assert Counter(parts_of(names, shares=shares).values()) == {"test": 2, "train": 4, "validation": 2}
    with pytest.raises(DataError, match="test and train and validation needs 6 identities or more"):
        split_by_name(names[:5], SHARES, 0)


def test_hashes_are_those_of_every_machine():
    assert name_hash.name_hash("anna", "0") == 0xE37AA1C8FDBB83FB
    assert doctest.testmod(name_hash).failed == 0
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        names = [f"s{number}" for number in range(1, 41)]
        found = split_by_name(names, {"test": 0.25, "train": 0.6, "validation": 0.15}, 0)
    assert [names[place] for place in found["validation"]] == ["s7", "s23", "s28", "s32", "s38"]


def test_a_shared_identity_is_named_with_both_sets():
    with pytest.raises(DataError, match="'Bo' and 1 more is in train and in test"):
        check_disjoint({"train": ["Ada", "Bo", "Cy"], "validation": ["Di"], "test": iter(["Cy", "Bo"])})


def test_sets_given_as_iterators_are_compared_too():
    with pytest.raises(DataError, match="'Ada' is in train"):
        check_disjoint({"train": iter(["Ada"]), "test": iter(["Ada"])})


def test_disjoint_sets_pass():
    check_disjoint({"train": ["Ada"], "validation": ["Bo"], "test": []})
