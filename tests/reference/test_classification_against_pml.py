"""The margin softmax losses of pytorch-metric-learning, where they compute the papers' formulas."""

import math

import pytest
import torch
from pytorch_metric_learning import losses

from resemblance.losses import (
    ArcFaceLoss,
    CosFaceLoss,
    NormalizedSoftmaxLoss,
    SphereFaceLoss,
    SubCenterArcFaceLoss,
)
from tests.losses.batches import assert_same, balanced

BATCHES = [balanced(5, 4, 16, seed) for seed in range(3)] + [balanced(3, 2, 8), balanced(2, 5, 8)]
CLASSES = 6
PAIRS = {
    "cosface": (
        lambda size: CosFaceLoss(CLASSES, size),
        lambda size: losses.CosFaceLoss(CLASSES, size, margin=0.35, scale=64),
    ),
    "arcface": (  # its margin is in degrees
        lambda size: ArcFaceLoss(CLASSES, size),
        lambda size: losses.ArcFaceLoss(CLASSES, size, margin=math.degrees(0.5), scale=64),
    ),
    "sub_center_arcface": (
        lambda size: SubCenterArcFaceLoss(CLASSES, size),
        lambda size: losses.SubCenterArcFaceLoss(
            num_classes=CLASSES, embedding_size=size, margin=math.degrees(0.5), scale=64, sub_centers=3
        ),
    ),
    "sphereface": (  # it has no annealing
        lambda size: SphereFaceLoss(CLASSES, size, lambda_start=0.0, lambda_end=0.0),
        lambda size: losses.SphereFaceLoss(CLASSES, size, margin=4, scale=1),
    ),
    "normalized_softmax": (
        lambda size: NormalizedSoftmaxLoss(CLASSES, size),
        lambda size: losses.NormalizedSoftmaxLoss(CLASSES, size, temperature=0.05),
    ),
}


@pytest.mark.parametrize(("embeddings", "identities"), BATCHES)
@pytest.mark.parametrize("name", PAIRS)
def test_values_and_gradients_agree(name, embeddings, identities):
    make_ours, make_theirs = PAIRS[name]
    ours, theirs = make_ours(embeddings.shape[1]).double(), make_theirs(embeddings.shape[1])
    theirs.W.data = ours.weight.detach().flatten(0, -2).T.clone()
    # Constants of its SphereFace are float32.
    tolerance = 1e-6 if name == "sphereface" else 1e-10
    assert_same(lambda x: ours(x, identities).value, lambda x: theirs(x, identities), embeddings, tolerance)
    ours(embeddings, identities).value.backward()
    theirs(embeddings, identities).backward()
    torch.testing.assert_close(ours.weight.grad.flatten(0, -2), theirs.W.grad.T, rtol=1e-6, atol=1e-6)
