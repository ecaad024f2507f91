"""What a softmax over classes needs, from the whole matrix of logits: the oracle of the blocks."""

import torch

from resemblance.losses.sphere import to_unit_sphere
from tests.losses.batches import random


def dense(x, identities, weight, bias=None, normalized=True):
    """The same reductions on the whole matrix."""
    centres = to_unit_sphere(weight) if normalized else weight
    values = x @ centres.T if weight.ndim == 2 else torch.einsum("bd,ckd->bck", x, centres).amax(2)
    values = values if bias is None else values + bias
    mine = torch.nn.functional.one_hot(identities, len(weight)).bool()
    rivals = values.masked_fill(mine, -torch.inf)
    return values[mine], rivals.logsumexp(1), values.sum(1), rivals.amax(1)


def gradients(outputs, inputs, seed=1):
    """With a random gradient at each of the differentiable outputs."""
    total = sum((output * random(*output.shape, seed=seed + i)).sum() for i, output in enumerate(outputs))
    return torch.autograd.grad(total, inputs)
