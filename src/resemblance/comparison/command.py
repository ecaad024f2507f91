"""``compare(config)``: from run directories to a printed and written comparison, as an ordinary function."""

import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from omegaconf import DictConfig
from rich.console import Console

from resemblance.atomic import write_text
from resemblance.comparison.console import print_files, print_study
from resemblance.comparison.csv_files import write_differences, write_leaderboard
from resemblance.comparison.latex import latex
from resemblance.comparison.markdown import markdown
from resemblance.comparison.settings import Settings, checked
from resemblance.comparison.study import Study
from resemblance.comparison.studying import command_of, study_of
from resemblance.config import to_plain
from resemblance.errors import OutputError
from resemblance.tracking.paths import RunPaths

LEADERBOARD, DIFFERENCES = "leaderboard.csv", "differences.csv"
MARKDOWN, LATEX, PAGE, FIGURES = "comparison.md", "tables.tex", "report.html", "figures"


def compare(
    config: DictConfig | Mapping[str, Any],
    output_dir: Path | str,
    overrides: Sequence[str] = (),
    console: Console | None = None,
) -> Study:
    """Compare the runs that a configuration names; print, write and log what was found.

    Args:
        config: ``conf/compare.yaml`` composed; what it does not say has its default.
        output_dir: where the files go; created. Those of an earlier comparison are replaced.
        overrides: what the user said, for the command that repeats it.
        console: where the tables go; the terminal by default.

    Raises:
        ConfigurationError: for a setting that can't be meant.
        DataError: if there is no run to compare.
        OutputError: if the files can't be written.
    """
    console = console or Console()
    settings = checked(to_plain(config) if isinstance(config, DictConfig) else config)
    directory = Path(output_dir)
    _check_writable(directory)
    study = study_of(settings.runs, settings.figures, settings.title, command_of(overrides))
    # Printed before anything is drawn or written: whatever comes of that, the tables have been seen.
    with suppress(SystemExit):  # rich's own, where whoever reads has closed the pipe: `python compare.py … | head`
        print_study(console, study)
    written = write_study(study, directory, settings.formats, images=settings.images)
    with suppress(SystemExit):
        print_files(console, written, _left_over(directory, written))
    if settings.logger["kind"] == "wandb":
        _log(study, written, directory, settings)
    return study


def write_study(study: Study, directory: Path, formats: Sequence[str], *, images: bool = True) -> list[Path]:
    """Write a study, each file whole or not at all.

    Args:
        study: to write.
        directory: of the files; created.
        formats: some of ``csv``, ``markdown``, ``latex``, ``html`` and ``png``.
        images: whether the page shows the images of the hardest pairs.

    Returns:
        The files.

    Raises:
        OutputError: if one can't be written.
    """
    written: list[Path] = []
    if "csv" in formats:
        write_leaderboard(directory / LEADERBOARD, study)
        write_differences(directory / DIFFERENCES, study)
        written += [directory / LEADERBOARD, directory / DIFFERENCES]
    if "markdown" in formats:
        write_text(directory / MARKDOWN, markdown(study))
        written.append(directory / MARKDOWN)
    if "latex" in formats:
        write_text(directory / LATEX, latex(study))
        written.append(directory / LATEX)
    if "html" in formats:
        from resemblance.comparison.page import write_page

        write_page(study, directory / PAGE, images=images)
        written.append(directory / PAGE)
    if "png" in formats:
        from resemblance.comparison.figures import write_figures

        written += write_figures(study, directory / FIGURES).values()
    return written


def _left_over(directory: Path, written: Sequence[Path]) -> list[Path]:
    """Files of formats or figures that were not asked for this time."""
    known = [directory / name for name in (LEADERBOARD, DIFFERENCES, MARKDOWN, LATEX, PAGE)]
    known += sorted((directory / FIGURES).glob("*.png"))
    return [path for path in known if path.exists() and path not in written]


def _check_writable(directory: Path) -> None:
    """Found out before a hundred runs are read: a folder that can be written to, and is not that of a run.

    Raises:
        OutputError: in one sentence.
    """
    if RunPaths(directory).config.exists():
        raise OutputError(f"'{directory}' is the folder of a run; choose another output_dir for the comparison.")
    try:
        directory.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=directory):
            pass
    except (FileExistsError, NotADirectoryError) as error:
        raise OutputError(
            f"'{error.filename}' is a file, so no comparison can be written to '{directory}'; choose another "
            f"output_dir."
        ) from error
    except OSError as error:
        raise OutputError(
            f"The folder '{directory}' can't be written to ({error.strerror}); choose one that you may write to with "
            f"output_dir=…."
        ) from error


def _log(study: Study, written: Sequence[Path], directory: Path, settings: Settings) -> None:
    """To W&B, whose package takes a second to import."""
    from resemblance.comparison.wandb_log import log_comparison

    log_comparison(study, written, directory, settings.logger)
