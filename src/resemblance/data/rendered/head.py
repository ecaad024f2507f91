"""Where each pixel's ray meets the head, and in which place on the face.

The head is a stack of ellipses: at height t its half-width is a(t) = A·τ(t)·√(1 − |t|ⁿ), with its own exponent n for
crown and jaw, and its half-depth is ρ·a(t). For a turn by the yaw ψ a ray at x meets the ellipse where the rotated
unit circle gives

    x = κ·a·(p·cos φ + r·sin φ),   tan φ = ρ·tan ψ,   κ² = cos²ψ + ρ²·sin²ψ,   p² + r² = 1,

so the place across the face is u = a·p and its depth ρ·a·r: no iteration, and features move by their depth as the
head turns. The nod moves features up and down by their depth, to first order.
"""

from typing import NamedTuple

import torch
from torch import Tensor

from resemblance.data.rendered.identity import IdentityFactors
from resemblance.data.rendered.nuisance import NuisanceFactors

DEPTH = 1.08
"""ρ, the head's depth over its width."""


class View(NamedTuple):
    """Per-image constants of the pose, each [B, 1, 1]."""

    sin_yaw: Tensor
    cos_yaw: Tensor
    tan_yaw: Tensor
    sin_pitch: Tensor
    tan_pitch: Tensor
    widening: Tensor
    """κ, how much wider the outline is than from the front."""
    sharpness: Tensor
    """Pixels per head unit."""


class Surface(NamedTuple):
    """The head as seen through each pixel, planes [B, S, S]."""

    x: Tensor
    """Across the picture, in head units, upright."""
    y: Tensor
    """Up the picture, in head units, upright."""
    u: Tensor
    """Across the face, from its middle."""
    v: Tensor
    """Up the face."""
    depth: Tensor
    """Towards the viewer in the head's own frame."""
    outside: Tensor
    """Signed distance to the head's outline."""
    normal_x: Tensor
    normal_y: Tensor
    normal_z: Tensor
    """Outward normal in the head's frame, not yet of length 1."""


def pixel_grid(size: int, device: torch.device) -> tuple[Tensor, Tensor]:
    """Pixel centres in half images: x [1, 1, S] to the right, y [1, S, 1] upwards."""
    line = (torch.arange(size, dtype=torch.float32, device=device) + 0.5) * (2.0 / size) - 1.0
    return line.view(1, 1, size), -line.view(1, size, 1)


def make_view(image: NuisanceFactors, size: int) -> View:
    """The pose's constants."""
    sin_yaw, cos_yaw = torch.sin(image.yaw), torch.cos(image.yaw)
    return View(
        sin_yaw=sin_yaw,
        cos_yaw=cos_yaw,
        tan_yaw=sin_yaw / cos_yaw,
        sin_pitch=torch.sin(image.pitch),
        tan_pitch=torch.tan(image.pitch),
        widening=torch.sqrt(cos_yaw**2 + (DEPTH * sin_yaw) ** 2),
        sharpness=image.scale * (size / 2),
    )


def meet_head(person: IdentityFactors, image: NuisanceFactors, view: View, size: int) -> Surface:
    """Trace one ray a pixel."""
    grid_x, grid_y = pixel_grid(size, image.yaw.device)
    cos_roll, sin_roll = torch.cos(image.roll) / image.scale, torch.sin(image.roll) / image.scale
    across, up = grid_x - image.shift_x, grid_y - image.shift_y
    x = cos_roll * across + sin_roll * up
    y = cos_roll * up - sin_roll * across

    # The chin lies in front of the axis, so a nod down shows a longer jaw and a nod up a shorter one.
    jaw_height = 1.0 - 0.25 * view.sin_pitch
    above = y.clamp_min(0.0)
    below = (y - above) / -jaw_height
    is_below = (below > 0).float()
    t = (above + below).clamp_min_(1e-3)
    exponent = person.crown_square + (person.jaw_square - person.crown_square) * is_below
    power = torch.pow(t, exponent)
    taper = 1.0 - person.jaw_taper * below.square()
    reach = person.head_width * taper
    ratio = x / (reach * view.widening)
    level = power + ratio.square() - 1.0
    steep = exponent.mul_(0.5).mul_(power).div_(t)
    slope = ((ratio / reach).square_().add_(steep.square())).sqrt_().mul_(2.0).add_(1e-3)
    roundness = (1.0 - power).clamp_min_(1e-4)

    width = reach * roundness.sqrt()
    across_ellipse = (ratio * roundness.rsqrt()).clamp_(-1.0, 1.0)
    toward = (1.0 - across_ellipse.square()).sqrt_()
    length = torch.sqrt(view.cos_yaw**2 + (DEPTH * view.sin_yaw) ** 2)
    cos_phi, sin_phi = view.cos_yaw / length, DEPTH * view.sin_yaw / length
    p = across_ellipse * cos_phi - toward * sin_phi
    r = across_ellipse * sin_phi + toward * cos_phi

    # Outside the outline u goes on growing, so that hair beside the head still knows its side.
    u = width * p + (x - across_ellipse * width * view.widening) * view.cos_yaw
    depth = DEPTH * width * r
    v = y - depth * view.sin_pitch
    return Surface(
        x, y, u, v, depth, level / slope,
        normal_x=p * roundness.sqrt() / reach,
        normal_y=steep * (1.0 - 2.0 * is_below),
        normal_z=r * roundness.sqrt() / (DEPTH * reach),
    )  # fmt: skip
