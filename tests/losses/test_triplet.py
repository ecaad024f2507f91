import math

import pytest
import torch
from hypothesis import given, settings
from torch.utils._python_dispatch import TorchDispatchMode

from resemblance.errors import ConfigurationError
from resemblance.losses import TripletLoss
from resemblance.losses.comparisons import References
from tests.losses import naive, naive_triplets
from tests.losses.batches import assert_same, balanced, generic, tied

MININGS = ("semihard", "hard", "all", "hardest_semihard", "easy_positive")


def assert_naive(batch, margin, mining):
    embeddings, identities = batch
    loss = TripletLoss(margin, mining)
    assert_same(
        lambda x: loss(x, identities).value,
        lambda x: naive_triplets.triplet(x, identities, naive.squared_l2, margin, mining)[0],
        embeddings,
    )
    share = naive_triplets.triplet(embeddings, identities, naive.squared_l2, margin, mining)[1]
    statistics = loss(embeddings, identities).statistics
    assert statistics["active_share"].item() == pytest.approx(share)
    assert statistics["zero_loss_share"].item() == pytest.approx(
        naive_triplets.zero_loss_share(embeddings, identities, naive.squared_l2, margin)
    )


@pytest.mark.parametrize("mining", MININGS)
@settings(max_examples=25, deadline=None)
@given(batch=generic())
def test_value_and_gradient_are_those_of_the_loops(mining, batch):
    assert_naive(batch, 0.7, mining)


@pytest.mark.parametrize("mining", MININGS)
@pytest.mark.parametrize("margin", [0.2, 0.5])  # 0.5 is a distance of the lattice: both ends of eq. 4 are hit exactly
@settings(max_examples=20, deadline=None)
@given(batch=tied())
def test_ties_and_duplicates_are_those_of_the_loops(mining, margin, batch):
    assert_naive(batch, margin, mining)


# Two images of one person at 0° and 60°, one of another at 90°: squared distances 1, 2 and 2 − √3.
CORNER = torch.tensor([[1.0, 0.0], [0.5, math.sqrt(0.75)], [0.0, 1.0]], dtype=torch.float64)
CORNER_IDENTITIES = torch.tensor([0, 0, 1])
NEAR = 2 - math.sqrt(3)


@pytest.mark.parametrize(
    ("margin", "mining", "value", "active_share"),
    [
        (0.2, "semihard", 0, 0),  # one negative beyond the margin, one nearer than the positive
        (1.5, "semihard", 1 - 2 + 1.5, 0.5),
        (0.2, "hard", (0 + 1 - NEAR + 0.2) / 2, 0.5),  # an anchor without violation counts in the mean
        (0.2, "all", 1 - NEAR + 0.2, 0.5),  # mean over the active triplet alone
        (1.5, "hardest_semihard", 1 - 2 + 1.5, 0.5),
        (0.2, "easy_positive", 0, 0),  # the negative at 1 from its anchor's positive is the only one beyond
    ],
)
def test_by_hand(margin, mining, value, active_share):
    output = TripletLoss(margin, mining)(CORNER, CORNER_IDENTITIES)
    assert output.value.item() == pytest.approx(value, abs=1e-12)
    assert output.statistics["active_share"].item() == active_share
    assert output.statistics["empty_batch"].item() == 0
    assert output.statistics["genuine_similarity"].item() == pytest.approx(-1)
    assert output.statistics["impostor_similarity"].item() == pytest.approx(-(2 + NEAR) / 2)


def test_semihard_takes_every_semihard_negative_of_its_own_anchor():
    signs = [[1, 1, 1, 1], [1, 1, 1, -1], [1, 1, -1, -1], [-1, -1, -1, 1], [1, -1, 1, 1]]
    embeddings = torch.tensor(signs, dtype=torch.float64) / 2
    # The positives lie 1 apart. First anchor: negatives at 2, 3 and 1; second: at 1, 4 and 2. With α = 2.5 those at 1
    # are as near as the positive and the one at 4 is beyond the margin: three triplets remain.
    value = TripletLoss(2.5, "semihard")(embeddings, torch.tensor([0, 0, 1, 2, 3])).value
    assert value.item() == pytest.approx((1.5 + 0.5 + 1.5) / 3, abs=1e-12)


def test_batch_hard_on_collapsed_embeddings_sits_at_the_margin_and_says_so():
    embeddings = torch.ones(8, 4, requires_grad=True)
    output = TripletLoss(0.2, "hard")(embeddings, torch.arange(4).repeat_interleave(2))
    output.value.backward()
    assert output.value.item() == pytest.approx(0.2)
    assert output.statistics["embedding_spread"].item() == pytest.approx(0, abs=1e-6)
    assert output.statistics["active_share"].item() == 1
    assert embeddings.grad.isfinite().all()


def test_large_batch_in_float32_matches_float64():
    embeddings, identities = balanced(16, 4, 128)
    for mining in MININGS:
        loss = TripletLoss(mining=mining)
        assert loss(embeddings.float(), identities).value.item() == pytest.approx(
            loss(embeddings, identities).value.item(), rel=1e-5
        )


def test_semihard_is_tested_in_the_squared_distance_of_the_loss():
    # Positive at 0.01, negative at 0.16: within the margin of 0.2, which their roots 0.1 and 0.4 are not.
    def at(squared):
        cosine = 1 - squared / 2
        return [cosine, math.sqrt(1 - cosine**2)]

    embeddings = torch.tensor([[1.0, 0.0], at(0.01), at(0.16)], dtype=torch.float64)
    value = TripletLoss(0.2, "semihard")(embeddings, torch.tensor([0, 0, 1])).value.item()
    second = 0.01 - (embeddings[1] - embeddings[2]).square().sum().item() + 0.2
    assert value == pytest.approx((0.01 - 0.16 + 0.2 + second) / 2, abs=1e-12)


@pytest.mark.parametrize("mining", MININGS)
@settings(max_examples=20, deadline=None)
@given(batch=tied(), memory=tied())
def test_a_memory_of_references_gives_the_loss_of_the_loops(mining, batch, memory):
    embeddings, identities = batch
    earlier, earlier_identities = memory
    references = torch.cat((earlier_identities, identities))

    def ours(x):
        return TripletLoss(0.7, mining).compare(x, identities, References(torch.cat((earlier, x)), references)).value

    def loops(x):
        distances = naive_triplets.table(x, naive.squared_l2, torch.cat((earlier, x)))
        return naive_triplets.mined(distances, identities.tolist(), references.tolist(), 0.7, mining)[0]

    assert_same(ours, loops, embeddings)


def distance_weighted_by_loops(x, identities, negatives, margin):
    terms = []
    for a in range(len(x)):
        for k, p in enumerate(naive.positives_of(a, identities.tolist())):
            n = negatives[a, k]
            terms.append(naive.hinge(naive.squared_l2(x[a], x[p]) - naive.squared_l2(x[a], x[n]) + margin))
    return naive.mean(terms, x)


def test_distance_weighted_is_the_mean_over_one_drawn_negative_of_each_pair():
    embeddings, identities = balanced(4, 3, 8)
    loss = TripletLoss(0.7, "distance_weighted", seed=3)
    unit = torch.nn.functional.normalize(embeddings)
    impostor = identities[:, None] != identities
    drawn = TripletLoss(0.7, "distance_weighted", seed=3).sampler(2 - 2 * unit @ unit.T, impostor, 8, 2)
    assert impostor.gather(1, drawn).all()
    output = loss(embeddings, identities)
    oracle = distance_weighted_by_loops(embeddings, identities, drawn, 0.7)
    assert output.value.item() == pytest.approx(oracle.item(), abs=1e-12)
    loss.load_state_dict(TripletLoss(0.7, "distance_weighted").state_dict())
    assert_same(
        lambda x: loss.eval()(x, identities).value,
        lambda x: distance_weighted_by_loops(x, identities, drawn, 0.7),
        embeddings,
    )


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_distance_weighted_repeats_from_its_seed_and_resumes_from_its_state(dtype):
    embeddings, identities = balanced(6, 3, 8, dtype=dtype)

    def values(loss, steps):
        return [loss(embeddings, identities).value.item() for _ in range(steps)]

    whole = values(TripletLoss(mining="distance_weighted", seed=1), 4)
    assert len(set(whole)) > 1
    interrupted = TripletLoss(mining="distance_weighted", seed=1)
    assert values(interrupted, 2) == whole[:2]
    resumed = TripletLoss(mining="distance_weighted", seed=1)
    resumed.load_state_dict(interrupted.state_dict())
    assert values(resumed, 2) == whole[2:]
    assert values(TripletLoss(mining="distance_weighted", seed=2), 4) != whole


@settings(max_examples=30, deadline=None)
@given(batch=generic() | tied())
def test_distance_weighted_lives_with_any_composition(batch):
    embeddings, identities = batch
    leaf = embeddings.clone().requires_grad_()
    output = TripletLoss(mining="distance_weighted")(leaf, identities)
    output.value.backward()
    assert output.value.isfinite()
    assert leaf.grad.isfinite().all()
    counts = torch.bincount(identities)
    valid = any(counts > 1) and len(set(identities.tolist())) > 1
    assert output.statistics["empty_batch"].item() == (not valid)


@pytest.mark.parametrize("mining", [*MININGS, "distance_weighted"])
def test_an_embedding_that_is_not_a_number_does_not_go_unnoticed(mining):
    embeddings, identities = balanced(4, 2, 8)
    embeddings[0, 0] = torch.nan
    assert TripletLoss(mining=mining)(embeddings, identities).value.isnan()


def test_a_large_batch_never_holds_a_table_of_triplets():
    embeddings, identities = balanced(256, 4, 16, dtype=torch.float32)
    largest = 0

    class Watch(TorchDispatchMode):
        def __torch_dispatch__(self, func, types, args=(), kwargs=None):
            nonlocal largest
            result = func(*args, **(kwargs or {}))
            for tensor in result if isinstance(result, tuple) else (result,):
                if isinstance(tensor, torch.Tensor):
                    largest = max(largest, tensor.numel())
            return result

    for mining in ("all", "semihard", "hardest_semihard", "distance_weighted"):
        with Watch():
            TripletLoss(mining=mining)(embeddings.requires_grad_(), identities).value.backward()
    assert largest == 1024**2


@pytest.mark.parametrize("margin", [0, -0.2, float("nan"), float("inf"), "wide", True, None])
def test_refuses_a_margin_that_is_no_positive_number(margin):
    with pytest.raises(ConfigurationError, match=r"^TripletLoss needs margin to be a number above 0, not .*\.$"):
        TripletLoss(margin=margin)


def test_refuses_an_unknown_mining_and_names_the_known_ones():
    with pytest.raises(ConfigurationError, match=r"mining='semi-hard'; choose semihard, .* or easy_positive\.$"):
        TripletLoss(mining="semi-hard")
