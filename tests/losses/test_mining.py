import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from resemblance.losses.comparisons import compare_identities, selected_mean
from resemblance.losses.mining import mine_triplets
from tests.losses.batches import compositions


@settings(max_examples=40, deadline=None)
@given(identities=compositions, margin=st.integers(1, 3), data=st.data())
def test_semihard_and_all_choose_by_their_inequalities_on_any_distances(identities, margin, data):
    size = len(identities)
    # Whole numbers, not symmetric: ties everywhere, and an anchor that was mixed up with its positive would show.
    flat = data.draw(st.lists(st.integers(0, 4), min_size=size**2, max_size=size**2))
    distances = torch.tensor(flat, dtype=torch.float32).view(size, size)
    comparisons = compare_identities(torch.tensor(identities))
    pairs = [(a, p) for a in range(size) for p in range(size) if a != p and identities[a] == identities[p]]
    for mining in ("semihard", "all"):
        triplets = mine_triplets(distances, comparisons, margin, mining)
        for row, (a, p) in enumerate(pairs):
            for n in range(size):
                d_ap, d_an = distances[a, p].item(), distances[a, n].item()
                valid = identities[n] != identities[a]
                chosen = d_ap < d_an < d_ap + margin if mining == "semihard" else d_an < d_ap + margin
                assert triplets.valid[row, n].item() == valid
                assert triplets.selected[row, n].item() == (valid and chosen)
                assert triplets.violations[row, n].item() == d_ap - d_an + margin
        assert len(triplets.valid) == len(pairs)


def test_batch_hard_skips_anchors_without_positive_or_negative():
    distances = torch.tensor([[0.0, 3.0, 1.0], [2.0, 0.0, 5.0], [1.0, 5.0, 0.0]])
    triplets = mine_triplets(distances, compare_identities(torch.tensor([7, 7, 9])), 0.5, "hard")
    assert triplets.violations.tolist() == [2.5, -2.5]
    assert triplets.mean_hinge().item() == 1.25
    assert triplets.active_share().item() == 0.5
    for identities in ([1, 1, 1], [1, 2, 3]):
        alone = mine_triplets(distances, compare_identities(torch.tensor(identities)), 0.5, "hard")
        assert alone.empty()
        assert alone.mean_hinge().item() == alone.active_share().item() == 0


def test_ties_share_the_gradient_of_batch_hard():
    row = torch.tensor([[0.0, 2.0, 2.0, 1.0, 1.0]], requires_grad=True)
    square = torch.cat((row, torch.zeros(4, 5)))
    mine_triplets(square, compare_identities(torch.tensor([0, 0, 0, 1, 2])), 0.5, "hard").violations[0].backward()
    assert row.grad.tolist() == [[0.0, 0.5, 0.5, -0.5, -0.5]]


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
