"""Titles of figures whose rows have long names: flush with the figure, for the axes begin far to the right."""

from collections.abc import Sequence
from textwrap import fill

from matplotlib.figure import Figure

from resemblance.tracking.figures.style import SOFT

LINE = 92
"""Characters of small print across a figure of seven inches."""
_TITLE = 56
"""Characters of a title across it."""


def headed(figure: Figure, title: str, subtitle: str, notes: Sequence[str]) -> None:
    """A bold title, what the figure rests on below it, and what its marks mean at its foot.

    Args:
        figure: seven inches wide, in constrained layout.
        title: in bold; wrapped.
        subtitle: in small print; wrapped.
        notes: joined by semicolons; wrapped.
    """
    below = fill(subtitle, LINE)
    lines = below.count("\n") + 1
    head = figure.suptitle(fill(title, _TITLE) + "\n" * lines, x=0.02, ha="left", fontsize=13, fontweight="bold")
    # It hangs on the title, which has kept its lines free.
    small = figure.axes[0].annotate(
        below, (0, 0), (0, 2), xycoords=head, textcoords="offset points", fontsize=9.5, color=SOFT
    )
    small.set_in_layout(False)
    figure.supxlabel(fill("; ".join(notes), LINE), x=0.02, ha="left", fontsize=9, color=SOFT)
