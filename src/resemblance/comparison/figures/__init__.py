"""The pictures of a comparison as files, for pages that are not drawn by a browser; in the style of a run's own."""

from resemblance.comparison.figures.cost import cost_figure
from resemblance.comparison.figures.differences import differences_figure
from resemblance.comparison.figures.leaderboard import leaderboard_figure
from resemblance.comparison.figures.ranks import ranks_figure
from resemblance.comparison.figures.roc import roc_figure
from resemblance.comparison.figures.write import write_figures

__all__ = [
    "cost_figure",
    "differences_figure",
    "leaderboard_figure",
    "ranks_figure",
    "roc_figure",
    "write_figures",
]
