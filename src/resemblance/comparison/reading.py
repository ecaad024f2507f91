"""A run directory becomes a :class:`Run`, or one sentence says why it can't.

Nothing that computes is imported, and only what conclusions need is parsed: curves and embeddings are read when
somebody asks for them.
"""

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from resemblance.comparison.runs import Run
from resemblance.comparison.tuning import is_trial
from resemblance.errors import DataError
from resemblance.readable import check_readable
from resemblance.results import Scalar
from resemblance.tracking.paths import FAILURE, INTERRUPTED, RunPaths
from resemblance.tracking.run_record import RunRecord, read_record

_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_LATER = {"embeddings.safetensors"}
"""Files whose checksum is looked at by who reads them, with :func:`check_untouched`: no conclusion rests on them."""


def read_run(path: Path) -> Run:
    """A finished run.

    Args:
        path: its directory.

    Raises:
        DataError: in one sentence that names the directory: it has failed, is half written, of another version,
            edited, damaged, or holds a figure that is not a number.
    """
    paths = RunPaths(path)
    _check_finished(paths)
    record = read_record(path)
    scalars = _scalars(paths)
    check_untouched(path, record, [name for name in record.files if name not in _LATER])
    config = _config(paths)
    if "epochs" not in config:
        config, scalars = _of_an_evaluation(paths, config, scalars)
    seed = config.get("seed")
    if not isinstance(seed, int) or isinstance(seed, bool):
        raise DataError(f"'{paths.config}' has no seed, so '{path}' is not a training of ours.")
    return Run(paths, config, seed, scalars, record)


def read_trial(path: Path) -> bool:
    """Whether a run, be it whole or not, is a trial of a tuning."""
    paths = RunPaths(path)
    try:
        if "measure_test: false" not in paths.config.read_text("utf-8"):
            return False  # parsing takes fifty times longer than that
        return is_trial(_config(paths))
    except (DataError, OSError, ValueError):
        return False


def read_replicates(run: Run, keys: Sequence[str]) -> dict[str, np.ndarray]:
    """Figures for other draws of the test subjects, float64 [B] each; keys that the run has none for are left out.

    Raises:
        DataError: if the file is damaged.
    """
    from safetensors import SafetensorError, safe_open

    path = run.paths.replicates
    if not path.is_file():
        return {}
    check_readable(path)
    try:
        with safe_open(path, framework="numpy") as file:
            there = set(file.keys())
            return {key: np.asarray(file.get_tensor(key), dtype=np.float64) for key in keys if key in there}
    except (SafetensorError, OSError, ValueError) as error:
        raise DataError(f"'{path}' is damaged or not one of ours; run that training again.") from error


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
        if hashlib.sha256(file.read_bytes()).hexdigest() != record.files[name]:
            raise DataError(
                f"'{path}' was changed after the run: the checksum of {name} is not that in run.json; restore it, or "
                f"run that training again."
            )


def _check_finished(paths: RunPaths) -> None:
    failure = paths.path / FAILURE
    if failure.is_file():
        check_readable(failure)
        reason = failure.read_text("utf-8", errors="replace").partition("\n")[0].strip()
        if reason == INTERRUPTED:
            raise DataError(f"'{paths.path}' was interrupted; run it again.")
        raise DataError(f"'{paths.path}' has failed: {reason or 'failed.txt does not say why.'}")
    if not paths.finished:
        raise DataError(f"'{paths.path}' is half written: there is no metrics.json in it; let it end, or run it again.")


def _scalars(paths: RunPaths) -> dict[str, Scalar]:
    check_readable(paths.metrics)
    damaged = f"'{paths.metrics}' is damaged or not one of ours; run that training again."
    try:
        found = json.loads(paths.metrics.read_text("utf-8"))
    except ValueError as error:
        raise DataError(damaged) from error
    try:
        for key, value in found.items():
            if isinstance(value["value"], bool) or not math.isfinite(value["value"]):
                raise DataError(f"'{paths.path}' can't be compared: its '{key}' is {value['value']}, not a number.")
        return {key: Scalar(**value) for key, value in found.items()}
    except (ValueError, TypeError, AttributeError, KeyError) as error:
        raise DataError(damaged) from error


def _config(paths: RunPaths) -> dict[str, Any]:
    check_readable(paths.config)
    try:
        found = yaml.load(paths.config.read_text("utf-8"), Loader=_Loader)
    except FileNotFoundError as error:
        raise DataError(f"'{paths.path}' lacks config.yaml, so what it trained is not known; copy it again.") from error
    except (ValueError, yaml.YAMLError) as error:
        raise DataError(f"'{paths.config}' is damaged or not one of ours; run that training again.") from error
    if not isinstance(found, dict):
        raise DataError(f"'{paths.config}' is damaged or not one of ours; run that training again.")
    return found


def _of_an_evaluation(
    paths: RunPaths, config: Mapping[str, Any], scalars: Mapping[str, Scalar]
) -> tuple[dict[str, Any], dict[str, Scalar]]:
    """Configuration and figures of a checkpoint's training, with data, protocol and figures of the evaluation.

    Raises:
        DataError: if it measured something else than a training of ours, or that is gone.
    """
    checkpoint = config.get("checkpoint")
    if not checkpoint:
        raise DataError(
            f"'{paths.path}' measures no training of ours, so it has no seed to be compared by; evaluate a checkpoint."
        )
    place = Path(str(checkpoint)).expanduser()
    home = RunPaths(place.parent.parent if place.suffix == ".ckpt" else place)
    if not home.config.is_file():
        raise DataError(
            f"'{paths.path}' measures the checkpoint of '{home.path}', which is not there (any more), so its seed and "
            f"settings are not known; start from the folder that it was evaluated from."
        )
    check_untouched(home.path, read_record(home.path), [home.config.name])
    trained = _config(home)
    whole = {**trained, "logger": config.get("logger"), "name": config.get("name"), "group": config.get("group")}
    whole |= {key: config[key] for key in ("data", "protocol") if key in config}
    whole["evaluation"] = {**trained.get("evaluation", {}), **config.get("evaluation", {})}
    whole["rehearsal"] = bool(trained.get("rehearsal")) or bool(config.get("rehearsal"))
    here = {key: value for key, value in config.get("choices", {}).items() if key in ("data", "protocol")}
    whole["choices"] = {**trained.get("choices", {}), **here}
    if config.get("data") != trained.get("data"):
        whole["trained_on"] = trained.get("data")
    cost = {}
    if home.finished:
        cost = {key: value for key, value in _scalars(home).items() if key.startswith("train/")}
    return whole, {**scalars, **cost}
