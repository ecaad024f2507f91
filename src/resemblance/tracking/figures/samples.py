"""A sheet of images, a row for each identity, so that everybody sees what a network was tested on."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from matplotlib.figure import Figure

from resemblance.tracking.figures.style import DPI, INK, SOFT, styled

if TYPE_CHECKING:
    from torch import Tensor  # figures of a comparison have none, and are drawn without it

CELL = 96
"""Pixels of an image on the sheet, at least: small faces are enlarged by a whole number."""
GAP = 6


@dataclass(frozen=True)
class Samples:
    """Images to show.

    Attributes:
        images: uint8 [N, 3, H, W], RGB.
        identities: int64 [N], labels.
        identity_names: name of each label.
        image_ids: N names, or None where images have none.
    """

    images: "Tensor"
    identities: "Tensor"
    identity_names: Sequence[str]
    image_ids: Sequence[str] | None = None


@styled
def sample_sheet(samples: Samples, rows: int = 6, columns: int = 8, title: str = "Test images") -> Figure:
    """The first images of the first identities that have enough of them, one identity a row.

    Args:
        samples: at least one image.
        rows: identities shown, where there are as many.
        columns: images of each, where it has as many.
        title: above the sheet.
    """
    import torch

    present, counts = torch.unique(samples.identities, return_counts=True)
    # A row of one image shows nothing of how a person varies; LFW has many such people.
    fullest = torch.argsort(counts.clamp(max=columns), descending=True, stable=True)[:rows]
    labels = present[fullest.sort().values].tolist()
    members = [torch.nonzero(samples.identities == label).flatten()[:columns] for label in labels]
    height, width = samples.images.shape[-2:]
    scale = max(1, -(-CELL // max(height, width)))
    wide = max(len(chosen) for chosen in members)
    sheet = torch.full(
        (len(members) * (height * scale + GAP) - GAP, wide * (width * scale + GAP) - GAP, 3), 255, dtype=torch.uint8
    )
    for row, chosen in enumerate(members):
        for column, index in enumerate(chosen.tolist()):
            image = samples.images[index].permute(1, 2, 0).repeat_interleave(scale, 0).repeat_interleave(scale, 1)
            top, left = row * (height * scale + GAP), column * (width * scale + GAP)
            sheet[top : top + height * scale, left : left + width * scale] = image
    return _framed(sheet, [str(samples.identity_names[label]) for label in labels], height * scale, samples, title)


def _framed(sheet: "Tensor", names: list[str], cell: int, samples: Samples, title: str) -> Figure:
    """Names to the left, title above, and every pixel of the sheet a pixel of the file."""
    shown = [name if len(name) <= 24 else f"{name[:23]}…" for name in names]
    left, above, edge = 24 + 10 * max(map(len, shown)), 92, 16
    across, down = sheet.shape[1] + left + edge, sheet.shape[0] + above + edge
    across = max(across, 620)  # room for the title
    figure = Figure(figsize=(across / DPI, down / DPI), dpi=DPI)
    axes = figure.add_axes((left / across, edge / down, sheet.shape[1] / across, sheet.shape[0] / down))
    axes.imshow(sheet.numpy(), interpolation="nearest", aspect="auto")
    axes.set_axis_off()
    for row, name in enumerate(shown):
        axes.annotate(
            name, (0, row * (cell + GAP) + cell / 2), (-6, 0), textcoords="offset points", ha="right", va="center",
            fontsize=7.5, color=INK,
        )  # fmt: skip
    number = len(samples.identities.unique())
    subtitle = f"{len(names)} of {number:,} identities, {len(samples.images):,} images in all"
    figure.text(16 / across, 1 - 18 / down, title, va="top", fontsize=11, fontweight="bold")
    figure.text(16 / across, 1 - 54 / down, subtitle, va="top", fontsize=8, color=SOFT)
    return figure
