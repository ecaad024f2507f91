"""The figures of a run and their replicates, read with care: what is no figure is refused before it is compared."""

import json
import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from resemblance.comparison.runs import Run
from resemblance.errors import DataError
from resemblance.readable import check_readable
from resemblance.results import Scalar
from resemblance.tracking.paths import RunPaths

FEWEST_REPLICATES = 2
"""Fewer have no variance."""


def read_scalars(paths: RunPaths) -> dict[str, Scalar]:
    """Every figure of ``metrics.json`` by key.

    Raises:
        DataError: in one sentence that names the directory and, where one is wrong, the figure.
    """
    check_readable(paths.metrics)
    try:
        found = json.loads(paths.metrics.read_text("utf-8"))
    except (ValueError, RecursionError) as error:
        raise DataError(_damaged(paths)) from error
    if not isinstance(found, dict):
        raise DataError(_damaged(paths))
    return {key: _scalar(paths, key, value) for key, value in found.items()}


def read_replicates(run: Run, keys: Sequence[str]) -> dict[str, NDArray[np.float64]]:
    """Figures for other draws of the test subjects, float64 [B] each; keys that the run has none for are left out.

    Raises:
        DataError: if the file is damaged, or its contents can be no draws of a figure.
    """
    from safetensors import SafetensorError, safe_open

    path = run.paths.replicates
    if not path.is_file():
        return {}
    check_readable(path)
    try:
        with safe_open(path, framework="numpy") as file:
            there = set(file.keys())
            found = {key: np.asarray(file.get_tensor(key), dtype=np.float64) for key in keys if key in there}
    except (SafetensorError, OSError, ValueError, TypeError, AttributeError, KeyError) as error:
        raise DataError(f"'{path}' is damaged or not one of ours; run that training again.") from error
    for key, drawn in found.items():
        if drawn.ndim != 1 or len(drawn) < FEWEST_REPLICATES or not np.isfinite(drawn).all():
            what = (
                f"have the shape {list(drawn.shape)}"
                if drawn.ndim != 1 or len(drawn) < FEWEST_REPLICATES
                else "are not all numbers"
            )
            raise DataError(f"'{path}' is damaged: the replicates of '{key}' {what}; run that training again.")
    return found


def _scalar(paths: RunPaths, key: str, found: Any) -> Scalar:
    if not isinstance(found, dict) or "value" not in found:
        raise DataError(_damaged(paths))
    value = found["value"]
    if isinstance(value, float) and not math.isfinite(value):
        raise DataError(f"'{paths.path}' can't be compared: its '{key}' is {value}, not a number.")
    wrong = [name for name, is_right in _FIELDS.items() if name in found and not is_right(found[name])]
    if wrong:
        raise DataError(
            f"'{paths.metrics}' is damaged: the {wrong[0]} of '{key}' can't be what is written there; run that "
            f"training again."
        )
    try:
        return Scalar(**found)
    except (TypeError, ValueError) as error:
        raise DataError(_damaged(paths)) from error


def _damaged(paths: RunPaths) -> str:
    return f"'{paths.metrics}' is damaged or not one of ours; run that training again."


def _is_number(value: object) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    try:
        return math.isfinite(value)
    except OverflowError:  # whole numbers beyond 10³⁰⁸ are numbers to Python alone
        return False


def _is_number_or_none(value: object) -> bool:
    return value is None or _is_number(value)


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_text_or_none(value: object) -> bool:
    return value is None or isinstance(value, str)


def _are_counts(value: object) -> bool:
    return isinstance(value, dict) and all(_is_number(each) and each >= 0 for each in value.values())


_FIELDS = {
    "value": _is_number,
    "label": _is_text,
    "counts": _are_counts,
    "low": _is_number_or_none,
    "high": _is_number_or_none,
    "method": _is_text_or_none,
    "note": _is_text_or_none,
    "degrees": lambda value: value is None or (_is_number(value) and value >= 1),
}
