"""What the processes of one training have to know of each other, on gloo and on NCCL.

Data-parallel training averages the gradients of the parameters over N processes. A loss that compares images with each
other needs the images of all of them: each process gathers every embedding, computes the loss of the whole batch, and
sends N times the gradient of that loss back into its own part. The average is then the gradient that one process with
the whole batch would have.
"""

from typing import Any

import torch
import torch.distributed as dist
from torch import Tensor


def world_size() -> int:
    """How many processes train together; 1 outside distributed training."""
    return dist.get_world_size() if dist.is_available() and dist.is_initialized() else 1


def rank() -> int:
    """This process's number, from 0."""
    return dist.get_rank() if dist.is_available() and dist.is_initialized() else 0


def gather_sizes(rows: int, device: torch.device) -> list[int]:
    """The number of rows that each process holds, in rank order."""
    if world_size() == 1:
        return [rows]
    sizes = [torch.empty(1, dtype=torch.int64, device=device) for _ in range(world_size())]
    dist.all_gather(sizes, torch.tensor([rows], device=device))
    return [int(size) for size in sizes]


def gather(rows: Tensor, sizes: list[int]) -> Tensor:
    """The rows of all processes in rank order, without gradient.

    Args:
        rows: [B_r, …] of this process r.
        sizes: what :func:`gather_sizes` gave for them.
    """
    if len(sizes) == 1:
        return rows.detach()
    padded = rows.new_zeros(max(sizes), *rows.shape[1:])
    padded[: len(rows)] = rows.detach()
    parts = [torch.empty_like(padded) for _ in sizes]
    dist.all_gather(parts, padded)
    return torch.cat([part[:size] for part, size in zip(parts, sizes, strict=True)])


def gather_with_gradient(rows: Tensor, sizes: list[int]) -> Tensor:
    """As :func:`gather`; this process's rows receive N times their gradient, which averaging over N takes back.

    Every process must compute the same function of the gathered rows: the gradient that reaches a row is taken from the
    process that holds it, and nothing travels on the way back.
    """
    return rows if len(sizes) == 1 else _Gather.apply(rows, sizes)


class _Gather(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, rows: Tensor, sizes: list[int]) -> Tensor:
        ctx.begin = sum(sizes[: rank()])
        ctx.rows = len(rows)
        ctx.world_size = len(sizes)
        return gather(rows, sizes)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None]:
        return gradient[ctx.begin : ctx.begin + ctx.rows] * ctx.world_size, None
