"""Conditions and means of the minings on arbitrary distances, which need not be symmetric nor square."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from resemblance.losses import mining_windows
from resemblance.losses.comparisons import compare_identities, selected_mean
from resemblance.losses.mining import TRIPLET_MININGS, mine
from resemblance.losses.mining_draws import NegativeSampler
from resemblance.losses.mining_windows import count_active, count_triplets
from tests.losses import naive_triplets as naive
from tests.losses.batches import compositions


@st.composite
def tables(draw):
    """Whole numbers in [B, M]: ties everywhere, and an anchor that was mixed up with its positive would show."""
    identities = torch.tensor(draw(compositions))
    memory = torch.tensor(draw(st.lists(st.integers(0, 3), max_size=5)), dtype=torch.int64)
    references = torch.cat((memory, identities))
    size = len(identities) * len(references)
    flat = draw(st.lists(st.integers(0, 4), min_size=size, max_size=size))
    return torch.tensor(flat, dtype=torch.float64).view(len(identities), -1), identities, references


@pytest.mark.parametrize("path", ["compare", "sort"])
@pytest.mark.parametrize("semihard", [False, True])
@settings(max_examples=60, deadline=None)
@given(table=tables(), margin=st.sampled_from((1, 1.5, 2, 3, 1e-17)))  # the last one vanishes beside any distance
def test_both_paths_count_the_triplets_that_loops_find(path, semihard, table, margin):
    distances, identities, references = table
    expected = torch.zeros_like(distances)
    triplets = 0
    for a, p, n in naive.triplets_of(identities.tolist(), references.tolist()):
        d_ap, d_an = distances[a, p].item(), distances[a, n].item()
        if d_an < d_ap + margin and (d_an > d_ap or not semihard):
            triplets += 1
            expected[a, p] += 1
            expected[a, n] -= 1
    comparisons = compare_identities(identities, references)
    counted = count_triplets(distances, comparisons, margin, semihard=semihard, path=path)
    assert torch.equal(counted.weights, expected)
    assert counted.triplets.item() == triplets
    assert counted.valid.item() == len(naive.triplets_of(identities.tolist(), references.tolist()))
    if not semihard:
        assert count_active(distances, comparisons, margin, path=path) == (triplets, counted.valid)
    elif margin >= 1:
        squares = count_active(distances.square(), comparisons, margin, path=path, squared=True)
        assert squares == count_active(distances, comparisons, margin, path=path)


@pytest.mark.parametrize("mining", [m for m in TRIPLET_MININGS if m != "distance_weighted"])
@settings(max_examples=60, deadline=None)
@given(table=tables(), margin=st.sampled_from((1, 1.5, 3)))
def test_value_gradient_and_share_on_any_distances(mining, table, margin):
    distances, identities, references = table
    results = []
    for find in (
        lambda x: naive.mined(x, identities.tolist(), references.tolist(), margin, mining),
        lambda x: mine(x, compare_identities(identities, references), margin, mining)[:2],
    ):
        leaf = distances.clone().requires_grad_()
        value, share = find(leaf)
        value = value + 0 * leaf.sum()
        value.backward()
        results.append((value.item(), leaf.grad, share if isinstance(share, float) else share().item()))
    (value, gradient, share), (our_value, our_gradient, our_share) = results
    assert our_value == pytest.approx(value, abs=1e-12)
    assert our_share == pytest.approx(share)
    torch.testing.assert_close(our_gradient, gradient, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("path", ["compare", "sort"])
@pytest.mark.parametrize("mining", ["semihard", "all"])
def test_both_paths_have_the_gradient_of_finite_differences(path, mining):
    generator = torch.Generator().manual_seed(0)
    identities = torch.tensor([0, 0, 0, 1, 1, 2])
    distances = torch.rand(6, 6, generator=generator, dtype=torch.float64, requires_grad=True)
    comparisons = compare_identities(identities)
    assert torch.autograd.gradcheck(lambda d: mine(d, comparisons, 0.3, mining, path=path).value, distances)


@pytest.mark.parametrize("semihard", [False, True])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_both_paths_find_the_same_numbers_in_many_blocks(semihard, dtype):
    generator = torch.Generator().manual_seed(1)
    identities = torch.randint(0, 9, (700,), generator=generator)  # some 78 images each
    distances = torch.rand(700, 700, generator=generator, dtype=dtype)
    comparisons = compare_identities(identities)
    compared, by_sorting = (
        count_triplets(distances, comparisons, 0.2, semihard=semihard, path=path) for path in ("compare", "sort")
    )
    assert compared.triplets > 10**6
    assert compared.triplets == by_sorting.triplets
    assert torch.equal(compared.weights, by_sorting.weights)
    for path in ("compare", "sort") if not semihard else ():
        assert count_active(distances, comparisons, 0.2, path=path) == (compared.triplets, compared.valid)


@pytest.mark.parametrize(("largest", "path"), [(129, "_count_by_comparing"), (130, "_count_by_sorting")])
def test_the_path_goes_by_the_most_positives_of_an_anchor(largest, path, monkeypatch):
    identities = torch.cat((torch.zeros(largest, dtype=torch.int64), torch.arange(1, 20)))
    distances = torch.rand(len(identities), len(identities), generator=torch.Generator().manual_seed(2))
    comparisons = compare_identities(identities)
    taken = []
    for name in ("_count_by_comparing", "_count_by_sorting"):
        function = getattr(mining_windows, name)
        monkeypatch.setattr(mining_windows, name, lambda *a, n=name, f=function: (taken.append(n), f(*a)))
    weights, triplets, _ = count_triplets(distances, comparisons, 0.2, semihard=True)
    assert set(taken) == {path}
    # Each triplet enters once with either sign.
    assert triplets > 0
    assert weights.sum() == 0
    assert weights.clamp_min(0).sum() == triplets


def test_batch_hard_skips_anchors_without_positive_or_negative():
    distances = torch.tensor([[0.0, 3.0, 1.0], [2.0, 0.0, 5.0], [1.0, 5.0, 0.0]])
    # Violations 2.5 and −2.5, and an anchor without positive.
    mined = mine(distances, compare_identities(torch.tensor([7, 7, 9])), 0.5, "hard")
    assert mined.value.item() == 1.25
    assert mined.active_share().item() == 0.5
    for identities in ([1, 1, 1], [1, 2, 3]):
        alone = mine(distances, compare_identities(torch.tensor(identities)), 0.5, "hard")
        assert alone.value.item() == alone.active_share().item() == 0


@pytest.mark.parametrize(("mining", "wanted"), [("hard", [0, 1, 0, -1, 0]), ("easy_positive", [0, 0, 0, 0, 0])])
def test_one_of_equally_far_images_receives_the_gradient(mining, wanted):
    row = torch.tensor([[0.0, 2.0, 2.0, 1.0, 1.0]], requires_grad=True)
    memory = compare_identities(torch.tensor([0]), torch.tensor([0, 0, 1, 2, 0]))
    mine(row[:, [1, 2, 3, 4, 0]], memory, 0.5, mining).value.backward()
    assert row.grad.tolist() == [wanted]


def draws_of(squared: list[float], impostor: list[bool], size: int, draws: int = 20_000) -> torch.Tensor:
    """How often each column was drawn, as shares."""
    drawn = NegativeSampler(0)(torch.tensor([squared]), torch.tensor([impostor]), size, draws)
    return torch.bincount(drawn[0], minlength=len(squared)) / draws


def test_draws_follow_the_inverse_density_clipped_and_cut_off():
    distances = torch.tensor([0.3, 0.5, 0.8, 1.1, 1.39, 1.5, 0.6])
    allowed = [True] * 6 + [False]  # the last one is no negative
    size = 6
    density = distances ** (size - 2) * (1 - distances**2 / 4) ** ((size - 3) / 2)
    density[0] = density[1]  # nearer than 0.5 weighs as 0.5 does
    weights = 1 / density
    weights[5:] = 0  # beyond 1.4, and not allowed
    shares = draws_of(distances.square().tolist(), allowed, size)
    torch.testing.assert_close(shares, weights / weights.sum(), rtol=0.05, atol=0.01)
    assert torch.equal(shares[5:], torch.zeros(2))


@pytest.mark.parametrize(("uniform", "place"), [(0.0, 0), (1 - 2**-24, -1)])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_the_ends_of_the_range_draw_the_first_and_the_last_negative(uniform, place, dtype, monkeypatch):
    generator = torch.Generator().manual_seed(0)
    squared = torch.rand(2000, 40, generator=generator, dtype=dtype) + 0.25
    allowed = torch.rand(2000, 40, generator=generator) < 0.2
    allowed[:, 20] = True
    allowed[:, [0, -1]] = False
    monkeypatch.setattr(torch, "rand", lambda rows, columns, generator: torch.full((rows, columns), uniform))
    drawn = NegativeSampler(0)(squared, allowed, 6, 1)[:, 0]
    assert drawn.tolist() == [row.nonzero()[place].item() for row in allowed]


def test_where_every_negative_is_far_draws_are_even():
    shares = draws_of([2.0, 3.0, 3.9, 0.1], [True, True, True, False], 128)
    torch.testing.assert_close(shares, torch.tensor([1, 1, 1, 0]) / 3, rtol=0, atol=0.02)


@pytest.mark.parametrize("size", [2, 128, 16_384])
def test_draws_stay_in_the_range_of_floats(size):
    shares = draws_of([0.0, 1e-9, 1.0, 4.0], [False, True, True, True], size)
    assert shares[0] == 0
    assert shares.sum() == pytest.approx(1)


def test_the_same_step_draws_alike_and_a_state_dict_resumes_it():
    squared = torch.full((3, 50), 1.0)
    allowed = torch.ones(3, 50, dtype=torch.bool)
    one, other = NegativeSampler(seed=4), NegativeSampler(seed=4)
    first, second, third = (one(squared, allowed, 8, 6) for _ in range(3))
    assert torch.equal(other(squared, allowed, 8, 6), first)
    assert not torch.equal(first, second)
    resumed = NegativeSampler(seed=4)
    resumed.load_state_dict({k: v.clone() for k, v in other.state_dict().items()})
    assert torch.equal(resumed(squared, allowed, 8, 6), second)
    resumed.eval()
    assert torch.equal(resumed(squared, allowed, 8, 6), third)
    assert torch.equal(resumed(squared, allowed, 8, 6), third)
    assert not torch.equal(NegativeSampler(seed=5)(squared, allowed, 8, 6), first)


def test_comparisons_leave_out_an_image_with_itself():
    genuine, impostor = compare_identities(torch.tensor([4, 4, 2]))
    assert genuine.tolist() == [[False, True, False], [True, False, False], [False, False, False]]
    assert impostor.tolist() == [[False, False, True], [False, False, True], [True, True, False]]


def test_mean_over_nothing_is_zero_with_a_graph_and_ignores_what_is_not_selected():
    values = torch.tensor([1.0, 3.0, torch.inf], requires_grad=True)
    assert selected_mean(values, torch.tensor([True, True, False])).item() == 2
    nothing = selected_mean(values, torch.zeros(3, dtype=torch.bool))
    nothing.backward()
    assert nothing.item() == 0
    assert values.grad.tolist() == [0, 0, 0]
    with pytest.raises(RuntimeError):
        selected_mean(values, torch.tensor([True]).expand(4))
