"""What lies where in a run directory."""

from pathlib import Path

FAILURE = "failed.txt"
"""In the directory of a multirun's job that failed: the reason, in its first line."""
INTERRUPTED = "interrupted"
"""That reason, where somebody pressed Ctrl-C."""
TRIALS = "tuning"
"""In the directory of a study that was tuned: the folder of its trials; see :mod:`resemblance.studies.tuning`."""
TUNING = "tuning.json"
"""Beside it: how many trials there were for each contestant, and what came out."""


class RunPaths:
    """Names of the files of a run; nothing is touched.

    Args:
        path: the run directory.
    """

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path)

    @property
    def config(self) -> Path:
        """The resolved configuration."""
        return self.path / "config.yaml"

    @property
    def metrics(self) -> Path:
        """Every figure with its interval and counts; written last, so it marks a finished run."""
        return self.path / "metrics.json"

    @property
    def results(self) -> Path:
        """Figures, curves and tables: all that is drawn can be drawn again from it."""
        return self.path / "results.json"

    @property
    def replicates(self) -> Path:
        """Each figure of the test set for other draws of its subjects, for the differences between two runs."""
        return self.path / "replicates.safetensors"

    @property
    def record(self) -> Path:
        """By what the run is known again, and the checksums of its files."""
        return self.path / "run.json"

    @property
    def history(self) -> Path:
        """One row an epoch."""
        return self.path / "history.csv"

    @property
    def embeddings(self) -> Path:
        """Raw embeddings of the test set."""
        return self.path / "embeddings.safetensors"

    @property
    def images(self) -> Path:
        """Identity and image id of each row of the embeddings."""
        return self.path / "images.csv"

    @property
    def failures(self) -> Path:
        """Images that gave no embedding, with the reason; only where there are any."""
        return self.path / "failures.csv"

    @property
    def hardest_pairs(self) -> Path:
        """The worst false matches and false non-matches of the test set by name."""
        return self.path / "hardest_pairs.csv"

    def breakdown(self, name: str) -> Path:
        """The groups of a column of metadata with their figures."""
        return self.path / f"breakdown_{name}.csv"

    @property
    def breakdowns(self) -> list[Path]:
        """All such files."""
        return sorted(self.path.glob("breakdown_*.csv"))

    @property
    def checkpoints(self) -> Path:
        """Folder of ``best.ckpt`` and ``last.ckpt``."""
        return self.path / "checkpoints"

    @property
    def figures(self) -> Path:
        """Folder of PNG files."""
        return self.path / "figures"

    @property
    def wandb(self) -> Path:
        """Folder of the offline W&B run."""
        return self.path / "wandb"

    def log(self, kind: str) -> Path:
        """Folder of what ``logger=tensorboard`` or ``logger=csv`` has written."""
        return self.path / kind

    @property
    def finished(self) -> bool:
        """Whether a run has ended here and left its figures."""
        return self.metrics.is_file()

    def written(self) -> list[Path]:
        """The files and folders of a run that exist, in the order in which a reader wants them."""
        files = [
            self.metrics,
            self.results,
            self.replicates,
            self.history,
            self.config,
            self.record,
            self.embeddings,
            self.images,
            self.failures,
            self.hardest_pairs,
            *self.breakdowns,
            *sorted(self.figures.glob("*.png")),
            *sorted(self.checkpoints.glob("*.ckpt")),
            *sorted(self.wandb.glob("*run-*-*")),
            self.log("tensorboard"),
            self.log("csv"),
        ]
        return [path for path in files if path.exists()]

    def __fspath__(self) -> str:
        return str(self.path)
