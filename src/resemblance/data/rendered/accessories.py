"""Glasses, hat and clothes: nuisances that cover parts of a person."""

import torch
from torch import Tensor

from resemblance.data.rendered.head import Surface, View
from resemblance.data.rendered.identity import IdentityFactors
from resemblance.data.rendered.nuisance import NuisanceFactors
from resemblance.data.rendered.planes import box, constant, cover, muted, paint, rgb

GLASSES_HEIGHT = 0.16
"""How far the lenses stand out of the face, in head units."""


def paint_glasses(
    canvas: Tensor, surface: Surface, person: IdentityFactors, image: NuisanceFactors, view: View
) -> None:
    """Two rounded lenses, a bridge and temples, in a plane before the eyes."""
    u = surface.u - GLASSES_HEIGHT * view.tan_yaw
    v = surface.v - GLASSES_HEIGHT * view.tan_pitch - person.eye_height + 0.01
    folded = u.abs()
    lens = box(folded - person.eye_spacing, v, image.glasses_width * 0.85, image.glasses_height * 0.85, 0.09)
    frame = lens.abs() - image.glasses_thick
    gap = person.eye_spacing - 0.85 * image.glasses_width
    bridge = torch.maximum((v - 0.04).abs() - image.glasses_thick, folded - gap)
    temples = torch.maximum(
        (v - 0.05).abs() - image.glasses_thick, 0.85 * image.glasses_width - folded + person.eye_spacing
    )
    frame = torch.minimum(torch.minimum(frame, bridge), temples)
    within = cover(surface.outside - 0.03, view.sharpness) * image.glasses
    tint = cover(lens, view.sharpness) * within
    paint(canvas, constant(canvas, 0.10, 0.09, 0.09), tint * image.glasses_tint.clamp_min(0.0))
    paint(canvas, constant(canvas, 0.85, 0.90, 0.95), tint * 0.10)
    grey = image.glasses_grey
    paint(canvas, rgb(grey, grey * 0.85, grey * 0.75), cover(frame, view.sharpness) * within)


def paint_hat(canvas: Tensor, surface: Surface, person: IdentityFactors, image: NuisanceFactors, view: View) -> None:
    """A cap or a woollen hat, with or without a brim."""
    x, y = surface.x, surface.y
    half_width = person.head_width * view.widening + 0.09
    arch = ((x / half_width).square() + ((y - 0.1).clamp_min(0.0) / (0.9 + image.hat_top)).square()).sqrt_()
    edge = image.hat_line + 0.06 * x.square() - surface.v
    hat = torch.maximum((arch - 1.0) * half_width, edge)
    colour = muted(rgb(image.hat_red, image.hat_green, image.hat_blue))
    paint(canvas, colour, cover(hat, view.sharpness) * image.hat)
    brim = torch.maximum((surface.v - image.hat_line + 0.01).abs() - image.hat_brim, x.abs() - half_width * 1.02)
    paint(canvas, colour * 0.7, cover(brim, view.sharpness) * image.hat * (image.hat_brim > 0.02))


def paint_body(canvas: Tensor, surface: Surface, person: IdentityFactors, image: NuisanceFactors, view: View,
               skin: Tensor) -> None:  # fmt: skip
    """Neck, shoulders and clothes, and the shadow of the chin on them."""
    x = surface.x + 0.10 * view.sin_yaw
    y = surface.y
    slope = (-1.02 - y).clamp_min(0.0)
    shadow = 0.55 + 0.45 * ((-0.85 - y) * 3.0).clamp(0.0, 1.0)
    neck = torch.maximum(x.abs() - person.head_width * 0.62 - 0.25 * slope.square(), y + 0.3)
    paint(canvas, skin * shadow.unsqueeze(1), cover(neck, view.sharpness))
    shoulders = y + 1.02 + 0.32 * (x.abs() - 0.35).clamp_min(0.0).square() * 2.0
    neckline = (x.square() + (y + 0.95).square()).sqrt_() - image.collar
    cloth = torch.maximum(shoulders, -neckline)
    paint(canvas, skin * 0.9, cover(shoulders, view.sharpness))
    colour = muted(rgb(image.cloth_red, image.cloth_green, image.cloth_blue))
    paint(canvas, colour, cover(cloth, view.sharpness))
