"""The pictures of a run, each a pure function of its results."""

from resemblance.tracking.figures.breakdown import breakdown_figure
from resemblance.tracking.figures.calibration import calibration_figure
from resemblance.tracking.figures.cmc import cmc_figure
from resemblance.tracking.figures.det import det_figure
from resemblance.tracking.figures.hardest import hardest_sheet
from resemblance.tracking.figures.open_set import open_set_figure
from resemblance.tracking.figures.roc import roc_figure
from resemblance.tracking.figures.samples import Samples, sample_sheet
from resemblance.tracking.figures.scores import score_histogram_figure
from resemblance.tracking.figures.write import write_figures

__all__ = [
    "Samples",
    "breakdown_figure",
    "calibration_figure",
    "cmc_figure",
    "det_figure",
    "hardest_sheet",
    "open_set_figure",
    "roc_figure",
    "sample_sheet",
    "score_histogram_figure",
    "write_figures",
]
