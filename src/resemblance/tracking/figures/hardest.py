"""Sheets of the comparisons that a network gets most wrong: two images side by side, who is on them, and the score."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from matplotlib.figure import Figure

from resemblance.results import Result, Table
from resemblance.tracking.figures.samples import Samples
from resemblance.tracking.figures.style import DPI, INK, SOFT, basis, score_name, styled

if TYPE_CHECKING:
    from torch import Tensor

KINDS = {
    "false_matches": ("Hardest false matches", "the most similar images of different identities"),
    "false_non_matches": ("Hardest false non-matches", "the least similar images of one identity"),
}
ACROSS = 4
"""Pairs in a row."""
CELL = 112
"""Pixels of an image, at least: small faces are enlarged by a whole number."""
BETWEEN, GAP, LINE, EDGE, ABOVE = 4, 28, 23, 24, 106
"""Pixels between the two images of a pair, between pairs, of a line of text, around the sheet, and of its title."""
LONGEST = 27
"""Characters of a name that fit below a pair of images of the least size."""


@dataclass(frozen=True)
class _Layout:
    """Pixels of the sheet."""

    height: int
    width: int
    pairs: int

    @property
    def pair(self) -> int:
        return 2 * self.width + BETWEEN

    @property
    def columns(self) -> int:
        return min(ACROSS, self.pairs)

    @property
    def across(self) -> int:
        return max(self.columns * (self.pair + GAP) - GAP + 2 * EDGE, 900)  # room for the title

    @property
    def down(self) -> int:
        rows = -(-self.pairs // self.columns)
        return ABOVE + rows * (self.height + 3 * LINE + GAP) - GAP + EDGE

    def corner(self, place: int) -> tuple[int, int]:
        """Top and left of a pair."""
        row, column = divmod(place, self.columns)
        return ABOVE + row * (self.height + 3 * LINE + GAP), EDGE + column * (self.pair + GAP)


@styled
def hardest_sheet(result: Result, samples: Samples, kind: str, protocol: str = "verification") -> Figure:
    """The pairs of a table with their images, names and scores, the worst first.

    Args:
        result: of the test set, with the table ``…/hardest_KIND``.
        samples: the images of the whole test set, in the order of its rows, with their names.
        kind: ``false_matches`` or ``false_non_matches``.
        protocol: before the key.

    Raises:
        KeyError: if there is no such table.
        ValueError: if the table names rows that the samples don't have, or the images have no names.
    """
    import torch

    table = result.tables[f"{protocol}/hardest_{kind}"]
    if samples.image_ids is None:
        raise ValueError("A sheet of pairs needs the names of its images.")
    if any(max(int(first), int(second)) >= len(samples.images) for first, second, _ in table.rows):
        raise ValueError(f"The table has rows beyond the {len(samples.images)} images; it belongs to another set.")
    height, width = samples.images.shape[-2:]
    scale = max(1, -(-CELL // max(height, width)))
    layout = _Layout(height * scale, width * scale, len(table.rows))
    sheet = torch.full((layout.down, layout.across, 3), 255, dtype=torch.uint8)
    for place, row in enumerate(table.rows):
        top, left = layout.corner(place)
        for side, image in enumerate(row[:2]):
            start = left + side * (layout.width + BETWEEN)
            sheet[top : top + layout.height, start : start + layout.width] = _enlarged(
                samples.images[int(image)], scale
            )
    return _framed(sheet, table, samples.image_ids, layout, kind, _subtitle(result, protocol, kind))


def _enlarged(image: "Tensor", scale: int) -> "Tensor":
    return image.permute(1, 2, 0).repeat_interleave(scale, 0).repeat_interleave(scale, 1)


def _subtitle(result: Result, protocol: str, kind: str) -> list[str]:
    curve = result.curves.get(f"{protocol}/genuine_scores")
    score = f"score: {score_name(curve.x_label)}; " if curve else ""
    return [f"{KINDS[kind][1]}; {score}at most 3 of one image or of the same subjects", basis(result, protocol)]


def _framed(
    sheet: "Tensor", table: Table, names: Sequence[str], layout: _Layout, kind: str, subtitle: Sequence[str]
) -> Figure:
    """Text upon the sheet; every pixel of an image is a pixel of the file."""
    figure = Figure(figsize=(layout.across / DPI, layout.down / DPI), dpi=DPI)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.imshow(sheet.numpy(), interpolation="nearest", aspect="auto", extent=(0, layout.across, layout.down, 0))
    axes.set_axis_off()
    axes.text(EDGE, 20, KINDS[kind][0], va="top", fontsize=11, fontweight="bold", color=INK)
    for line, text in enumerate(subtitle):
        axes.text(EDGE, 52 + LINE * line, text, va="top", fontsize=7.5, color=SOFT)
    longest = LONGEST * layout.pair // (2 * CELL + BETWEEN)
    for place, (first, second, score) in enumerate(table.rows):
        top, left = layout.corner(place)
        lines = (_cut(names[int(first)], longest), _cut(names[int(second)], longest), f"score {float(score):.4f}")
        for line, text in enumerate(lines):
            axes.text(
                left,
                top + layout.height + 6 + LINE * line,
                text.replace("-", "−") if line == 2 else text,
                va="top",
                fontsize=6.8,
                color=SOFT if line == 2 else INK,
                parse_math=False,
            )
    return figure


def _cut(name: str, longest: int) -> str:
    """The end of a name tells images apart."""
    return name if len(name) <= longest else f"{name[: longest // 2 - 1]}…{name[-(longest - longest // 2) :]}"
