"""What makes a rendered set easy or hard, checked before anything is drawn."""

from dataclasses import dataclass
from math import isfinite

from resemblance.errors import ConfigurationError


@dataclass(frozen=True)
class RenderSettings:
    """The knobs of difficulty.

    Attributes:
        pose_range: largest yaw in degrees, 0 to 60; the largest pitch is half of it, the largest roll two fifths.
        nuisance_strength: multiplies the range of all other nuisances, 0 (a studio) to 1.5.
        lookalikes: share of people who are a near-copy of another, 0 to 0.5.
        label_noise: share of images with a wrong label, 0 to 0.5.
        long_tail: 0 gives everyone the same number of images; with α > 0 a person has n·uᵅ of them (2 at least), u
            uniform on (0, 1) and n the largest number.

    Raises:
        ConfigurationError: if a knob is out of its range.
    """

    pose_range: float = 35.0
    nuisance_strength: float = 1.0
    lookalikes: float = 0.0
    label_noise: float = 0.0
    long_tail: float = 0.0

    def __post_init__(self) -> None:
        check_range("pose_range", self.pose_range, 0.0, 60.0, "degrees")
        check_range("nuisance_strength", self.nuisance_strength, 0.0, 1.5, "times the usual range")
        check_range("lookalikes", self.lookalikes, 0.0, 0.5, "as a share of the people")
        check_range("label_noise", self.label_noise, 0.0, 0.5, "as a share of the images")
        check_range("long_tail", self.long_tail, 0.0, 8.0, "as an exponent")


def check_range(name: str, value: object, low: float, high: float, unit: str) -> None:
    """Refuse a number outside [low, high].

    Raises:
        ConfigurationError: naming the knob, the value and the range.
    """
    if (
        isinstance(value, bool)
        or not isinstance(value, (int, float))
        or not isfinite(value)
        or not low <= value <= high
    ):
        raise ConfigurationError(
            f"data.{name} of the rendered faces must be a number from {low:g} to {high:g} ({unit}), not {value!r}."
        )


def check_count(name: str, value: object, low: int, high: int) -> None:
    """Refuse anything but a whole number in [low, high].

    Raises:
        ConfigurationError: naming the knob, the value and the range.
    """
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise ConfigurationError(
            f"data.{name} of the rendered faces must be a whole number from {low} to {high}, not {value!r}."
        )
