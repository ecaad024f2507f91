"""What every loss that a memory can serve promises of images against references."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from resemblance.losses import (
    CircleLoss,
    ContrastiveLoss,
    MultiSimilarityLoss,
    SiameseL1Loss,
    SupervisedContrastiveLoss,
)
from resemblance.losses.comparisons import References
from resemblance.losses.pairs import PairwiseLoss
from tests.losses import naive
from tests.losses.batches import against_a_memory, balanced, generic
from tests.losses.makers import PAIRWISE, SIZE


def contrastive(distance, mining):
    def oracle(x, y, first):
        return naive.contrastive(x, y, distance, 1.3, mining, True, first)[0]

    return lambda: ContrastiveLoss(distance, 1.3, mining), oracle


LOSSES = {
    **{
        f"contrastive-{distance}-{mining}": contrastive(distance, mining)
        for distance in ("squared_l2", "l1", "l2")
        for mining in ("all", "hard")
    },
    "siamese_l1": (
        lambda: SiameseL1Loss(5, bias=False),
        lambda x, y, first: naive.siamese_l1(x, y, SiameseL1Loss(5).similarity.weight.double(), 0.0, first),
    ),
    "circle": (lambda: CircleLoss(8.0, 0.3), lambda x, y, first: naive.circle(x, y, 8.0, 0.3, first)),
    "multi_similarity": (
        MultiSimilarityLoss,
        lambda x, y, first: naive.multi_similarity(x, y, 2.0, 50.0, 0.5, 0.1, first)[0],
    ),
    "supervised_contrastive": (
        SupervisedContrastiveLoss,
        lambda x, y, first: naive.supervised_contrastive(x, y, 0.1, first),
    ),
}


@pytest.mark.parametrize("name", LOSSES)
@settings(max_examples=20, deadline=None)
@given(batch=generic(), share=st.floats(0, 1))
def test_images_against_a_memory_are_compared_as_in_the_loops(name, batch, share):
    embeddings, identities = batch
    images = max(1, round(share * len(identities)))
    make, oracle = LOSSES[name]
    torch.manual_seed(0)
    loss = make().double()
    value = against_a_memory(loss, embeddings, identities, images)
    torch.manual_seed(0)
    expected = oracle(embeddings, identities, len(identities) - images)
    torch.testing.assert_close(value, expected, rtol=1e-10, atol=1e-10)


@pytest.fixture(params=[name for name, make in PAIRWISE.items() if isinstance(make(), PairwiseLoss)])
def loss(request):
    torch.manual_seed(0)
    return PAIRWISE[request.param]().double()


def test_gradient_against_a_memory_by_finite_differences(loss):
    if isinstance(loss, CircleLoss):
        pytest.skip("its weights are constants to the gradient by definition")
    embeddings, identities = balanced(4, 4, SIZE, seed=2)
    order = torch.randperm(16, generator=torch.Generator().manual_seed(4))
    embeddings, identities = embeddings[order], identities[order]
    references = References(embeddings, identities)
    images = embeddings[-6:].clone().requires_grad_()
    assert torch.autograd.gradcheck(lambda x: loss.compare(x, identities[-6:], references).value, images)


def test_the_batch_as_its_own_reference_has_its_own_value(loss):
    embeddings, identities = balanced(4, 3, SIZE)
    value = against_a_memory(loss, embeddings, identities, len(identities))
    torch.testing.assert_close(value, loss(embeddings, identities).value, rtol=1e-12, atol=1e-12)


def test_statistics_against_a_memory_are_finite_scalars(loss):
    embeddings, identities = balanced(4, 4, SIZE)
    found = loss.compare(embeddings[-5:], identities[-5:], References(embeddings, identities)).statistics()
    assert all(statistic.ndim == 0 and statistic.isfinite() for statistic in found.values())
    assert 0 <= found["active_share"] <= 1


@pytest.mark.parametrize("images", [1, 3])
def test_a_memory_of_strangers_alone_has_no_genuine_pair(loss, images):
    embeddings = balanced(images + 4, 1, SIZE)[0]
    identities = torch.arange(images + 4)
    references = References(embeddings, identities)
    found = loss.compare(embeddings[-images:], identities[-images:], references).statistics()
    assert found["genuine_similarity"].isnan()
    assert found["impostor_similarity"].isfinite()
