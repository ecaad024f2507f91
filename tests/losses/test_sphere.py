import pytest
import torch

from resemblance.losses.sphere import directions, inverse_norms, to_unit_sphere
from tests.losses.batches import balanced


def test_divides_each_row_by_its_length_with_the_gradient_of_that():
    vectors = balanced(3, 2, 5)[0]
    lengths = vectors.square().sum(1).sqrt()
    torch.testing.assert_close(to_unit_sphere(vectors), vectors / lengths[:, None], rtol=1e-14, atol=0)
    torch.testing.assert_close(inverse_norms(vectors)[:, 0], 1 / lengths, rtol=1e-14, atol=0)
    assert torch.autograd.gradcheck(to_unit_sphere, vectors.requires_grad_())
    assert torch.autograd.gradgradcheck(to_unit_sphere, vectors)


@pytest.mark.parametrize("length", [0.0, 5e-13])
def test_a_vector_of_no_length_has_no_direction_and_no_gradient(length):
    vectors = torch.tensor([[length, 0.0], [0.0, 2.0]], requires_grad=True)
    found = to_unit_sphere(vectors)
    assert found.tolist() == [[0, 0], [0, 1]]
    found.sum().backward()
    assert vectors.grad.tolist() == [[0, 0], [0.5, 0]]


@pytest.mark.parametrize("length", [2e-12, 1e-7, 1e18])
def test_short_and_long_vectors_keep_their_direction(length):
    vectors = torch.tensor([[3.0, -4.0]]) * (length / 5)
    torch.testing.assert_close(to_unit_sphere(vectors), torch.tensor([[0.6, -0.8]]))


@pytest.mark.parametrize("vector", [[3e19, 1.0], [torch.inf, 1.0], [torch.nan, 1.0]])
def test_a_vector_without_a_finite_length_is_told_in_value_and_gradient(vector):
    vectors = torch.tensor([vector, [0.0, 2.0]], requires_grad=True)
    found = to_unit_sphere(vectors)
    found.sum().backward()
    for tensor in (found, vectors.grad):
        assert tensor[0].isnan().all()
        assert tensor[1].isfinite().all()


def test_a_batch_that_is_its_own_references_is_normalised_once():
    batch, memory = balanced(2, 2, 5)[0], balanced(3, 2, 5, seed=1)[0]
    images, others = directions(batch, batch)
    assert others is images
    images, others = directions(batch, memory)
    assert torch.equal(images, to_unit_sphere(batch))
    assert torch.equal(others, to_unit_sphere(memory))
