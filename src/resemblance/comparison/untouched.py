"""A run directory is what its run has written: every file that a comparison reads is listed, and none has changed."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from resemblance.errors import DataError
from resemblance.readable import check_readable
from resemblance.tracking.paths import RunPaths
from resemblance.tracking.run_record import RunRecord, configuration_hash, sha256


def check_listed(paths: RunPaths, record: RunRecord, figures: Iterable[str]) -> None:
    """Refuse a record that says nothing of a file: without a checksum anybody may have changed it.

    Args:
        paths: of the run.
        record: of it.
        figures: its keys; a list of test images belongs to those of a test set.

    Raises:
        DataError: naming the first such file.
    """
    always = [paths.metrics, paths.config, paths.results]
    if any(key.startswith("test/") for key in figures):
        always.append(paths.images)
    where_there = [paths.images, paths.replicates, paths.embeddings, paths.history]
    for file in [*always, *(file for file in where_there if file.exists())]:
        if file.name not in record.files:
            raise DataError(
                f"'{paths.path}' was changed after the run: run.json has no checksum of {file.name}; restore it, or "
                f"run that training again."
            )


def check_untouched(path: Path, record: RunRecord, names: Sequence[str]) -> None:
    """Refuse a directory whose files are not those that the run has written.

    Raises:
        DataError: naming the first file that is missing or another.
    """
    for name in names:
        file = path / name
        check_readable(file)
        if not file.is_file():
            raise DataError(f"'{path}' lacks {name}, which the run has written; copy it again, or run it again.")
        if name not in record.files or sha256(file) != record.files[name]:
            raise DataError(
                f"'{path}' was changed after the run: the checksum of {name} is not that in run.json; restore it, or "
                f"run that training again."
            )


def check_configuration(paths: RunPaths, record: RunRecord, config: Mapping[str, Any]) -> None:
    """Refuse a training whose configuration is not the one that its record is of.

    Raises:
        DataError: in one sentence.
    """
    trainer = config.get("trainer")
    possible = [config]
    if isinstance(trainer, Mapping):
        # What they may have been before they became a number, which is after the hash was taken.
        before = ("auto", str(trainer.get("devices")))
        possible += [{**config, "trainer": {**trainer, "devices": devices}} for devices in before]
    if isinstance(data := config.get("data"), Mapping) and data.get("images") is not None:
        possible += [{**each, "data": {**data, "images": None}} for each in possible]  # before they were found
    if not any(configuration_hash(each) == record.configuration for each in possible):
        raise DataError(
            f"'{paths.path}' was changed after the run: config.yaml is not the configuration that run.json is of; "
            f"restore it, or run that training again."
        )
