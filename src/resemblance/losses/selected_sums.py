"""Logarithms of sums of exponentials over a selection, finite in value and gradient where nothing is selected."""

import torch
from torch import Tensor
from torch.nn.functional import softplus

_NOTHING_TO_ADD = 40.0
"""Beyond this, log(1 + eˣ) is x in float64 too."""


def selected_logsumexp(values: Tensor, selected: Tensor, dim: int = 1) -> Tensor:
    """The logarithm of Σ exp of ``values`` where ``selected`` (bool, same shape) is true, along ``dim``.

    Where nothing is selected it is near the lowest number of the type rather than −∞, whose gradient is NaN.
    """
    return torch.logsumexp(values.masked_fill(~selected, torch.finfo(values.dtype).min / 2), dim)


def log_one_plus(logarithms: Tensor) -> Tensor:
    """The logarithm log(1 + Σ) from log Σ, to full precision and without overflow; 0 for an empty sum."""
    return softplus(logarithms, threshold=_NOTHING_TO_ADD)
