"""Logits of B images against C classes in blocks of classes, so that memory does not grow with B·C.

A softmax over classes needs two numbers of an image, whatever margin its paper puts on the target: the logit of its own
class, and the logarithm of the sum of exponentials over all others, the rivals. With t the own logit after the margin,

    −log( e^t / (e^t + Σ_{j≠y} e^{z_j}) ) = log(1 + e^{R − t}),    R = log Σ_{j≠y} e^{z_j}.

Both are found in one walk over blocks of classes with a running maximum and a running sum (M. Milakov, N. Gimelshein:
Online Normalizer Calculation for Softmax, arXiv 1805.02867, 2018), and differentiated in a second walk that computes
each block's logits again. The memory beside the class weights and their gradient is a few times one block. Some million
logits may be one block as a whole, which is kept in place of the second computation.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

import torch
from torch import Tensor

from resemblance.losses.compiled import compiled_on_cuda
from resemblance.losses.sphere import inverse_norms

BLOCK = {"cpu": 2**19, "cuda": 2**23}
"""Numbers in a block's logits and weights: 2 MiB of float32 stay in the cache of two cores, 32 MiB keep a GPU busy."""
_KEPT = {"cpu": 5 * 2**20, "cuda": 2**25}
"""Numbers in the logits and weights of all classes up to which they may be one block, 20 or 128 MiB of float32."""
_MANY = 128
"""Images for which such a block is faster; fewer are walked in small blocks (measured on a CPU)."""


class Projections(NamedTuple):
    """x_i·w_j/‖w_j‖₂, the cosines times the length of x, without gradient; all [B]."""

    own: Tensor
    """With the image's own class."""
    sum: Tensor
    """Over all classes."""
    squares: Tensor
    """Sum of squares over all classes."""


class ClassLogits(NamedTuple):
    """What a softmax over classes needs to know of each image; all [B]."""

    own: Tensor
    """Logit of the image's own class."""
    rivals: Tensor
    """Logarithm of the sum of exponentials over all other classes' logits."""
    sum: Tensor
    """Sum of all logits, for label smoothing."""
    best_rival: Tensor
    """Largest logit of another class, without gradient."""
    projections: Projections
    """For statistics: a pass over a block in the cache costs next to nothing, a second walk would."""


def class_logits(
    x: Tensor,
    identities: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    *,
    normalized: bool = True,
    block_size: int | None = None,
) -> ClassLogits:
    """Logits z_ij = x_i·w_j/‖w_j‖₂ (+ b_j), reduced over the classes j.

    Args:
        x: [B, D] in float32 or float64, already scaled: s·x/‖x‖₂ for most papers.
        identities: int64 [B] in 0 … C − 1.
        weight: [C, D], or [C, K, D] for K sub-centres a class, of which the nearest counts. In any floating-point type;
            the computation is that of x.
        bias: [C] or None.
        normalized: divide each weight by its length; a zero vector stays zero and receives no gradient. Sub-centres are
            always normalised: the nearest is the one at the smallest angle.
        block_size: classes in a block; None chooses by the cache of the device.

    Raises:
        ValueError: for sub-centres that are not to be normalised.
    """
    if weight.ndim == 3 and not normalized:
        raise ValueError("Sub-centres are compared by their angle to an image, so normalized=False can't be had.")
    size = block_size or _block_size(x, weight)
    own, rivals, total, best, *projections = _ClassLogits.apply(x, identities, weight, bias, normalized, size)
    return ClassLogits(own, rivals, total, best, Projections(*projections))


def _block_size(x: Tensor, weight: Tensor) -> int:
    device = x.device.type if x.device.type in BLOCK else "cpu"
    images, dimensions = x.shape
    numbers = weight[..., 0].numel() * (images + dimensions)
    # A weight that is kept leaves the cache and saves a multiplication for each image.
    if images >= _MANY and numbers <= _KEPT[device]:
        return len(weight)
    return max(1, BLOCK[device] * len(weight) // numbers)


class _Block(NamedTuple):
    classes: slice
    rows: Tensor
    """Images whose own class lies in the block …"""
    columns: Tensor
    """… and where."""


def _blocks(identities: Tensor, classes: int, size: int) -> Iterator[_Block]:
    if classes <= size:
        yield _Block(slice(0, classes), torch.arange(len(identities), device=identities.device), identities)
        return
    own, images = identities.sort()
    begins = range(0, classes, size)
    ends = torch.searchsorted(own, torch.tensor([*begins, classes], device=own.device)).tolist()
    for i, begin in enumerate(begins):
        inside = slice(ends[i], ends[i + 1])
        yield _Block(slice(begin, min(begin + size, classes)), images[inside], own[inside] - begin)


class _BlockLogits(NamedTuple):
    values: Tensor
    """[B, c]."""
    centres: Tensor
    """[K·c, D], sub-centre by sub-centre, so that the largest of K is found along whole rows."""
    inverse_norms: Tensor | None
    """[K·c, 1]."""
    choice: Tensor | None
    """int64 [B, 1, c], the nearest of K sub-centres."""
    projections: Tensor | None = None
    """[B, c], where they are not the values."""


@compiled_on_cuda
def _logits(x: Tensor, weight: Tensor, bias: Tensor | None, normalized: bool) -> _BlockLogits:
    centres = weight.to(x.dtype)
    if weight.ndim == 3:
        centres = centres.transpose(0, 1).reshape(-1, x.shape[1])
    inverse = inverse_norms(centres) if normalized else None
    if inverse is not None:
        centres = centres * inverse
    values, choice = x @ centres.T, None
    if weight.ndim == 3:
        values, choice = values.view(len(x), weight.shape[1], -1).max(1, keepdim=True)
        values = values[:, 0]
    projections = None if normalized else values * inverse_norms(centres).T
    if bias is not None:
        projections = values if projections is None else projections
        values = values + bias.to(x.dtype)
    return _BlockLogits(values, centres, inverse, choice, projections)


@compiled_on_cuda
def _accumulate(values: Tensor, best: Tensor, total: Tensor) -> tuple[Tensor, Tensor]:
    """Overwrites a block's logits by their exponentials, relative to the new running maximum."""
    new = torch.maximum(best, values.amax(1))
    exponentials = values.sub_(new[:, None]).exp_()
    return new, total * (best - new).exp() + exponentials.sum(1)


@compiled_on_cuda
def _through_normalisation(gradient: Tensor, centres: Tensor, inverse: Tensor) -> Tensor:
    """d/dw of w/‖w‖₂: the part across the direction, over the length."""
    along = (gradient * centres).sum(1, keepdim=True)
    return torch.addcmul(gradient, centres, along, value=-1).mul_(inverse)


class _ClassLogits(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any, x: Tensor, identities: Tensor, weight: Tensor, bias: Tensor | None, normalized: bool, size: int
    ) -> tuple[Tensor, ...]:
        own, own_projection = (x.new_empty(len(x)) for _ in range(2))
        sums, total, projection_sum, squares = (x.new_zeros(len(x)) for _ in range(4))
        best = torch.full_like(total, torch.finfo(x.dtype).min)  # not −∞: a block may hold no rival of an image
        for block in _blocks(identities, len(weight), size):
            logits = _logits(x, weight[block.classes], None if bias is None else bias[block.classes], normalized)
            values, mine = logits.values, (block.rows, block.columns)
            own[block.rows] = values[mine]
            sums += values.sum(1)
            projections = values if logits.projections is None else logits.projections
            own_projection[block.rows] = projections[mine]
            projection_sum += projections.sum(1)
            squares += torch.linalg.vector_norm(projections, dim=1).square()
            values[mine] = -torch.inf
            best, total = _accumulate(values, best, total)
        # Where all classes fit into one block, it is kept and the second walk has nothing to compute again.
        kept = logits[:4] if len(weight) <= size else ()
        ctx.save_for_backward(x, identities, weight, bias, best, total, *kept)
        ctx.normalized, ctx.size = normalized, size
        without_gradient = (best, own_projection, projection_sum, squares)
        ctx.mark_non_differentiable(*without_gradient)
        return own, best + total.log(), sums, *without_gradient

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        if torch.is_grad_enabled():
            raise RuntimeError("Losses with class weights have no second derivative; leave out create_graph=True.")
        # Where backward() is called under autocast, the products below would be taken in half precision.
        with torch.autocast(gradients[0].device.type, enabled=False):
            return _ClassLogits._backward(ctx, *gradients)

    @staticmethod
    def _backward(ctx: Any, d_own: Tensor, d_rivals: Tensor, d_sum: Tensor, *_: Tensor) -> tuple[Tensor | None, ...]:
        x, identities, weight, bias, best, total, *kept = ctx.saved_tensors
        d_x = torch.zeros_like(x) if ctx.needs_input_grad[0] else None
        d_weight = torch.empty_like(weight) if ctx.needs_input_grad[2] else None
        d_bias = torch.empty_like(bias) if ctx.needs_input_grad[3] else None
        share = (d_rivals / total)[:, None]
        for block in _blocks(identities, len(weight), ctx.size):
            if kept:
                logits = _BlockLogits(*kept)
                d_values = logits.values * share
            else:
                part = None if bias is None else bias[block.classes]
                logits = _logits(x, weight[block.classes], part, ctx.normalized)
                d_values = logits.values.sub_(best[:, None]).exp_().mul_(share)
            d_values += d_sum[:, None]
            d_values[block.rows, block.columns] = (d_own + d_sum)[block.rows]
            if d_bias is not None:
                d_bias[block.classes] = d_values.sum(0)
            if logits.choice is not None:
                every = d_values.new_zeros(len(x), weight.shape[1], d_values.shape[1])
                d_values = every.scatter_(1, logits.choice, d_values[:, None]).flatten(1)
            if d_x is not None:
                d_x.addmm_(d_values, logits.centres)
            if d_weight is not None:
                d_centres = d_values.T @ x
                if logits.inverse_norms is not None:
                    d_centres = _through_normalisation(d_centres, logits.centres, logits.inverse_norms)
                if weight.ndim == 3:
                    d_centres = d_centres.view(weight.shape[1], -1, x.shape[1]).transpose(0, 1)
                d_weight[block.classes] = d_centres
        return d_x, None, d_weight, d_bias, None, None
