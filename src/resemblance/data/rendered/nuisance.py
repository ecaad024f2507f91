"""How a picture was taken: the factors that are drawn anew for every image of a person."""

# ruff: noqa: RUF009 - the calls make dataclass fields, as dataclasses.field does.

from dataclasses import dataclass
from math import pi

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from resemblance.data.rendered.factors import Factors, between, sometimes


@dataclass(frozen=True)
class NuisanceFactors(Factors):
    """One row an image; each field float32 [N]. Angles are in radians, lengths in head units unless said otherwise."""

    yaw: Tensor = between(-1.0, 1.0, "turn to the side, × pose range", neutral=0.0)
    pitch: Tensor = between(-0.5, 0.5, "nod, × pose range", neutral=0.0)
    roll: Tensor = between(-0.4, 0.4, "tilt of the head, × pose range", neutral=0.0)
    scale: Tensor = between(0.64, 0.78, "size of a head unit, in half images", neutral=0.71)
    shift_x: Tensor = between(-0.10, 0.10, "place of the head, in half images", neutral=0.0)
    shift_y: Tensor = between(-0.12, 0.06, "place of the head, in half images", neutral=-0.05)

    light_side: Tensor = between(-1.2, 1.2, "direction of the light, from the left to the right", neutral=0.35)
    light_up: Tensor = between(-0.15, 1.0, "direction of the light, from below to above", neutral=0.5)
    light_strength: Tensor = between(0.25, 0.85, "directed light", neutral=0.5)
    ambient: Tensor = between(0.42, 0.8, "light from everywhere", neutral=0.6)

    smile: Tensor = between(-0.35, 1.0, "mouth corners down or up", neutral=0.0)
    mouth_open: Tensor = between(-1.0, 1.0, "opening of the mouth; below 0 is closed", neutral=-1.0)
    brow_raise: Tensor = between(-0.035, 0.06, "brows lowered or raised", neutral=0.0)
    lids: Tensor = between(0.45, 1.12, "opening of the eyes", neutral=1.0)
    blink: Tensor = sometimes(0.04, "eyes shut")
    gaze_x: Tensor = between(-1.0, 1.0, "look to the left or right", neutral=0.0)
    gaze_y: Tensor = between(-1.0, 1.0, "look down or up", neutral=0.0)

    glasses: Tensor = sometimes(0.18, "glasses worn")
    glasses_width: Tensor = between(0.20, 0.27, "half-width of a lens")
    glasses_height: Tensor = between(0.13, 0.21, "half-height of a lens")
    glasses_thick: Tensor = between(0.012, 0.035, "half-thickness of the frame")
    glasses_tint: Tensor = between(-0.9, 0.5, "darkness of the lenses; below 0 is clear")
    glasses_grey: Tensor = between(0.02, 0.6, "lightness of the frame")
    hat: Tensor = sometimes(0.12, "hat worn")
    hat_line: Tensor = between(0.34, 0.55, "height of the hat's edge")
    hat_top: Tensor = between(0.12, 0.42, "height of the hat above the skull")
    hat_brim: Tensor = between(-0.05, 0.16, "depth of the brim; below 0 is none")
    hat_red: Tensor = between(0.05, 0.9, "colour of the hat")
    hat_green: Tensor = between(0.05, 0.9, "colour of the hat")
    hat_blue: Tensor = between(0.05, 0.9, "colour of the hat")
    cloth_red: Tensor = between(0.05, 0.95, "colour of the clothes", neutral=0.3)
    cloth_green: Tensor = between(0.05, 0.95, "colour of the clothes", neutral=0.35)
    cloth_blue: Tensor = between(0.05, 0.95, "colour of the clothes", neutral=0.45)
    collar: Tensor = between(0.10, 0.55, "depth of the neckline")
    hair_fade: Tensor = between(-0.25, 0.25, "hair lighter or darker than usual", neutral=0.0)
    hair_move: Tensor = between(-0.06, 0.06, "hairline combed lower or higher than usual", neutral=0.0)
    hair_puff: Tensor = between(-0.06, 0.08, "hair flatter or fuller than usual", neutral=0.0)

    back_red: Tensor = between(0.05, 0.95, "colour of the background", neutral=0.6)
    back_green: Tensor = between(0.05, 0.95, "colour of the background", neutral=0.6)
    back_blue: Tensor = between(0.05, 0.95, "colour of the background", neutral=0.6)
    fade_red: Tensor = between(-0.6, 0.6, "change of the colour across the background", neutral=0.0)
    fade_green: Tensor = between(-0.6, 0.6, "change of the colour across the background", neutral=0.0)
    fade_blue: Tensor = between(-0.6, 0.6, "change of the colour across the background", neutral=0.0)
    fade_angle: Tensor = between(0.0, 2 * pi, "direction of that change")
    box_strength: Tensor = between(-0.5, 1.0, "opacity of a box behind the head; below 0 is none", neutral=-0.5)
    box_x: Tensor = between(-1.0, 1.0, "its place, in half images")
    box_y: Tensor = between(-1.0, 1.0, "its place, in half images")
    box_width: Tensor = between(0.15, 0.8, "its half-width, in half images")
    box_height: Tensor = between(0.15, 0.8, "its half-height, in half images")
    box_red: Tensor = between(0.0, 1.0, "its colour")
    box_green: Tensor = between(0.0, 1.0, "its colour")
    box_blue: Tensor = between(0.0, 1.0, "its colour")
    disc_strength: Tensor = between(-0.5, 1.0, "opacity of a disc behind the head; below 0 is none", neutral=-0.5)
    disc_x: Tensor = between(-1.0, 1.0, "its place, in half images")
    disc_y: Tensor = between(-1.0, 1.0, "its place, in half images")
    disc_radius: Tensor = between(0.15, 0.6, "its radius, in half images")
    disc_red: Tensor = between(0.0, 1.0, "its colour")
    disc_green: Tensor = between(0.0, 1.0, "its colour")
    disc_blue: Tensor = between(0.0, 1.0, "its colour")
    stripes: Tensor = between(-0.25, 0.16, "contrast of stripes on the background; below 0 is none", neutral=-0.25)
    stripe_pitch: Tensor = between(4.0, 18.0, "stripes per 2π half images")
    stripe_angle: Tensor = between(0.0, pi, "direction of the stripes")

    cast_red: Tensor = between(-0.28, 0.28, "logarithm of the colour gain", neutral=0.0)
    cast_green: Tensor = between(-0.2, 0.2, "logarithm of the colour gain", neutral=0.0)
    cast_blue: Tensor = between(-0.32, 0.32, "logarithm of the colour gain", neutral=0.0)
    exposure: Tensor = between(-0.32, 0.22, "logarithm of the brightness", neutral=0.0)
    haze: Tensor = between(-0.25, 0.22, "loss of contrast; below 0 is none", neutral=-0.25)
    blur: Tensor = between(-0.5, 0.8, "strength of the blur; below 0 is none", neutral=-0.4)
    noise: Tensor = between(0.0, 0.045, "standard deviation of the pixel noise, of full scale", neutral=0.0)
    grain: Tensor = between(0.0, 2**23, "number of the noise pattern", neutral=0.0)


POSE_ANGLES = ("yaw", "pitch", "roll")


def draw_nuisances(
    seed: int, identities: NDArray[np.int64], images: NDArray[np.int64], pose_range: float = 35.0, strength: float = 1.0
) -> NuisanceFactors:
    """The circumstances of these images.

    Args:
        seed: of the data set.
        identities: identity number of each image, int64 [N].
        images: image number within its identity, int64 [N].
        pose_range: largest yaw in degrees; the largest pitch is half of it, the largest roll two fifths.
        strength: multiplies how far every other factor leaves its neutral value.

    Returns:
        One row an image.
    """
    strengths = dict.fromkeys(NuisanceFactors.priors(), strength)
    strengths.update(dict.fromkeys(POSE_ANGLES, pose_range * pi / 180))
    return NuisanceFactors.draw(seed, identities, images, strengths=strengths)
