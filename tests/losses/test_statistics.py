import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from resemblance.losses import statistics
from resemblance.losses.comparisons import Comparisons, compare_identities
from resemblance.losses.statistics import batch_statistics
from tests.losses.batches import compositions, random


def reported(similarities, comparisons):
    nothing = torch.zeros(())
    found = batch_statistics(random(3, 4), similarities, comparisons, active_share=nothing, empty=nothing)
    return [found[name].item() for name in ("genuine_similarity", "impostor_similarity", "similarity_deviation")]


def by_loops(similarities, comparisons):
    genuine, impostor = (
        [similarities[i, j].item() for i, j in kind.nonzero().tolist()]
        for kind in (comparisons.genuine, comparisons.impostor)
    )
    both = genuine + impostor

    def mean(values):
        return sum(values) / len(values) if values else math.nan

    return [mean(genuine), mean(impostor), math.sqrt(mean([(value - mean(both)) ** 2 for value in both]))]


@pytest.mark.parametrize("block", [1, 7, 2**16])
@settings(max_examples=40, deadline=None)
@given(images=compositions, memory=st.lists(st.integers(0, 3), max_size=5), seed=st.integers(0, 1000))
def test_means_and_deviation_are_those_of_the_loops(block, images, memory, seed):
    comparisons = compare_identities(torch.tensor(images), torch.tensor(memory + images))
    similarities = random(*comparisons.genuine.shape, seed=seed)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(statistics, "_CPU_BLOCK", block)
        found = reported(similarities, comparisons)
    assert found == pytest.approx(by_loops(similarities, comparisons), nan_ok=True, abs=1e-12)


def test_comparisons_with_proxies_leave_none_out():
    own = torch.eye(4, 6, dtype=torch.bool)
    similarities = random(4, 6)
    comparisons = Comparisons(own, ~own)
    assert reported(similarities, comparisons) == pytest.approx(by_loops(similarities, comparisons))


def test_equal_similarities_deviate_by_nothing_whatever_an_image_is_to_itself():
    similarities = torch.full((600, 600), 0.9)
    similarities.fill_diagonal_(1)
    deviation = reported(similarities, compare_identities(torch.arange(600) // 4))[2]
    assert deviation < 1e-6
