"""Values with their intervals drawn in a cell of a table: seeds as dots, two intervals, on a scale that rows share."""

from collections.abc import Iterable, Sequence

from resemblance.comparison.findings import Bounds
from resemblance.comparison.page.markup import Content, Markup, element
from resemblance.comparison.page.signs import Signs

WIDTH, HEIGHT, EDGE = 240, 26, 8


class Scale:
    """From figures to pixels.

    Args:
        values: all that must be seen.
        zero: whether 0 must be seen too.
    """

    def __init__(self, values: Iterable[float], *, zero: bool = False) -> None:
        seen = [*values, *([0.0] if zero else [])]
        self.low, self.high = min(seen), max(seen)
        if self.high - self.low < 1e-9:
            self.low, self.high = self.low - 0.5e-3, self.high + 0.5e-3

    def __call__(self, value: float) -> float:
        """Pixels from the left."""
        return EDGE + (WIDTH - 2 * EDGE) * (value - self.low) / (self.high - self.low)


def standing_strip(
    scale: Scale,
    signs: Signs,
    name: str,
    mean: float,
    values: Sequence[float],
    seeds: Bounds | None,
    subjects: Bounds | None,
) -> Markup:
    """A leaderboard's row: a thin line over subjects, a thick one over seeds, a dot for each seed, the mean on top."""
    middle = HEIGHT / 2
    return _drawing(
        _line(scale, subjects, middle, "subjects"),
        _line(scale, seeds, middle, "seeds"),
        [
            element("circle", cx=f"{scale(value):.1f}", cy=f"{middle + 8:.1f}", r="1.9", class_="dot")
            for value in values
        ],
        signs.symbol(name, scale(mean), middle, 5),
        colour=f"var(--who-{signs.who(name)})",
        alt="Its mean, intervals and seeds on the scale of this table",
    )


def difference_strip(scale: Scale, estimate: float, whole: Bounds | None, seeds: Bounds | None, delta: float) -> Markup:
    """A difference's row: the zone within ±δ, the line of none, the simultaneous interval and the one over seeds."""
    middle = HEIGHT / 2
    zone = element(
        "rect",
        x=f"{scale(max(-delta, scale.low)):.1f}",
        y=0,
        width=f"{scale(min(delta, scale.high)) - scale(max(-delta, scale.low)):.1f}",
        height=HEIGHT,
        class_="zone",
    )
    return _drawing(
        zone,
        element("path", d=f"M{scale(0):.1f} 0V{HEIGHT}", class_="none"),
        _line(scale, whole, middle, "subjects"),
        _line(scale, seeds, middle, "seeds"),
        element("circle", cx=f"{scale(estimate):.1f}", cy=f"{middle:.1f}", r="4", class_="symbol"),
        colour="var(--ink)",
        alt="The difference and its intervals on the scale of this table",
    )


def _line(scale: Scale, ends: Bounds | None, middle: float, class_: str) -> Markup | None:
    if ends is None:
        return None
    return element("path", d=f"M{scale(ends.low):.1f} {middle:.1f}H{scale(ends.high):.1f}", class_=class_)


def _drawing(*inside: Content, colour: str, alt: str) -> Markup:
    return element(
        "svg",
        *inside,
        class_="strip",
        viewBox=f"0 0 {WIDTH} {HEIGHT}",
        style=f"color:{colour}",
        role="img",
        aria_label=alt,
    )
