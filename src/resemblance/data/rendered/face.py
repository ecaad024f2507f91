"""Eyes, brows, nose and mouth, painted where they lie on the face.

Both eyes (and brows, nostrils, cheeks) are drawn at once in the folded coordinate |u|. What stands out of the face,
or lies behind it, is drawn at u − h·tan ψ, v − h·tan θ for its height h: it moves against the rest as the head turns.
"""

import torch
from torch import Tensor

from resemblance.data.rendered.head import Surface, View
from resemblance.data.rendered.identity import IdentityFactors
from resemblance.data.rendered.nuisance import NuisanceFactors
from resemblance.data.rendered.planes import bump, constant, cover, darken, ellipse, paint, rgb, ridge

SOCKET = -0.05
"""Height of the eyes over the ellipsoid, in head units: they lie behind it."""


def paint_eyes(canvas: Tensor, surface: Surface, person: IdentityFactors, image: NuisanceFactors, view: View) -> None:
    """White, iris, pupil, catchlight, lids and lashes."""
    u = surface.u - SOCKET * view.tan_yaw
    side = torch.sign(u)
    across = u.abs() - person.eye_spacing
    up = surface.v - SOCKET * view.tan_pitch - person.eye_height
    tilted = up - person.eye_tilt * across

    along = across / person.eye_width
    arch = 1.0 - along.square()
    openness = image.lids * (1.0 - image.blink)
    upper = person.eye_open * openness
    top = tilted - upper * arch
    lid = torch.maximum(top, -person.eye_lower * arch - tilted)
    opening = cover(lid, view.sharpness)

    bags = bump(along / 0.9, (tilted + person.eye_lower + 0.05) / 0.04) * (0.30 * person.bags.clamp_min(0.0))
    darken(canvas, bags)
    paint(canvas, constant(canvas, 0.93, 0.92, 0.90), opening)
    iris_x = across - side * image.gaze_x * (0.35 * person.eye_width)
    iris_y = up - image.gaze_y * 0.02 - 0.012
    radius = (iris_x.square() + iris_y.square()).sqrt_()
    paint(canvas, iris_colour(person), cover(radius - person.iris_size, view.sharpness) * opening)
    dark = constant(canvas, 0.03, 0.03, 0.03)
    paint(canvas, dark, cover(radius - 0.45 * person.iris_size, view.sharpness) * opening)
    gleam = ellipse(u.abs() - person.eye_spacing - side * 0.02 - side * image.gaze_x * (0.35 * person.eye_width),
                    iris_y - 0.025, 0.02, 0.02)  # fmt: skip
    paint(canvas, constant(canvas, 1.0, 1.0, 1.0), cover(gleam, view.sharpness) * opening * 0.8)

    within = cover(along.abs() - 1.05, view.sharpness * person.eye_width)
    lash = cover(top.abs() - (0.012 + 0.014 * person.eye_lid), view.sharpness) * within
    paint(canvas, constant(canvas, 0.10, 0.07, 0.06), lash * (0.65 + 0.3 * person.eye_lid))
    crease = bump(along / 0.95, (tilted - (0.035 + person.eye_open * 1.25) * (1.1 - 0.5 * along.square())) / 0.016)
    darken(canvas, crease * (0.12 + 0.30 * person.eye_lid))
    rim = bump(along / 0.9, (tilted + person.eye_lower * arch) / 0.014)
    darken(canvas, rim * 0.25)


def paint_brows(
    canvas: Tensor, surface: Surface, person: IdentityFactors, image: NuisanceFactors, view: View, hair: Tensor
) -> None:
    """Brows, thinner towards their outer end."""
    along = (surface.u.abs() - person.eye_spacing - person.brow_spread) / person.brow_width
    up = surface.v - person.eye_height - person.brow_height - image.brow_raise
    line = up - person.brow_tilt * along - person.brow_arch * (1.0 - along.square())
    thick = person.brow_thick * (1.0 - 0.45 * along)
    brow = torch.maximum(line.abs() - thick, (along.abs() - 1.0) * person.brow_width)
    paint(canvas, hair * 0.8, cover(brow, view.sharpness) * person.brow_dark)


def nose_frame(surface: Surface, person: IdentityFactors, view: View) -> tuple[Tensor, Tensor, Tensor]:
    """Coordinates across and up the nose, and its rise: 0 at the bridge, 1 at the tip."""
    rise = ((person.eye_height - surface.v) / person.nose_length).clamp_(0.0, 1.0)
    height = person.nose_height * rise
    return surface.u - height * view.tan_yaw, surface.v - height * view.tan_pitch, rise


def paint_nose(canvas: Tensor, nose: tuple[Tensor, Tensor, Tensor], person: IdentityFactors, view: View) -> None:
    """Nostrils, wings and the shadow under the tip; the ridge itself is relief (see ``shading``)."""
    across, height, _ = nose
    base = person.eye_height - person.nose_length
    up = height - base
    folded = across.abs()
    shadow = bump(across / (0.9 * person.nose_width), (up + 0.035) / 0.05)
    darken(canvas, shadow * 0.30)
    nostril = ellipse(folded - 0.52 * person.nose_width, up - 0.005, person.nostril * 1.35, person.nostril)
    paint(canvas, constant(canvas, 0.16, 0.07, 0.06), cover(nostril, view.sharpness) * 0.8)
    tip = bump(across / (0.35 * person.nose_width), (up + 0.01 - person.nose_tip) / 0.018)
    darken(canvas, tip * 0.30)
    # The wing is the outer part of a ring around the nostril.
    ring = ellipse(folded - 0.45 * person.nose_width, up - 0.05, 0.55 * person.nose_width, 0.075)
    outer = ((folded - 0.6 * person.nose_width) * 12.0).clamp_(0.0, 1.0)
    darken(canvas, ridge(ring / 0.022) * outer * 0.42)


def paint_mouth(
    canvas: Tensor, surface: Surface, person: IdentityFactors, image: NuisanceFactors, view: View, skin: Tensor
) -> None:
    """Lips with a cupid's bow, the line between them, teeth and the dark of an open mouth."""
    smile, gap = image.smile, image.mouth_open.clamp_min(0.0) * 0.11
    middle = person.eye_height - person.nose_length - person.mouth_height
    across = (surface.u - 0.09 * view.tan_yaw) / (person.mouth_width * (1.0 + 0.16 * smile))
    square = across.square()
    arch = (1.0 - square).clamp_min(-1.0)
    up = surface.v - 0.09 * view.tan_pitch - middle - (person.lip_curve + 0.075 * smile) * (square - 0.35)
    within = (across.abs() - 1.0) * person.mouth_width
    inner_top, inner_bottom = gap * 0.35 * arch, -gap * arch
    bow = 1.0 - person.lip_bow * ridge(across / 0.22)
    thin = 1.0 - 0.2 * smile.clamp_min(0.0)
    outer_top = inner_top + person.lip_upper * thin * arch.clamp_min(0.0).sqrt() * bow
    outer_bottom = inner_bottom - person.lip_lower * thin * arch
    lips = torch.maximum(torch.maximum(up - outer_top, outer_bottom - up), within)
    red = 0.35 + 0.65 * person.lip_red
    colour = skin * rgb(1.0 - 0.10 * red, 1.0 - 0.42 * red, 1.0 - 0.38 * red)
    paint(canvas, colour, cover(lips, view.sharpness))
    darken(canvas, cover(lips, view.sharpness) * (up > 0) * 0.14)
    inside = torch.maximum(torch.maximum(up - inner_top, inner_bottom - up), within)
    mouth = cover(inside, view.sharpness)
    paint(canvas, constant(canvas, 0.20, 0.05, 0.06), mouth * (gap > 0.004))
    paint(
        canvas,
        constant(canvas, 0.92, 0.90, 0.86),
        mouth * cover(0.35 * gap - up - 0.012, view.sharpness) * (gap > 0.02),
    )
    seam = torch.maximum(up.abs() - 0.008, within)
    darken(canvas, cover(seam, view.sharpness) * (gap <= 0.02) * 0.65)
    darken(canvas, bump(across / 0.75, (up + person.lip_lower + gap + 0.045) / 0.03) * 0.18)


def paint_marks(canvas: Tensor, surface: Surface, person: IdentityFactors, view: View) -> None:
    """Freckles, moles and the folds beside the mouth."""
    u, v = surface.u, surface.v
    pattern = torch.sin(u * 43.0 + v * 11.0).mul_(torch.sin(v * 47.0 - u * 13.0))
    zone = bump((u.abs() - 0.26) / 0.28, (v + 0.22) / 0.20)
    darken(canvas, (pattern - 0.35).clamp_(0.0, 0.5) * zone * (0.95 * person.freckles.clamp_min(0.0)))
    mouth = person.eye_height - person.nose_length - person.mouth_height
    fall = (person.eye_height - person.nose_length + 0.06 - v).clamp_min(0.0)
    fold = (u.abs() - person.nose_width - 0.05 - 0.55 * fall) / 0.022
    ends = ((v - mouth + 0.03) * 9.0).clamp_(0.0, 1.0) * (fall * 12.0).clamp_max(1.0)
    darken(canvas, ridge(fold) * ends * (0.34 * person.fold.clamp_min(0.0)))
    cleft = bump(u / 0.025, (v + 0.86) / 0.07)
    darken(canvas, cleft * (0.35 * person.chin_cleft.clamp_min(0.0)))
    for present, x, y, radius in (
        (person.mole_1, person.mole_1_x, person.mole_1_y, person.mole_1_size),
        (person.mole_2, person.mole_2_x, person.mole_2_y, person.mole_2_size),
    ):
        mole = ((u - x).square() + (v - y).square()).sqrt_() - radius
        paint(canvas, constant(canvas, 0.20, 0.11, 0.08), cover(mole, view.sharpness) * present * 0.85)


def iris_colour(person: IdentityFactors) -> Tensor:
    """Brown over green to blue, [B, 3, 1, 1]; browner with darker skin."""
    hue, light = person.iris_hue * (0.25 + 0.75 * person.skin_tone), 0.55 + 0.75 * person.iris_light
    return rgb((0.42 - 0.30 * hue) * light, (0.24 + 0.20 * hue) * light, (0.10 + 0.52 * hue) * light)
