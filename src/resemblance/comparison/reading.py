"""A run directory becomes a :class:`Run`, or one sentence says why it can't.

Nothing that computes is imported, and only what conclusions need is parsed: curves and embeddings are read when
somebody asks for them.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from resemblance.comparison.figures_of import read_scalars
from resemblance.comparison.runs import Run
from resemblance.comparison.settings_of import GIVEN
from resemblance.comparison.tuning import is_trial
from resemblance.comparison.untouched import check_configuration, check_listed, check_untouched
from resemblance.errors import DataError
from resemblance.readable import check_readable
from resemblance.results import Scalar
from resemblance.tracking.paths import FAILURE, INTERRUPTED, RunPaths
from resemblance.tracking.run_record import read_record, without_places

_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_LATER = re.compile(r"embeddings\.safetensors|hardest_pairs\.csv|figures/.*")
"""Files whose checksum is looked at by who reads them: no conclusion rests on them, they are large, or show people."""
_SECTIONS = ("data", "protocol", "choices", "evaluation", "selection")
"""Parts of a configuration that are looked into."""

_LFW = "resemblance.data.lfw.LFW"
"""The data set of which there are two sets of images; a run that does not say which is older than that setting."""


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
    scalars = read_scalars(paths)
    check_listed(paths, record, scalars)
    check_untouched(path, record, [name for name in record.files if not _LATER.fullmatch(name)])
    config = _config(paths)
    if "epochs" in config:
        check_configuration(paths, record, config)
    else:
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


def _check_finished(paths: RunPaths) -> None:
    if paths.finished:
        return  # figures that were written stay true, whatever failed after them
    failure = paths.path / FAILURE
    if failure.is_file():
        check_readable(failure)
        reason = failure.read_text("utf-8", errors="replace").partition("\n")[0].strip()
        if reason == INTERRUPTED:
            raise DataError(f"'{paths.path}' was interrupted; run it again.")
        raise DataError(f"'{paths.path}' has failed: {reason or 'failed.txt does not say why.'}")
    raise DataError(f"'{paths.path}' is half written: there is no metrics.json in it; let it end, or run it again.")


def _config(paths: RunPaths) -> dict[str, Any]:
    check_readable(paths.config)
    try:
        found = yaml.load(paths.config.read_text("utf-8"), Loader=_Loader)
    except FileNotFoundError as error:
        raise DataError(f"'{paths.path}' lacks config.yaml, so what it trained is not known; copy it again.") from error
    except (ValueError, yaml.YAMLError, RecursionError) as error:
        raise DataError(f"'{paths.config}' is damaged or not one of ours; run that training again.") from error
    if not isinstance(found, dict) or not _has_names_alone(found):
        raise DataError(f"'{paths.config}' is damaged or not one of ours; run that training again.")
    for section in _SECTIONS:
        if not isinstance(found.get(section, {}), dict | None):
            raise DataError(
                f"'{paths.config}' is damaged: its '{section}' is no list of settings; restore it, or run that "
                f"training again."
            )
    data = found.get("data")
    if data and data.get("_target_") == _LFW and data.get("images") is None:
        found["data"] = {**data, "images": "aligned"}
    return found


def _has_names_alone(found: Mapping[Any, Any]) -> bool:
    """Whether all settings are called by text, within sections too."""
    return all(
        isinstance(name, str) and (not isinstance(value, Mapping) or _has_names_alone(value))
        for name, value in found.items()
    )


def _of_an_evaluation(
    paths: RunPaths, config: Mapping[str, Any], scalars: Mapping[str, Scalar]
) -> tuple[dict[str, Any], dict[str, Scalar]]:
    """Configuration and figures of a checkpoint's training, with data, protocol and figures of the evaluation.

    What it measured otherwise than its training does by itself stands among the settings of ``evaluation``.

    Raises:
        DataError: if it measured something else than a training of ours, or that is gone or has not ended.
    """
    checkpoint = config.get("checkpoint")
    if not checkpoint:
        raise DataError(
            f"'{paths.path}' measures no training of ours, so it has no seed to be compared by; evaluate a checkpoint."
        )
    place = Path(str(checkpoint)).expanduser()
    is_file = place.suffix == ".ckpt"
    home = RunPaths(place.parent.parent if is_file else place)
    if not home.config.is_file():
        raise DataError(
            f"'{paths.path}' measures the checkpoint of '{home.path}', which is not there (any more), so its seed and "
            f"settings are not known; start from the folder that it was evaluated from."
        )
    if not home.finished:
        raise DataError(
            f"'{paths.path}' measures a checkpoint of '{home.path}', a training that has not ended, so its settings "
            f"can't be relied on; let that training end, or run it again."
        )
    record = read_record(home.path)
    check_untouched(home.path, record, [home.config.name, home.metrics.name])
    trained = _config(home)
    check_configuration(home, record, trained)
    whole = {**trained, "logger": config.get("logger"), "name": config.get("name"), "group": config.get("group")}
    whole |= {key: config[key] for key in ("data", "protocol") if key in config}
    whole |= {key: config[key] for key in GIVEN if config.get(key) is not None}
    whole["evaluation"] = {**(trained.get("evaluation") or {}), **(config.get("evaluation") or {})}
    rule = (trained.get("selection") or {}).get("rule", "best")
    usual = {"similarity": "auto", "invalid": "refuse", "checkpoint": rule}
    here = {**config, "checkpoint": place.stem if is_file else rule}
    whole["evaluation"] |= {key: here[key] for key, value in usual.items() if here.get(key, value) != value}
    whole["rehearsal"] = bool(trained.get("rehearsal")) or bool(config.get("rehearsal"))
    choices = {key: value for key, value in (config.get("choices") or {}).items() if key in ("data", "protocol")}
    whole["choices"] = {**(trained.get("choices") or {}), **choices}
    trained_on, tested_on = (without_places(of.get("data") or {}) for of in (trained, config))
    if tested_on != trained_on:
        whole["trained_on"] = trained_on
    cost = {key: value for key, value in read_scalars(home).items() if key.startswith("train/")}
    return whole, {**scalars, **cost}
