"""Batches for the tests: random compositions, and unit vectors whose products are exact, so that ties are ties."""

from itertools import product

import torch
from hypothesis import strategies as st
from torch import Tensor

from resemblance.losses.comparisons import References

# Norm 1 and dot products in quarters: float arithmetic makes no error on these.
LATTICE = torch.tensor(
    [[sign * (i == j) for j in range(4)] for i in range(4) for sign in (1, -1)]
    + [[s / 2 for s in signs] for signs in product((1, -1), repeat=4)],
    dtype=torch.float64,
)

compositions = st.lists(st.integers(0, 3), min_size=1, max_size=8)


@st.composite
def generic(draw: st.DrawFn) -> tuple[Tensor, Tensor]:
    """Gaussian embeddings of any length with any composition: one identity, one image each, and all between."""
    identities = torch.tensor(draw(compositions))
    seed = draw(st.integers(1, 2**20))  # not 0, from which the tests draw class weights: an angle of 0 has no gradient
    return random(len(identities), 5, seed=seed), identities


@st.composite
def tied(draw: st.DrawFn) -> tuple[Tensor, Tensor]:
    """Few distinct directions, so that distances tie and images repeat within and across identities."""
    identities = torch.tensor(draw(compositions))
    pool = draw(st.lists(st.integers(0, len(LATTICE) - 1), min_size=1, max_size=4))
    rows = draw(st.lists(st.sampled_from(pool), min_size=len(identities), max_size=len(identities)))
    lengths = draw(st.lists(st.sampled_from((1, 2)), min_size=len(rows), max_size=len(rows)))
    return LATTICE[rows] * torch.tensor(lengths)[:, None], identities


def balanced(identities: int, images: int, size: int, seed: int = 0, dtype=torch.float64) -> tuple[Tensor, Tensor]:
    """A P×K batch."""
    return random(identities * images, size, seed=seed, dtype=dtype), torch.arange(identities).repeat_interleave(images)


def random(*shape: int, seed: int = 0, dtype=torch.float64) -> Tensor:
    """Gaussian numbers of a seed, the same in any type."""
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64).to(dtype)


def called(loss, embeddings: Tensor, identities: Tensor, weight: Tensor) -> Tensor:
    """The value of a loss with these class weights in place of its own."""
    return torch.func.functional_call(loss, {"weight": weight}, (embeddings, identities)).value


def value_and_gradient(function, embeddings: Tensor) -> tuple[Tensor, Tensor]:
    """A scalar function of embeddings and its gradient, zero where the function is constant."""
    leaf = embeddings.clone().requires_grad_()
    value = function(leaf)
    if not value.requires_grad:
        return value, torch.zeros_like(leaf)
    (gradient,) = torch.autograd.grad(value, leaf, allow_unused=True)
    return value.detach(), torch.zeros_like(leaf) if gradient is None else gradient


def assert_same(function, oracle, embeddings: Tensor, tolerance: float = 1e-10) -> None:
    """Both functions have one value and one gradient."""
    for ours, theirs in zip(
        value_and_gradient(function, embeddings), value_and_gradient(oracle, embeddings), strict=True
    ):
        torch.testing.assert_close(ours, theirs, rtol=tolerance, atol=tolerance)


def against_a_memory(loss, embeddings: Tensor, identities: Tensor, images: int) -> Tensor:
    """The value of a pairwise loss for the last ``images`` rows, compared with all rows; those before are a memory."""
    references = References(embeddings.detach(), identities)
    return loss.compare(embeddings[-images:], identities[-images:], references).value
