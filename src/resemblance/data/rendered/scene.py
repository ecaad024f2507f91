"""The background: a colour that changes across the picture, stripes, a box and a disc."""

import torch
from torch import Tensor

from resemblance.data.rendered.head import pixel_grid
from resemblance.data.rendered.nuisance import NuisanceFactors
from resemblance.data.rendered.planes import box, cover, muted, paint, rgb


def background(image: NuisanceFactors, size: int) -> Tensor:
    """A fresh canvas, float32 [B, 3, S, S]."""
    x, y = pixel_grid(size, image.yaw.device)
    slant = (torch.cos(image.fade_angle) * x + torch.sin(image.fade_angle) * y) * 0.5
    wave = torch.sin((torch.cos(image.stripe_angle) * x + torch.sin(image.stripe_angle) * y) * image.stripe_pitch)
    base = muted(rgb(image.back_red, image.back_green, image.back_blue))
    change = muted(rgb(image.fade_red, image.fade_green, image.fade_blue))
    canvas = base + change * slant.unsqueeze(1)
    canvas += (wave * image.stripes.clamp_min(0.0)).unsqueeze(1)
    sharpness = size / 2
    square = box(x - image.box_x, y - image.box_y, image.box_width, image.box_height, 0.02)
    opacity = cover(square, sharpness) * image.box_strength.clamp_min(0.0)
    paint(canvas, muted(rgb(image.box_red, image.box_green, image.box_blue)), opacity)
    disc = ((x - image.disc_x).square() + (y - image.disc_y).square()).sqrt_() - image.disc_radius
    opacity = cover(disc, sharpness) * image.disc_strength.clamp_min(0.0)
    paint(canvas, muted(rgb(image.disc_red, image.disc_green, image.disc_blue)), opacity)
    return canvas.clamp_(0.0, 1.0)
