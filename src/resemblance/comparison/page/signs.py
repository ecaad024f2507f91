"""What a contestant is known by beside its name: its line and symbol in its colour, drawn where the name stands."""

from collections.abc import Iterable, Mapping

from resemblance.comparison.evidence.looks import Look
from resemblance.comparison.page.markup import Markup, element

_DASHES = {"solid": None, "dash": "5 3", "dot": "1.5 2.5", "dashdot": "5 2.5 1.5 2.5"}
_DASHES |= {"longdash": "9 3", "longdashdot": "8 2.5 1.5 2.5"}
_SHAPES = {  # within ±1
    "square": "M-.85-.85H.85V.85H-.85Z",
    "diamond": "M0-1.2 1.2 0 0 1.2-1.2 0Z",
    "triangle-up": "M0-1.15 1.1.85H-1.1Z",
    "triangle-down": "M0 1.15 1.1-.85H-1.1Z",
    "cross": "M-.4-1.1H.4V-.4H1.1V.4H.4V1.1H-.4V.4H-1.1V-.4H-.4Z",
    "x": "M-.6-1.1 0-.5.6-1.1 1.1-.6.5 0 1.1.6.6 1.1 0 .5-.6 1.1-1.1.6-.5 0-1.1-.6Z",
    "star": "M0-1.25.32-.4 1.2-.38.5.17.75 1.02 0 .52-.75 1.02-.5.17-1.2-.38-.32-.4Z",
    "hexagon": "M-1 -.55 0-1.12 1-.55V.55L0 1.12-1 .55Z",
    "pentagon": "M0-1.15 1.1-.35.68.95H-.68L-1.1-.35Z",
    "bowtie": "M-1.1-.8 1.1.8V-.8L-1.1.8Z",
    "hourglass": "M-.8-1.1H.8L-.8 1.1H.8Z",
}


class Signs:
    """The looks of a page, in the order by which its script knows them.

    Args:
        looks: by the contestant's name.
    """

    def __init__(self, looks: Mapping[str, Look]) -> None:
        self.looks = list(looks.values())
        self._place = {name: place for place, name in enumerate(looks)}

    def who(self, name: str) -> int:
        """The place of a contestant."""
        return self._place[name]

    def named(self, name: str) -> Markup:
        """Sign and name, not parted at the end of a line; a setting may be parted from its value."""
        first, *others = name.split("=")
        parts = [first, *(["=", element("wbr"), other] for other in others)]
        return element("span", self.swatch(name), element("span", parts), class_="who")

    def keys(self, names: Iterable[str]) -> Markup:
        """A legend whose entries hide and show a contestant in every chart."""
        return element(
            "div",
            [
                element(
                    "button",
                    self.swatch(name),
                    element("span", name),
                    type="button",
                    class_="key",
                    data_who=self.who(name),
                    aria_pressed="true",
                )
                for name in names
            ],
            class_="keys",
            role="group",
            aria_label="Contestants; press one to hide or show it",
        )

    def swatch(self, name: str) -> Markup:
        """Line and symbol."""
        look = self.looks[self.who(name)]
        line = element("path", d="M1 6H27", stroke_dasharray=_DASHES[look.dash])
        return element(
            "svg",
            line,
            self.symbol(name, 14, 6, 3.6),
            class_="swatch",
            viewBox="0 0 28 12",
            style=f"color:var(--who-{self.who(name)})",
            aria_hidden="true",
        )

    def symbol(self, name: str, x: float, y: float, size: float) -> Markup:
        """The symbol alone, for a drawing whose colour is the contestant's."""
        look = self.looks[self.who(name)]
        if look.symbol == "circle":
            return element("circle", cx=f"{x:.1f}", cy=f"{y:.1f}", r=f"{size:.1f}", class_="symbol")
        return element(
            "path", d=_SHAPES[look.symbol], transform=f"translate({x:.1f} {y:.1f}) scale({size:.1f})", class_="symbol"
        )

    def style(self) -> str:
        """The colours as variables of a style sheet, for light and dark."""
        light = "".join(f"--who-{place}:{look.light};" for place, look in enumerate(self.looks))
        dark = "".join(f"--who-{place}:{look.dark};" for place, look in enumerate(self.looks))
        return f":root{{{light}}}@media screen and (prefers-color-scheme:dark){{:root{{{dark}}}}}"
