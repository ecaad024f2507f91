"""``logger=``: where a run is shown beside its own directory, as one ``with`` block whatever was chosen.

Nothing that computes or logs is imported before it is chosen: an evaluation checks its settings in a moment.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Protocol

from resemblance.errors import ConfigurationError
from resemblance.tracking.paths import RunPaths
from resemblance.tracking.wandb_about import check_wandb

if TYPE_CHECKING:
    from pytorch_lightning.loggers import Logger

    from resemblance.results import Result

KINDS = ("wandb", "tensorboard", "csv", "none")


class Tracker(Protocol):
    """What a run is shown by.

    Attributes:
        lightning: loggers for a Lightning trainer.
    """

    lightning: "list[Logger]"

    def log_final(self, results: "Result", directory: RunPaths, config: Mapping[str, Any] | None = None) -> None:
        """Log what the run has found.

        Args:
            results: of all sets, with their prefixes.
            directory: of the run, with its figures.
            config: of a training, whose checkpoint may be logged, too.
        """

    def log_table(self, key: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        """Log a table."""


class NoTracker:
    """The run directory alone."""

    def __init__(self) -> None:
        self.lightning: list[Logger] = []

    def log_final(self, results: "Result", directory: RunPaths, config: Mapping[str, Any] | None = None) -> None:
        """Nothing."""

    def log_table(self, key: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        """Nothing."""


@contextmanager
def run_tracker(
    directory: RunPaths,
    config: Mapping[str, Any],
    settings: Mapping[str, Any],
    *,
    group: str | None,
    name: str,
    job_type: str = "train",
) -> Iterator[Tracker]:
    """What the configuration chose to show a run by, for the length of a ``with`` block.

    Args:
        directory: of the run; ``wandb/``, ``tensorboard/`` or ``csv/`` in it.
        config: plain containers, logged as the run's configuration.
        settings: ``conf/logger/*.yaml``.
        group: what runs of one configuration share.
        name: of the run.
        job_type: ``train``, ``tune``, ``evaluate``, ``sweep`` or ``compare``.

    Raises:
        ConfigurationError: for a choice that can't work.
    """
    check_logger(settings)
    if settings["kind"] == "wandb":
        from resemblance.tracking.wandb_run import wandb_tracker

        with wandb_tracker(directory, config, settings, group=group, name=name, job_type=job_type) as run:
            yield NoTracker() if run is None else run
    elif settings["kind"] in ("tensorboard", "csv"):
        from resemblance.tracking.file_loggers import file_tracker

        with file_tracker(directory, config, settings["kind"]) as files:
            yield files
    else:
        yield NoTracker()


def check_logger(settings: Mapping[str, Any]) -> None:
    """Refuse a logger that can't be, before any data is touched.

    Args:
        settings: ``conf/logger/*.yaml``.

    Raises:
        ConfigurationError: for a kind that does not exist, a setting of W&B's that can't be, or a missing package.
    """
    kind = settings["kind"]
    if kind not in KINDS:
        raise ConfigurationError(f"logger.kind is one of {', '.join(KINDS)}, not '{kind}'.")
    if kind == "wandb":
        check_wandb(settings)
    if kind == "tensorboard":
        from importlib.util import find_spec

        if find_spec("tensorboard") is None:
            raise ConfigurationError(
                "logger=tensorboard needs the package tensorboard; install it with `pip install "
                "'resemblance[tensorboard]'`, or choose another logger."
            )
