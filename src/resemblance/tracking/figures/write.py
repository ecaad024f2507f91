"""Writes the pictures of a run; whatever a protocol did not measure is left out."""

from pathlib import Path

from matplotlib.figure import Figure

from resemblance.atomic import write_atomically
from resemblance.results import Result
from resemblance.tracking.figures.cmc import cmc_figure
from resemblance.tracking.figures.roc import roc_figure
from resemblance.tracking.figures.samples import Samples, sample_sheet
from resemblance.tracking.figures.scores import score_histogram_figure
from resemblance.tracking.paths import RunPaths


def write_figures(
    directory: RunPaths, baseline: Result, trained: Result, samples: Samples | None = None
) -> dict[str, Path]:
    """Write ``figures/*.png`` and return the paths by name: roc, pairs_roc, scores, cmc, samples.

    Args:
        directory: of the run.
        baseline: the untrained network on the test set, keys as the protocols gave them.
        trained: the selected checkpoint on the same.
        samples: images of the test set.

    Raises:
        OutputError: if a file can't be written.
    """
    figures: dict[str, Figure] = {}
    if "verification/roc" in trained.curves:
        figures["roc"] = roc_figure(baseline, trained)
    if "pairs/roc" in trained.curves:
        figures["pairs_roc"] = roc_figure(baseline, trained, "pairs")
    if "verification/genuine_scores" in trained.curves:
        figures["scores"] = score_histogram_figure(baseline, trained)
    if "identification/cmc" in trained.curves:
        figures["cmc"] = cmc_figure(baseline, trained)
    if samples is not None:
        figures["samples"] = sample_sheet(samples)
    return {name: save(figure, directory.figures / f"{name}.png") for name, figure in figures.items()}


def save(figure: Figure, path: Path) -> Path:
    """Write a PNG in one step."""
    # The software's version would make the bytes differ from machine to machine.
    write_atomically(path, lambda temporary: figure.savefig(temporary, format="png", metadata={"Software": None}))
    return path
