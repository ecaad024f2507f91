import warnings
from contextlib import nullcontext

import pytest
import torch

from resemblance.errors import ResemblanceWarning
from resemblance.losses import BatchHardTripletLoss, NPairLoss
from resemblance.models.collapse import CollapseWatch

POINT = {"embedding_spread": 1e-4, "similarity_deviation": 1e-5}
HEALTHY = {"embedding_spread": 0.8, "similarity_deviation": 0.2}


def follow(watch, steps, first=0):
    for step, statistics in enumerate(steps, start=first):
        watch.see(step, statistics)


def test_one_warning_with_the_step_and_the_remedies():
    watch = CollapseWatch("triplet", patience=5)
    follow(watch, [HEALTHY] * 3)
    with pytest.warns(
        ResemblanceWarning, match=r"since step 3 .* loss=triplet\. .*optimizer.lr.*triplet_robust.*soft margin"
    ) as seen:
        follow(watch, [POINT] * 27, first=3)
    assert len(seen) == 1
    assert (watch.first_step, watch.lasting) == (3, True)


def test_an_untrained_network_may_begin_in_one_point():
    watch = CollapseWatch("triplet", patience=5)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        follow(watch, [POINT, POINT, POINT, POINT, HEALTHY] * 20)
    assert (watch.first_step, watch.lasting) == (None, False)


@pytest.mark.parametrize("name", ["embedding_spread", "similarity_deviation"])
def test_either_sign_is_enough(name):
    # Raw embeddings can shrink to zero with directions that still differ; class weights stay apart when images do not.
    watch = CollapseWatch("batch_hard", patience=2)
    with pytest.warns(ResemblanceWarning):
        follow(watch, [{**HEALTHY, name: 0.0}] * 2)


def test_embeddings_that_are_compared_where_they_lie_may_lie_far_from_the_origin():
    embeddings, identities = 100 + torch.randn(32, 8, generator=torch.Generator().manual_seed(0)), torch.arange(32) // 4
    for loss, collapses in ((BatchHardTripletLoss(), False), (NPairLoss(), True)):
        statistics = {name: value.item() for name, value in loss(embeddings, identities).statistics.items()}
        assert statistics["embedding_spread"] < 0.01
        watch = CollapseWatch("one", loss.similarity.normalized, patience=2)
        with pytest.warns(ResemblanceWarning) if collapses else nullcontext():
            follow(watch, [statistics] * 2)
        assert watch.lasting == collapses
    # Where they have met there as well, all comparisons look alike.
    watch = CollapseWatch("batch_hard", by_direction=False, patience=2)
    with pytest.warns(ResemblanceWarning):
        follow(watch, [POINT] * 2)


def test_a_recovery_is_known():
    watch = CollapseWatch("triplet", patience=2)
    with pytest.warns(ResemblanceWarning):
        follow(watch, [POINT, POINT, HEALTHY])
    assert (watch.first_step, watch.lasting) == (0, False)


def test_what_goes_into_the_metrics():
    watch = CollapseWatch("triplet", patience=2)
    assert watch.result().scalars["collapsed"].value == 0
    with pytest.warns(ResemblanceWarning):
        follow(watch, [HEALTHY, POINT, POINT])
    found = watch.result().scalars["collapsed"]
    assert (found.value, found.counts, found.note) == (1, {"first_step": 1}, "began at step 1; it lasted to the end")
    follow(watch, [HEALTHY])
    assert watch.result().scalars["collapsed"].note == "began at step 1; the embedding has left it since"
