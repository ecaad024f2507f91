"""Hair, beard and ears: what surrounds the face."""

from typing import NamedTuple

import torch
from torch import Tensor

from resemblance.data.rendered.head import Surface, View
from resemblance.data.rendered.identity import IdentityFactors
from resemblance.data.rendered.nuisance import NuisanceFactors
from resemblance.data.rendered.planes import cover, ellipse, paint, rgb, ridge

EAR_DEPTH = -0.12
"""The ears sit a little behind the head's axis."""


class Shell(NamedTuple):
    """The hair's outline and hairline, planes [B, S, S], negative inside."""

    outline: Tensor
    front: Tensor
    strands: Tensor
    """Light and dark along the hair, about 1."""


class Ears(NamedTuple):
    """Opacities, planes [B, S, S]."""

    whole: Tensor
    inner: Tensor
    near: Tensor
    """1 where the ear on this side of the picture is the nearer one."""


def hair_colour(person: IdentityFactors, image: NuisanceFactors) -> Tensor:
    """Fair, red, brown, black or grey, [B, 3, 1, 1]; darker with darker skin."""
    fair = (1.0 - person.hair_dark) * (0.12 + 0.88 * person.skin_tone)
    light = (0.06 + 0.74 * fair) * torch.exp(image.hair_fade) + 0.02
    red = person.hair_red.clamp_min(0.0)
    grey = person.hair_grey.clamp_min(0.0).sqrt()
    coloured = rgb(
        light * (1.0 + 0.18 * red) + 0.03, light * (0.80 - 0.22 * red) + 0.015, light * (0.52 - 0.30 * red) + 0.01
    )
    silver = 0.35 + 0.4 * light
    return torch.lerp(coloured, rgb(silver, silver, silver), grey.unsqueeze(1))


def hair_shell(surface: Surface, person: IdentityFactors, image: NuisanceFactors, view: View) -> Shell:
    """The outline: an ellipse above the temples, straight down below, cut at the hair's length.

    The hairline: above the forehead at ``hair_line``, with a peak or fringe in the middle, falling to the sides.
    """
    x, y, u, v = surface.x, surface.y, surface.u, surface.v
    present = 1.0 - person.hair_bald
    puff = image.hair_puff
    wave = person.hair_curl.clamp_min(0.0) * torch.sin(11.0 * x + 3.0 * y) * torch.cos(13.0 * y - 2.0 * x)
    fullness = (0.55 + person.hair_length).clamp(0.2, 1.0)
    half_width = person.head_width * view.widening + (fullness * person.hair_side + 0.6 * puff).clamp_min(0.015)
    top = 1.0 + (person.hair_top + puff).clamp_min(0.015) - 0.1
    arch = ((x / half_width).square() + ((y - 0.1).clamp_min(0.0) / top).square()).sqrt_()
    outline = (arch - 1.0) * half_width + wave
    end = -person.hair_length - 0.06 * (1.0 - 2.0 * x.square()) + wave - y
    outline = torch.maximum(outline, end)

    across = u.abs() / person.head_width
    line = person.hair_line + image.hair_move
    fringe = person.hair_fringe.clamp_min(0.0)
    middle = ridge(u / (0.10 + 0.5 * fringe))
    edge = line - (person.hair_peak + fringe) * middle
    side = (across - 0.45).clamp_min_(0.0)
    long_side = (person.hair_length.clamp_min(0.0) * 1.6).clamp_max(1.0)
    edge = edge - person.hair_temple * side * (0.55 + side * (1.6 + 4.0 * long_side))
    edge = edge + wave + 0.012 * torch.sin(u * 38.0)
    front = torch.maximum((edge - v) * 0.8, outline) + (1.0 - present) * 9.0
    strands = 1.0 + 0.13 * torch.sin(u * 26.0 + 5.0 * torch.sin(v * 3.0 + u * 2.0))
    return Shell(outline + (1.0 - present) * 9.0, front, strands)


def paint_hair(canvas: Tensor, distance: Tensor, strands: Tensor, colour: Tensor, view: View) -> None:
    """One layer of the hair: behind the head (``outline``) or in front of it (``front``)."""
    paint(canvas, colour * strands.unsqueeze(1), cover(distance, view.sharpness))


def find_ears(surface: Surface, person: IdentityFactors, view: View) -> Ears:
    """Ears, foreshortened by the yaw; the one that is turned to the viewer lies over the head."""
    side = torch.sign(surface.x)
    nearness = side * -view.sin_yaw
    width = (nearness * 0.16).clamp_min_(-0.05).add_(0.085 + 0.5 * person.ear_out)
    centre = (person.head_width + 0.5 * person.ear_out) * view.cos_yaw
    x = surface.x.abs() - centre - side * (EAR_DEPTH * view.sin_yaw)
    y = surface.y - (person.ear_height - EAR_DEPTH * view.sin_pitch)
    x = x * (1.0 - 0.2 / person.ear_size * y)
    whole = cover(ellipse(x, y, width, person.ear_size), view.sharpness)
    inner = cover(ellipse(x - 0.01, y - 0.01, width * 0.6, person.ear_size * 0.65), view.sharpness)
    return Ears(whole, inner.mul_(whole).mul_(0.8), (nearness * 6.0).sub_(0.3).clamp_(0.0, 1.0))


def paint_ears(canvas: Tensor, ears: Ears, skin: Tensor, *, in_front: bool) -> None:
    """Both ears behind the head, or the nearer one before it."""
    whole, inner = (ears.whole * ears.near, ears.inner * ears.near) if in_front else (ears.whole, ears.inner)
    paint(canvas, skin * skin.new_tensor([1.0, 0.90, 0.88]).view(1, 3, 1, 1), whole)
    paint(canvas, skin * 0.62, inner)


def paint_beard(
    canvas: Tensor, surface: Surface, person: IdentityFactors, view: View, hair: Tensor, head: Tensor
) -> None:
    """Beard and moustache, from stubble to full, within the head's opacity ``head``."""
    u, v = surface.u.abs(), surface.v
    mouth = person.eye_height - person.nose_length - person.mouth_height
    edge = person.beard_line + 0.75 * (u - 0.35).clamp_min(0.0) - 0.25 * (0.35 - u).clamp_min(0.0)
    lips = ellipse(u, v - mouth, person.mouth_width + 0.05, 0.12)
    beard = torch.maximum(v - edge, -lips)
    grain = 0.86 + 0.14 * torch.sin(u * 61.0 + 3.0 * torch.sin(v * 53.0))
    density = (person.beard.clamp_min(0.0) * 1.3).clamp_max(0.92)
    dark = hair * 0.75
    paint(canvas, dark, cover(beard, view.sharpness * 0.35) * head * (grain * density))
    tash = ellipse(u, v - mouth - 0.085 + 0.35 * u.square() * 4.0 * 0.25, person.mouth_width * 0.95, 0.05)
    density = (person.moustache.clamp_min(0.0) * 1.3).clamp_max(0.92)
    paint(canvas, dark, cover(tash, view.sharpness * 0.5) * grain * density)
