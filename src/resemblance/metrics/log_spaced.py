"""Rates for curves over a logarithmic axis."""

import torch
from torch import Tensor


def spread_counts(total: int, points: int = 500) -> Tensor:
    """Up to ``points`` whole numbers from 1 to ``total``, evenly spread over their logarithm, int64, ascending.

    As numbers of errors among ``total`` comparisons they are all the rates that a curve over log rate can show.

    >>> spread_counts(1000, points=4).tolist()
    [1, 10, 100, 1000]
    """
    exponents = torch.linspace(0, 1, points, dtype=torch.float64)
    return torch.pow(float(total), exponents).round().long().clamp(1, total).unique()
