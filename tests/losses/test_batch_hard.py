import math

import pytest
import torch
from hypothesis import given, settings

from resemblance.errors import ConfigurationError
from resemblance.losses import BatchHardTripletLoss, TripletLoss
from resemblance.losses.comparisons import References
from tests.losses import naive, naive_triplets
from tests.losses.batches import assert_same, balanced, generic, tied


@pytest.mark.parametrize("margin", [0.4, "soft"])
@pytest.mark.parametrize("normalized", [False, True])
@settings(max_examples=30, deadline=None)
@given(batch=generic() | tied())
def test_value_is_that_of_the_loops(margin, normalized, batch):
    embeddings, identities = batch
    loss = BatchHardTripletLoss(margin, normalized)
    vectors = torch.stack([naive.unit(x) for x in embeddings]) if normalized else embeddings
    oracle = naive_triplets.batch_hard(
        vectors, identities, naive_triplets.euclidean, None if margin == "soft" else margin
    )
    assert loss(embeddings, identities).value.item() == pytest.approx(oracle.item(), abs=1e-7)


@pytest.mark.parametrize("margin", [0.4, "soft"])
@settings(max_examples=30, deadline=None)
@given(batch=generic())
def test_gradient_is_that_of_the_loops(margin, batch):
    embeddings, identities = batch
    number = None if margin == "soft" else margin
    assert_same(
        lambda x: BatchHardTripletLoss(margin)(x, identities).value,
        lambda x: naive_triplets.batch_hard(x, identities, naive_triplets.euclidean, number),
        embeddings,
    )


# On a line: the first anchor's positive is 3 away and its negative 1, the second's 3 and 4, the third has no positive.
LINE = torch.tensor([[0.0, 0.0], [3.0, 0.0], [-1.0, 0.0]])
LINE_IDENTITIES = torch.tensor([0, 0, 1])


@pytest.mark.parametrize(
    ("margin", "value", "active_share", "zero_loss_share"),
    [
        (0.5, ((3 - 1 + 0.5) + 0) / 2, 0.5, 0.5),
        (1.5, ((3 - 1 + 1.5) + (3 - 4 + 1.5)) / 2, 1, 0),
        ("soft", (math.log1p(math.exp(2)) + math.log1p(math.exp(-1))) / 2, 0.5, 0.5),
    ],
)
def test_by_hand(margin, value, active_share, zero_loss_share):
    output = BatchHardTripletLoss(margin)(LINE, LINE_IDENTITIES)
    assert output.value.item() == pytest.approx(value)
    assert output.statistics["active_share"].item() == active_share
    assert output.statistics["zero_loss_share"].item() == zero_loss_share
    assert output.statistics["genuine_similarity"].item() == pytest.approx(-9)
    assert output.statistics["impostor_similarity"].item() == pytest.approx(-(1 + 16) / 2)


def test_the_negative_belongs_to_the_anchor_not_to_its_positive():
    # The negative lies beside the positive: 5 from the anchor, 1 from the positive, which is an anchor of its own.
    embeddings = torch.tensor([[0.0, 0.0], [4.0, 0.0], [5.0, 0.0]], dtype=torch.float64)
    value = BatchHardTripletLoss(0.5)(embeddings, LINE_IDENTITIES).value
    assert value.item() == pytest.approx((0 + (4 - 1 + 0.5)) / 2)


def test_a_distance_of_zero_sends_no_gradient():
    embeddings = torch.tensor([[1.0, 2.0], [1.0, 2.0], [1.0, 2.0], [4.0, 6.0]], requires_grad=True)
    output = BatchHardTripletLoss(1.0)(embeddings, torch.tensor([0, 0, 1, 1]))
    output.value.backward()
    # Each anchor's nearest negative is a duplicate, or 5 away for the last; the third anchor's positive is 5 away.
    assert output.value.item() == pytest.approx((1 + 1 + (5 + 1) + (5 - 5 + 1)) / 4)
    assert embeddings.grad.isfinite().all()
    assert torch.equal(embeddings.grad[0] + embeddings.grad[1], -embeddings.grad[2] - embeddings.grad[3])


def test_near_duplicates_far_from_the_origin_keep_their_digits():
    embeddings, identities = balanced(4, 2, 8, dtype=torch.float32)
    shifted = (embeddings * 2**-8).round(decimals=3) + 64
    exact = BatchHardTripletLoss(1.0)(shifted.double(), identities).value.item()
    assert BatchHardTripletLoss(1.0)(shifted, identities).value.item() == pytest.approx(exact, rel=1e-5)


def test_a_memory_of_references_gives_the_loss_of_the_loops():
    embeddings, identities = balanced(4, 2, 8, seed=1)
    earlier, earlier_identities = balanced(5, 3, 8, seed=2)
    references = References(torch.cat((earlier, embeddings)), torch.cat((earlier_identities, identities)))
    value = BatchHardTripletLoss(0.5).compare(embeddings, identities, references).value
    distances = naive_triplets.table(embeddings, naive_triplets.euclidean, references.embeddings)
    labels = identities.tolist(), references.identities.tolist()
    assert value.item() == pytest.approx(naive_triplets.mined(distances, *labels, 0.5, "hard")[0].item())


def test_chooses_as_the_squared_distance_does_and_loses_in_its_own():
    embeddings, identities = balanced(6, 3, 8)
    plain = BatchHardTripletLoss(2.5, normalized=True)(embeddings, identities).value
    squared = TripletLoss(2.5, "hard")(embeddings, identities).value
    assert abs(plain.item() - squared.item()) > 0.1


@pytest.mark.parametrize("margin", [0, -1, float("nan"), "hard", None, True])
def test_refuses_other_margins(margin):
    with pytest.raises(
        ConfigurationError, match=r"^BatchHardTripletLoss needs margin to be a number above 0, not .*\.$"
    ):
        BatchHardTripletLoss(margin)
