"""Who somebody is: the factors that stay the same in all pictures of one person, and their prior.

Lengths are in head units: 1 is half the height of the head, about 19 pixels in a 64-pixel image. Everything except
the moles is symmetric about the middle of the face, so a mirrored picture still shows the same person.
"""

# ruff: noqa: RUF009 - the calls make dataclass fields, as dataclasses.field does.

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from resemblance.data.rendered import counter
from resemblance.data.rendered.factors import Factors, between, sometimes

SIBLING_DISTANCE = 0.25
"""How far a look-alike is from its original, as a share of the distance between strangers."""


@dataclass(frozen=True)
class IdentityFactors(Factors):
    """One row a person; each field float32 [N]."""

    head_width: Tensor = between(0.66, 0.82, "half-width of the head at the temples")
    jaw_taper: Tensor = between(0.08, 0.42, "share of the width that is lost towards the chin")
    jaw_square: Tensor = between(2.2, 4.6, "exponent of the jaw's outline; 2 is an ellipse, more is squarer")
    crown_square: Tensor = between(2.0, 2.7, "exponent of the crown's outline")
    cheek_height: Tensor = between(-0.38, -0.16, "height of the cheekbones")
    cheek_strength: Tensor = between(0.0, 1.0, "relief of the cheekbones")
    chin_cleft: Tensor = between(-0.6, 1.0, "depth of the cleft in the chin; below 0 is none")
    skin_tone: Tensor = between(0.0, 1.0, "0 darkest to 1 lightest skin")
    skin_warmth: Tensor = between(-1.0, 1.0, "cool to warm skin")
    freckles: Tensor = between(-2.0, 1.0, "density of freckles; below 0 is none")
    fold: Tensor = between(-0.3, 1.0, "depth of the line from nose to mouth corner; below 0 is none")
    bags: Tensor = between(-0.3, 1.0, "shadow under the eyes; below 0 is none")

    hair_dark: Tensor = between(0.0, 1.0, "fair to black hair")
    hair_red: Tensor = between(-1.5, 1.0, "red in the hair; below 0 is none")
    hair_grey: Tensor = between(-3.0, 1.0, "grey in the hair; below 0 is none")
    hair_top: Tensor = between(0.02, 0.26, "height of the hair above the skull")
    hair_side: Tensor = between(0.0, 0.22, "width of the hair beside the skull")
    hair_length: Tensor = between(-0.3, 1.5, "how far the hair falls below the eyes")
    hair_line: Tensor = between(0.40, 0.74, "height of the hairline")
    hair_peak: Tensor = between(-0.12, 0.14, "widow's peak (above 0) or a rounded hairline")
    hair_temple: Tensor = between(0.4, 1.5, "how soon the hairline falls towards the temples")
    hair_fringe: Tensor = between(-0.5, 0.32, "length of the fringe; below 0 is none")
    hair_curl: Tensor = between(-0.02, 0.05, "amplitude of curls at the hair's edge; below 0 is straight")
    hair_bald: Tensor = sometimes(0.08, "bald")

    eye_height: Tensor = between(-0.07, 0.08, "height of the eyes")
    eye_spacing: Tensor = between(0.265, 0.385, "half the distance between the eyes' centres")
    eye_width: Tensor = between(0.125, 0.205, "half-width of an eye")
    eye_open: Tensor = between(0.045, 0.105, "height of the upper lid above the eye's centre")
    eye_lower: Tensor = between(0.03, 0.065, "depth of the lower lid below the eye's centre")
    eye_tilt: Tensor = between(-0.22, 0.30, "slope of the eye, outer corner up above 0")
    eye_lid: Tensor = between(0.0, 1.0, "weight of the upper lid's line and crease")
    iris_size: Tensor = between(0.055, 0.085, "radius of the iris")
    iris_hue: Tensor = between(0.0, 1.0, "brown over green to blue")
    iris_light: Tensor = between(0.0, 1.0, "dark to light iris")

    brow_height: Tensor = between(0.125, 0.255, "height of the brow above the eye")
    brow_thick: Tensor = between(0.016, 0.056, "half-thickness of the brow")
    brow_width: Tensor = between(0.16, 0.25, "half-length of the brow")
    brow_arch: Tensor = between(-0.01, 0.085, "height of the brow's arch")
    brow_tilt: Tensor = between(-0.07, 0.08, "slope of the brow, outer end up above 0")
    brow_spread: Tensor = between(-0.035, 0.05, "how far the brow's centre lies outside the eye's")
    brow_dark: Tensor = between(0.45, 1.0, "opacity of the brow")

    nose_length: Tensor = between(0.34, 0.53, "from the eyes' line to the nose's base")
    nose_width: Tensor = between(0.085, 0.185, "half-width of the nostrils' wings")
    nose_bridge: Tensor = between(0.035, 0.085, "half-width of the bridge")
    nose_height: Tensor = between(0.16, 0.36, "how far the tip stands out of the face")
    nose_tip: Tensor = between(-0.05, 0.05, "tip above (turned up) or below the wings")
    nostril: Tensor = between(0.018, 0.042, "size of the nostrils")

    mouth_height: Tensor = between(0.125, 0.225, "from the nose's base down to the lips' line")
    mouth_width: Tensor = between(0.17, 0.31, "half-width of the mouth")
    lip_upper: Tensor = between(0.022, 0.078, "thickness of the upper lip")
    lip_lower: Tensor = between(0.032, 0.098, "thickness of the lower lip")
    lip_bow: Tensor = between(0.0, 0.75, "depth of the cupid's bow")
    lip_curve: Tensor = between(-0.045, 0.05, "mouth corners down or up at rest")
    lip_red: Tensor = between(0.1, 1.0, "how much redder than the skin the lips are")

    ear_size: Tensor = between(0.14, 0.25, "half-height of the ears")
    ear_out: Tensor = between(0.0, 0.11, "how far the ears stand out")
    ear_height: Tensor = between(-0.24, -0.02, "height of the ears' centres")

    beard: Tensor = between(-1.6, 1.0, "density of the beard; below 0 is none")
    beard_line: Tensor = between(-0.75, -0.3, "height of the beard's upper edge on the cheek")
    moustache: Tensor = between(-1.6, 1.0, "density of the moustache; below 0 is none")

    mole_1: Tensor = sometimes(0.6, "first mole present")
    mole_1_x: Tensor = between(-0.5, 0.5, "its place across the face")
    mole_1_y: Tensor = between(-0.75, 0.35, "its height")
    mole_1_size: Tensor = between(0.022, 0.045, "its radius")
    mole_2: Tensor = sometimes(0.35, "second mole present")
    mole_2_x: Tensor = between(-0.5, 0.5, "its place across the face")
    mole_2_y: Tensor = between(-0.75, 0.35, "its height")
    mole_2_size: Tensor = between(0.022, 0.045, "its radius")


def draw_identities(seed: int, numbers: NDArray[np.int64], lookalikes: float = 0.0) -> IdentityFactors:
    """The people with these numbers.

    A look-alike is always an odd number, made from the even number below it: its factors are 3/4 of its original's
    and 1/4 of its own, as alike as siblings. So who resembles whom depends on no range and on no count.

    Args:
        seed: of the data set.
        numbers: identity numbers, int64 [N].
        lookalikes: share of all people who are a look-alike of another, 0 to 0.5.

    Returns:
        One row a person.
    """
    own = IdentityFactors.draw(seed, numbers)
    chosen = (numbers % 2 == 1) & (counter.uniform(seed, "look-alike", numbers) < 2 * lookalikes)
    if not chosen.any():
        return own
    original = IdentityFactors.draw(seed, numbers - numbers % 2).stack()
    stirred = torch.lerp(original, own.stack(), SIBLING_DISTANCE)
    happens = torch.tensor([prior.chance is not None for prior in IdentityFactors.priors().values()])
    stirred = torch.where(happens, original, stirred)
    return IdentityFactors.unstack(torch.where(torch.from_numpy(chosen)[:, None], stirred, own.stack()))
