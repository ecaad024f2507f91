"""pytorch-metric-learning as an oracle, with the settings that make it compute the papers' formulas."""

import pytest
import torch
from pytorch_metric_learning import distances, losses, miners, reducers

from resemblance.losses import AngularLoss, BatchHardTripletLoss, ContrastiveLoss, CosFaceLoss, TripletLoss
from tests.losses.batches import assert_same, balanced

BATCHES = [balanced(5, 4, 16, seed) for seed in range(3)] + [balanced(3, 2, 8), balanced(2, 5, 8)]
SQUARED = distances.LpDistance(power=2)  # normalises by default; the default distance is not squared


def unit(x):
    return torch.nn.functional.normalize(x)


@pytest.mark.parametrize(("embeddings", "identities"), BATCHES)
@pytest.mark.parametrize("margin", [0.2, 0.7])
def test_triplet_over_all_active_triplets(embeddings, identities, margin):
    theirs = losses.TripletMarginLoss(margin=margin, distance=SQUARED)
    assert_same(lambda x: TripletLoss(margin, "all")(x, identities).value, lambda x: theirs(x, identities), embeddings)


@pytest.mark.parametrize(("embeddings", "identities"), BATCHES)
@pytest.mark.parametrize("margin", [0.2, 0.7])
def test_triplet_semihard(embeddings, identities, margin):
    theirs = losses.TripletMarginLoss(margin=margin, distance=SQUARED, reducer=reducers.MeanReducer())
    miner = miners.TripletMarginMiner(margin=margin, type_of_triplets="semihard", distance=SQUARED)
    if len(miner(embeddings, identities)[0]) == 0:
        assert TripletLoss(margin, "semihard")(embeddings, identities).value.item() == 0
        return
    assert_same(
        lambda x: TripletLoss(margin, "semihard")(x, identities).value,
        lambda x: theirs(x, identities, miner(x, identities)),
        embeddings,
    )


@pytest.mark.parametrize(("embeddings", "identities"), BATCHES)
def test_triplet_batch_hard(embeddings, identities):
    theirs = losses.TripletMarginLoss(margin=0.2, distance=SQUARED, reducer=reducers.MeanReducer())
    miner = miners.BatchHardMiner(distance=SQUARED)
    assert_same(
        lambda x: TripletLoss(0.2, "hard")(x, identities).value,
        lambda x: theirs(x, identities, miner(x, identities)),
        embeddings,
    )


@pytest.mark.parametrize(("embeddings", "identities"), BATCHES)
def test_triplet_easy_positive(embeddings, identities):
    miner = miners.BatchEasyHardMiner(pos_strategy="easy", neg_strategy="semihard", distance=SQUARED)
    theirs = losses.TripletMarginLoss(margin=0.7, distance=SQUARED, reducer=reducers.MeanReducer())
    assert_same(
        lambda x: TripletLoss(0.7, "easy_positive")(x, identities).value,
        lambda x: theirs(x, identities, miner(x, identities)),
        embeddings,
    )


@pytest.mark.parametrize(("embeddings", "identities"), BATCHES)
@pytest.mark.parametrize("margin", [0.4, "soft"])
def test_batch_hard_on_plain_distances(embeddings, identities, margin):
    distance = distances.LpDistance(normalize_embeddings=False)
    soft = margin == "soft"
    theirs = losses.TripletMarginLoss(
        margin=0 if soft else margin, smooth_loss=soft, distance=distance, reducer=reducers.MeanReducer()
    )
    miner = miners.BatchHardMiner(distance=distance)
    assert_same(
        lambda x: BatchHardTripletLoss(margin)(x, identities).value,
        lambda x: theirs(x, identities, miner(x, identities)),
        embeddings,
        1e-7,
    )


def test_its_default_triplet_loss_is_another():
    embeddings, identities = BATCHES[0]
    theirs, ours = losses.TripletMarginLoss(margin=0.2), TripletLoss(0.2, "all")
    assert theirs(embeddings, identities).item() != pytest.approx(ours(embeddings, identities).value.item(), rel=1e-2)


@pytest.mark.parametrize(("embeddings", "identities"), BATCHES)
def test_angular(embeddings, identities):
    theirs = losses.AngularLoss(alpha=40)
    # It leaves the negatives as they are: only on normalised input does it compute the paper's formula.
    assert_same(lambda x: AngularLoss(40)(x, identities).value, lambda x: theirs(unit(x), identities), embeddings, 1e-6)
    scaled, normalised = theirs(5 * embeddings, identities).item(), theirs(unit(embeddings), identities).item()
    assert scaled != pytest.approx(normalised, rel=1e-2)


@pytest.mark.parametrize(("embeddings", "identities"), BATCHES)
def test_cosface(embeddings, identities):
    ours = CosFaceLoss(6, embeddings.shape[1]).double()
    theirs = losses.CosFaceLoss(6, embeddings.shape[1], margin=0.35, scale=64)
    theirs.W.data = ours.weight.detach().T.clone()
    assert_same(lambda x: ours(x, identities).value, lambda x: theirs(x, identities), embeddings)
    ours(embeddings, identities).value.backward()
    theirs(embeddings, identities).backward()
    torch.testing.assert_close(ours.weight.grad, theirs.W.grad.T)


@pytest.mark.parametrize(("embeddings", "identities"), BATCHES)
@pytest.mark.parametrize(("distance", "margin", "p", "power"), [("squared_l2", 1.8, 2, 2), ("l1", 3.0, 1, 1)])
def test_contrastive(embeddings, identities, distance, margin, p, power):
    theirs = losses.ContrastiveLoss(
        pos_margin=0,
        neg_margin=margin,
        distance=distances.LpDistance(normalize_embeddings=False, p=p, power=power),
        reducer=reducers.MeanReducer(),  # the default would leave out the pairs beyond the margin
    )
    assert_same(
        lambda x: 2 * ContrastiveLoss(distance, margin)(x, identities).value,
        lambda x: theirs(unit(x), identities),
        embeddings,
        1e-7,
    )
