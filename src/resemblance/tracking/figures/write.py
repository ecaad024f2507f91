"""Writes the pictures of a run; whatever a protocol did not measure is left out."""

from collections.abc import Iterator
from pathlib import Path

from matplotlib.figure import Figure

from resemblance.atomic import write_atomically
from resemblance.results import Result
from resemblance.tracking.breakdown import breakdown_columns, file_names
from resemblance.tracking.figures.breakdown import breakdown_figure
from resemblance.tracking.figures.calibration import calibration_figure
from resemblance.tracking.figures.cmc import cmc_figure
from resemblance.tracking.figures.det import det_figure
from resemblance.tracking.figures.hardest import KINDS, hardest_sheet
from resemblance.tracking.figures.open_set import open_set_figure
from resemblance.tracking.figures.roc import roc_figure
from resemblance.tracking.figures.samples import Samples, sample_sheet
from resemblance.tracking.figures.scores import score_histogram_figure
from resemblance.tracking.paths import RunPaths


def write_figures(
    directory: RunPaths, baseline: Result | None, trained: Result, samples: Samples | None = None
) -> dict[str, Path]:
    """Write ``figures/*.png`` and return the paths by name, see ``docs/tracking.md``.

    Args:
        directory: of the run.
        baseline: the untrained network on the test set, keys as the protocols gave them; None where there is none.
        trained: what was measured on the same.
        samples: images of the test set, all of them and in its order; None where there are only embeddings.

    Raises:
        OutputError: if a file can't be written.
    """
    return {
        name: save(figure, directory.figures / f"{name}.png") for name, figure in _drawn(baseline, trained, samples)
    }


def _drawn(baseline: Result | None, trained: Result, samples: Samples | None) -> Iterator[tuple[str, Figure]]:
    """One figure after the other, so that no more than one is in memory."""
    for protocol, prefix in (("verification", ""), ("pairs", "pairs_")):
        if f"{protocol}/roc" in trained.curves:
            yield f"{prefix}roc", roc_figure(baseline, trained, protocol)
            yield f"{prefix}det", det_figure(baseline, trained, protocol)
        if f"{protocol}/genuine_scores" in trained.curves:
            yield f"{prefix}scores", score_histogram_figure(baseline, trained, protocol)
    if "verification/calibration" in trained.tables:
        yield "calibration", calibration_figure(trained)
    if "identification/cmc" in trained.curves:
        yield "cmc", cmc_figure(baseline, trained)
    if "open_set/tpir" in trained.curves:
        yield "open_set", open_set_figure(baseline, trained)
    columns = list(breakdown_columns(trained))
    for column, name in zip(columns, file_names(columns), strict=True):
        yield f"breakdown_{name}", breakdown_figure(trained, column)
    if samples is None:
        return
    if samples.image_ids is not None:
        for kind in KINDS:
            table = trained.tables.get(f"verification/hardest_{kind}")
            if table is not None and table.rows:
                yield f"hardest_{kind}", hardest_sheet(trained, samples, kind)
    yield "samples", sample_sheet(samples)


def save(figure: Figure, path: Path) -> Path:
    """Write a PNG in one step."""
    # The software's version would make the bytes differ from machine to machine.
    write_atomically(path, lambda temporary: figure.savefig(temporary, format="png", metadata={"Software": None}))
    return path
