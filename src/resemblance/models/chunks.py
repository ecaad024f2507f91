"""Gradient caching: the embeddings of a batch larger than memory holds activations for.

L. Gao, Y. Zhang, J. Han, J. Callan: Scaling Deep Contrastive Learning Batch Size under Memory Limited Setup.
RepL4NLP 2021.
"""

import math
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import partial
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm
from torch.utils.checkpoint import checkpoint


def embed_in_chunks(network: nn.Module, images: Tensor, chunk_size: int | None) -> Tensor:
    """``network(images)`` with the activations of ``chunk_size`` images in memory instead of all.

    The chunks pass without activations being kept; the loss sees all embeddings at once; on the way back each chunk
    passes a second time, with the same dropout, and then takes its part of the gradient. Values and gradients are those
    of one pass, for a third more computation. Batch normalisation sees a chunk as its batch, in either case. Every n-th
    image makes a chunk: neighbours in a batch are one person, and a chunk of few people has statistics of its own.

    Args:
        network: images [n, …] to embeddings [n, D], for any n.
        images: [B, …].
        chunk_size: largest number of images in a chunk, at least 2; chunks are as even as can be, and none is left with
            one image. None takes all in one pass.
    """
    count = 1 if chunk_size is None else max(1, min(math.ceil(len(images) / chunk_size), len(images) // 2))
    if count == 1 or not torch.is_grad_enabled():
        return cast("Tensor", network(images))
    contexts = partial(_contexts, network)
    parts = [
        checkpoint(network, images[first::count], use_reentrant=False, context_fn=contexts) for first in range(count)
    ]
    order = torch.cat([torch.arange(first, len(images), count, device=images.device) for first in range(count)])
    return torch.cat(parts)[order.argsort()]


def _contexts(network: nn.Module) -> tuple[AbstractContextManager[None], AbstractContextManager[None]]:
    return nullcontext(), _running_statistics_kept(network)


@contextmanager
def _running_statistics_kept(network: nn.Module) -> Iterator[None]:
    """The second pass of a chunk must not count once more in what batch normalisation remembers of the training."""
    # They stay switched on, for the second pass must take the same way as the first; a momentum of 0 changes nothing.
    tracking = [module for module in network.modules() if isinstance(module, _BatchNorm) and module.track_running_stats]
    momenta = [module.momentum for module in tracking]
    counts = [module.get_buffer("num_batches_tracked").clone() for module in tracking]
    for module in tracking:
        module.momentum = 0.0
    try:
        yield
    finally:
        for module, momentum, count in zip(tracking, momenta, counts, strict=True):
            module.momentum = momentum
            module.get_buffer("num_batches_tracked").copy_(count)
