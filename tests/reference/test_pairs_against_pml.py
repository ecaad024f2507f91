"""Pair and list losses against pytorch-metric-learning, with the settings that make it compute the papers' formulas."""

import pytest
import torch
from pytorch_metric_learning import distances, losses, miners, reducers

from resemblance.losses import (
    CircleLoss,
    ContrastiveLoss,
    CrossBatchMemory,
    MultiSimilarityLoss,
    NPairLoss,
    ProxyAnchorLoss,
    SupervisedContrastiveLoss,
)
from tests.losses.batches import assert_same, balanced

BATCHES = [balanced(5, 4, 16, seed) for seed in range(3)] + [balanced(3, 2, 8), balanced(2, 5, 8)]
every_batch = pytest.mark.parametrize(("embeddings", "identities"), BATCHES)


@every_batch
@pytest.mark.parametrize("temperature", [0.1, 1.0])
def test_supervised_contrastive(embeddings, identities, temperature):
    theirs = losses.SupConLoss(temperature=temperature)
    ours = SupervisedContrastiveLoss(temperature)
    assert_same(lambda x: ours(x, identities).value, lambda x: theirs(x, identities), embeddings, 1e-7)


@pytest.mark.parametrize("temperature", [0.1, 1.0])
def test_supervised_contrastive_with_one_positive_is_nt_xent(temperature):
    embeddings, identities = balanced(5, 2, 16)
    theirs = losses.NTXentLoss(temperature=temperature)
    ours = SupervisedContrastiveLoss(temperature)
    assert_same(lambda x: ours(x, identities).value, lambda x: theirs(x, identities), embeddings, 1e-7)


@every_batch
@pytest.mark.parametrize("scale", [16.0, 256.0])
def test_circle(embeddings, identities, scale):
    # Its default reducer leaves out the anchors whose loss has underflown to zero.
    theirs = losses.CircleLoss(m=0.25, gamma=scale, reducer=reducers.MeanReducer())
    ours = CircleLoss(scale)
    assert_same(lambda x: ours(x, identities).value, lambda x: theirs(x, identities), embeddings, 1e-7)


@every_batch
def test_multi_similarity_with_its_miner(embeddings, identities):
    theirs, miner = losses.MultiSimilarityLoss(alpha=2, beta=50, base=0.5), miners.MultiSimilarityMiner(epsilon=0.1)
    assert_same(
        lambda x: MultiSimilarityLoss()(x, identities).value,
        lambda x: theirs(x, identities, miner(x, identities)),
        embeddings,
        1e-7,
    )


@pytest.mark.parametrize("identities", [3, 7])
def test_n_pair(identities):
    embeddings, labels = balanced(identities, 2, 8)
    theirs = losses.NPairsLoss(distance=distances.DotProductSimilarity(normalize_embeddings=False))
    assert_same(lambda x: NPairLoss(0)(x, labels).value, lambda x: theirs(x, labels), embeddings)
    normalised = losses.NPairsLoss()(embeddings, labels).item()  # its default is not the paper's
    assert NPairLoss(0)(embeddings, labels).value.item() != pytest.approx(normalised, rel=1e-2)


@every_batch
def test_proxy_anchor(embeddings, identities):
    torch.manual_seed(0)
    ours = ProxyAnchorLoss(6, embeddings.shape[1]).double()
    theirs = losses.ProxyAnchorLoss(6, embeddings.shape[1], margin=0.1, alpha=32)
    theirs.proxies.data = ours.proxies.detach().clone()
    assert_same(lambda x: ours(x, identities).value, lambda x: theirs(x, identities), embeddings, 1e-7)
    ours(embeddings, identities).value.backward()
    theirs(embeddings, identities).backward()
    torch.testing.assert_close(ours.proxies.grad, theirs.proxies.grad)


def test_cross_batch_memory_is_theirs_plus_the_loss_of_the_batch():
    margin, size = 1.8, 24
    distance = distances.LpDistance(power=2)
    plain = losses.ContrastiveLoss(neg_margin=margin, distance=distance, reducer=reducers.MeanReducer())
    theirs = losses.CrossBatchMemory(plain, embedding_size=16, memory_size=size)
    ours = CrossBatchMemory(ContrastiveLoss("squared_l2", margin), 16, size, warm_up=0).double()
    for seed in range(6):  # the memory is full after the third
        embeddings, identities = balanced(4, 2, 16, seed)
        own = ContrastiveLoss("squared_l2", margin)(embeddings, identities).value
        against_memory = theirs(embeddings, identities) / 2  # no ½ in its formula
        torch.testing.assert_close(ours(embeddings, identities).value, own + against_memory, rtol=1e-6, atol=1e-6)
