"""The pictures of a run, each a pure function of its results."""

from resemblance.tracking.figures.cmc import cmc_figure
from resemblance.tracking.figures.roc import roc_figure
from resemblance.tracking.figures.samples import Samples, sample_sheet
from resemblance.tracking.figures.scores import score_histogram_figure
from resemblance.tracking.figures.write import write_figures

__all__ = ["Samples", "cmc_figure", "roc_figure", "sample_sheet", "score_histogram_figure", "write_figures"]
