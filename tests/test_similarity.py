"""Similarities against naive loops, under autocast and in every precision."""

import math

import pytest
import torch
from scipy.stats import spearmanr

from resemblance.similarity import CosineSimilarity, NegativeL1, NegativeSquaredL2, WeightedL1, lp_distances


def learned():
    similarity = WeightedL1(6).requires_grad_(False)
    similarity.weight.copy_(-torch.linspace(0.1, 2, 6))
    return similarity


ALL = [
    learned(),
    CosineSimilarity(),
    NegativeSquaredL2(normalized=False),
    NegativeSquaredL2(normalized=True),
    NegativeL1(normalized=False),
    NegativeL1(normalized=True),
]
every_similarity = pytest.mark.parametrize("similarity", ALL, ids=repr)


def vectors(n, seed, dtype=torch.float64):
    return torch.randn(n, 6, generator=torch.Generator().manual_seed(seed), dtype=torch.float64).to(dtype)


def naive(similarity, x, y):
    if similarity.normalized:
        x, y = unit(x), unit(y)
    weighted = (similarity.weight.tolist(), x, y) if isinstance(similarity, WeightedL1) else ()
    return {
        "cosine": lambda: sum(a * b for a, b in zip(x, y, strict=True)),
        "negative_squared_l2": lambda: -sum((a - b) ** 2 for a, b in zip(x, y, strict=True)),
        "negative_l1": lambda: -sum(abs(a - b) for a, b in zip(x, y, strict=True)),
        "weighted_l1": lambda: 0.5 + sum(w * abs(sigmoid(a) - sigmoid(b)) for w, a, b in zip(*weighted, strict=True)),
    }[similarity.name]()


def sigmoid(value):
    return 1 / (1 + math.exp(-value))


def unit(row):
    length = math.sqrt(sum(v * v for v in row))
    return [v / length for v in row]


@every_similarity
@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float32, 1e-5), (torch.float64, 1e-12)])
def test_formula(similarity, dtype, tolerance):
    x, y = vectors(5, 0, dtype), vectors(4, 1, dtype)
    expected = torch.tensor([[naive(similarity, a, b) for b in y.tolist()] for a in x.tolist()], dtype=dtype)
    found = similarity(x, y)
    assert found.dtype == dtype
    torch.testing.assert_close(found, expected, atol=tolerance, rtol=tolerance)


@every_similarity
@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_half_precision_is_compared_in_float32_even_under_autocast(similarity, dtype):
    x, y = vectors(5, 0, dtype), vectors(4, 1, dtype)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        found = similarity(x, y)
    assert found.dtype == torch.float32
    assert torch.equal(found, similarity(x.float(), y.float()))


@every_similarity
def test_symmetric_and_highest_for_itself(similarity):
    x = vectors(20, 2)
    scores = similarity(x, x)
    torch.testing.assert_close(scores, scores.T)
    assert (scores.argmax(1) == torch.arange(20)).all()


@every_similarity
def test_gradients_are_right(similarity):
    x, y = vectors(3, 0).requires_grad_(), vectors(4, 1).requires_grad_()
    assert torch.autograd.gradcheck(similarity, (x, y))


@pytest.mark.parametrize("normalized", [False, True])
def test_a_distance_is_never_below_zero(normalized):
    x = 100 * vectors(200, 3, torch.float32)
    assert (NegativeSquaredL2(normalized=normalized)(x, x) <= 0).all()


@every_similarity
def test_length_matters_exactly_where_it_is_not_normalised(similarity):
    x, y = vectors(5, 0), vectors(4, 1)
    assert torch.allclose(similarity(3 * x, y), similarity(x, y)) == similarity.normalized


@every_similarity
def test_ranks_like_cosine_is_true_where_the_order_is_the_cosine_s(similarity):
    x, y = vectors(40, 0), vectors(40, 1)
    order = spearmanr(similarity(x, y).flatten(), CosineSimilarity()(x, y).flatten()).statistic
    assert similarity.ranks_like_cosine == (order > 1 - 1e-9)


def test_an_embedding_of_zeros_resembles_nothing():
    assert CosineSimilarity()(torch.zeros(1, 3), torch.ones(1, 3)).item() == 0


def test_printed_with_its_name():
    assert repr(NegativeSquaredL2(normalized=True)) == "NegativeSquaredL2(negative_squared_l2, normalized=True)"


def test_learned_weights_may_have_either_sign():
    similarity = WeightedL1(6, bias=False).double()
    with torch.no_grad():
        similarity.weight.copy_(torch.tensor([1.0, -2, 0, 3, -4, 5]))
    x, y = vectors(5, 0), vectors(4, 1)
    expected = ((x.sigmoid()[:, None] - y.sigmoid()[None]).abs() * similarity.weight).sum(-1)
    torch.testing.assert_close(similarity(x, y), expected)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_a_learned_weight_of_zero_changes_no_logit_and_goes_on_learning(dtype):
    similarity = WeightedL1(6, bias=False).to(dtype)
    with torch.no_grad():
        similarity.weight[1:] = 0
    x, y = vectors(5, 0, dtype), vectors(4, 1, dtype)
    differences = (x.sigmoid()[:, None] - y.sigmoid()[None]).abs()
    logits = similarity(x, y)
    torch.testing.assert_close(logits, differences[..., 0] * similarity.weight[0])
    (gradient,) = torch.autograd.grad(logits.sum(), similarity.weight)
    torch.testing.assert_close(gradient, differences.sum((0, 1)))


@pytest.mark.parametrize("p", [1, 2])
def test_distances_in_blocks_are_those_at_once(p, monkeypatch):
    x, y = vectors(11, 0).requires_grad_(), vectors(7, 1).requires_grad_()
    at_once = lp_distances(x, y, p)
    expected = torch.autograd.grad(at_once.square().sum(), (x, y))
    monkeypatch.setattr("resemblance.similarity._BLOCK", 3 * 7 * 6)
    in_blocks = lp_distances(x, y, p)
    assert torch.equal(in_blocks, at_once)
    for found, wanted in zip(torch.autograd.grad(in_blocks.square().sum(), (x, y)), expected, strict=True):
        torch.testing.assert_close(found, wanted)
