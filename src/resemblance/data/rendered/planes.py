"""Small operations on pixel planes [B, S, S] and RGB canvases [B, 3, S, S] that all parts of the renderer share."""

import torch
from torch import Tensor


def cover(distance: Tensor, sharpness: Tensor | float) -> Tensor:
    """Opacity of a shape from its signed distance (negative inside), antialiased over one pixel.

    Args:
        distance: head units, [B, S, S].
        sharpness: pixels per head unit.
    """
    return (0.5 - distance * sharpness).clamp_(0.0, 1.0)


def bump(x: Tensor, y: Tensor) -> Tensor:
    """exp(−x² − y²), cut off where it is below e⁻¹⁶: denormal numbers would make all that follows ten times slower."""
    return x.square().add_(y.square()).clamp_max_(16.0).neg_().exp_()


def ridge(x: Tensor) -> Tensor:
    """exp(−x²), cut off as in ``bump``."""
    return x.square().clamp_max_(16.0).neg_().exp_()


def ellipse(x: Tensor, y: Tensor, width: Tensor | float, height: Tensor | float) -> Tensor:
    """Signed distance to an ellipse about the origin, to first order: (|p/r| − 1)·min(r) (head units)."""
    if isinstance(width, Tensor):
        small: Tensor | float = width.clamp_max(height)
    else:
        small = height.clamp_max(width) if isinstance(height, Tensor) else min(width, height)
    return ((x / width).square() + (y / height).square()).sqrt_().sub_(1.0) * small


def box(x: Tensor, y: Tensor, width: Tensor, height: Tensor, corner: Tensor | float) -> Tensor:
    """Signed distance to a box with rounded corners about the origin; ``width`` and ``height`` are half-sizes."""
    across = x.abs() - (width - corner)
    down = y.abs() - (height - corner)
    outside = (across.clamp_min(0.0).square() + down.clamp_min(0.0).square()).sqrt_()
    return outside + torch.maximum(across, down).clamp_max_(0.0) - corner


def rgb(red: Tensor, green: Tensor, blue: Tensor) -> Tensor:
    """One colour an image, [B, 3, 1, 1], from three columns [B, 1, 1]."""
    return torch.stack([red, green, blue], dim=1)


def constant(like: Tensor, red: float, green: float, blue: float) -> Tensor:
    """One colour for all images, [1, 3, 1, 1], on the device of ``like``."""
    return like.new_tensor([red, green, blue]).view(1, 3, 1, 1)


def muted(colour: Tensor) -> Tensor:
    """The colour halfway to the grey of its mean: rooms and clothes are rarely of a pure colour."""
    return torch.lerp(colour, colour.mean(dim=1, keepdim=True), 0.5)


def paint(canvas: Tensor, colour: Tensor, opacity: Tensor) -> None:
    """Lay ``colour`` [B, 3, 1, 1] or [B, 3, S, S] over ``canvas`` in place, ``opacity`` [B, S, S]."""
    canvas.lerp_(colour, opacity.unsqueeze(1))


def darken(canvas: Tensor, opacity: Tensor) -> None:
    """Multiply ``canvas`` by 1 − opacity in place."""
    canvas.mul_((1.0 - opacity).unsqueeze(1))
