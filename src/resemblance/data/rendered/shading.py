"""Light on the head: Lambert's law on the ellipsoid's normals, bent by the relief of the face."""

import torch
from torch import Tensor

from resemblance.data.rendered.head import Surface
from resemblance.data.rendered.identity import IdentityFactors
from resemblance.data.rendered.nuisance import NuisanceFactors
from resemblance.data.rendered.planes import bump, ridge


def light_direction(image: NuisanceFactors) -> tuple[Tensor, Tensor, Tensor]:
    """Unit vector towards the light in the head's frame: the light stands still while the head turns."""
    side, up = image.light_side - image.yaw, image.light_up - image.pitch
    return torch.sin(side) * torch.cos(up), torch.sin(up), torch.cos(side) * torch.cos(up)


def relief(surface: Surface, nose: tuple[Tensor, Tensor, Tensor], person: IdentityFactors) -> tuple[Tensor, Tensor]:
    """Slope of the face's height over the ellipsoid, across and up: nose, eye sockets, cheekbones, chin.

    Each is a Gaussian hill h = s·exp(−x²/a² − y²/b²), with slope −2x/a²·h and −2y/b²·h.
    """
    across, height, rise = nose
    base = person.eye_height - person.nose_length
    half = person.nose_bridge + (0.62 * person.nose_width - person.nose_bridge) * rise
    below = ((height - base + 0.05) * 14.0).clamp_(0.0, 1.0)
    spine = ridge(across / half) * (rise * 4.0).clamp_max_(0.35 + rise) * below * (person.nose_height * 0.55)
    slope_x = spine * across / half.square() * -2.0
    tip = bump(across / (0.8 * person.nose_width), (height - base - 0.03) / 0.075) * (0.75 * person.nose_height)
    slope_y = tip * (height - base - 0.03) * (-2.0 / 0.075**2) * 0.35

    folded, side = surface.u.abs(), torch.sign(surface.u)
    eye_x, eye_y = folded - person.eye_spacing, surface.v - person.eye_height - 0.03
    socket = bump(eye_x / 0.22, eye_y / 0.13) * -0.055
    slope_x += socket * eye_x * side * (-2.0 / 0.22**2)
    slope_y += socket * eye_y * (-2.0 / 0.13**2)
    cheek_x, cheek_y = folded - 0.40, surface.v - person.cheek_height
    cheek = bump(cheek_x / 0.20, cheek_y / 0.15) * (0.02 + 0.085 * person.cheek_strength)
    slope_x += cheek * cheek_x * side * (-2.0 / 0.20**2)
    slope_y += cheek * cheek_y * (-2.0 / 0.15**2)
    chin_y = surface.v + 0.86
    chin = bump(surface.u / 0.20, chin_y / 0.11) * 0.05
    slope_x += chin * surface.u * (-2.0 / 0.20**2)
    slope_y += chin * chin_y * (-2.0 / 0.11**2)
    return slope_x, slope_y


def shade(
    surface: Surface, nose: tuple[Tensor, Tensor, Tensor], person: IdentityFactors, image: NuisanceFactors
) -> tuple[Tensor, Tensor]:
    """Diffuse brightness and highlight of each pixel of the head, planes [B, S, S]."""
    slope_x, slope_y = relief(surface, nose, person)
    length = (surface.normal_x.square() + surface.normal_y.square() + surface.normal_z.square()).rsqrt_()
    x = surface.normal_x * length - slope_x
    y = surface.normal_y * length - slope_y
    z = surface.normal_z * length
    inverse = (x.square() + y.square() + z.square()).rsqrt_()
    light_x, light_y, light_z = light_direction(image)
    cosine = (x * light_x + y * light_y + z * light_z) * inverse
    diffuse = image.ambient * (0.72 + 0.28 * y * inverse) + image.light_strength * cosine.clamp_min(0.0)
    # Halfway between light and viewer, as in Blinn's highlight; the viewer stands at the head's yaw.
    view_x, view_z = torch.sin(-image.yaw), torch.cos(image.yaw)
    half_x, half_y, half_z = light_x + view_x, light_y, light_z + view_z
    half_length = torch.rsqrt(half_x.square() + half_y.square() + half_z.square())
    glance = (x * half_x + y * half_y + z * half_z) * inverse * half_length
    highlight = glance.clamp_min_(0.0).square().square().square().square() * (0.16 * image.light_strength)
    return diffuse, highlight
