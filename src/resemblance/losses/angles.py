"""Angles from cosines, with gradients that stay finite where two directions meet or oppose each other.

At cosθ = ±1 the derivative of θ by cosθ is infinite and that of cosθ by the vectors is zero. Their product, the
gradient that reaches the vectors, is finite on the way there and has no direction in the point itself, where it is
taken as zero.
"""

import torch
from torch import Tensor


def sine(cosines: Tensor) -> Tensor:
    """sinθ ≥ 0 from cosθ, which rounding may have put a little outside [−1, 1]."""
    squares = 1 - cosines.square()
    inside = squares > 0
    return torch.where(inside, torch.where(inside, squares, 1).sqrt(), 0)


def angle(cosines: Tensor) -> Tensor:
    """θ in [0, π] from cosθ."""
    return torch.atan2(sine(cosines), cosines)
