"""Which runs were tested on the same people by the same protocol: only those can be compared.

Two runs share a test set if the lists of their test images are the same file, byte for byte, the settings that decide
what those images look like are the same, and so is the protocol but for the rates and ranks that it was asked for, and
the user's own files of comparisons, templates and distractors.
The replicates of runs on one list are drawn alike, which is what makes differences over subjects a subtraction.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from resemblance.comparison.runs import Run
from resemblance.comparison.settings_of import GIVEN, choice, differing, flat, shown

_OF_TRAINING = {
    "train_identities",
    "validation_identities",
    "validation_share",
    "min_images_per_identity",
    "label_noise",
    "long_tail",
    "rotations",
}
"""Settings of data sets that leave the test set alone."""
_OF_THE_NETWORK = {"image_size", "crop", "gray"}
"""How a network is shown the same pictures; a warning tells where they differ."""
_A_PLACE = {"root", "cache_dir"}
_SEED_ONLY_SPLITS = ("resemblance.data.lfw.", "resemblance.data.folder.", "resemblance.data.omniglot.")
"""Data sets whose seed decides who is in which set, which the list of images tells."""
_NO_FIGURE = {"hardest", "calibration", "breakdown"}
_ASKED = {"fars", "ranks", "fpirs", "recalls", "ways", "shots"}
"""What a protocol was asked for; each figure is what it is whatever else was asked."""
_A_LABEL = {"category"}
"""What a protocol only calls its figures by; a warning tells where it differs."""


def by_test_set(runs: Sequence[Run]) -> dict[str, list[Run]]:
    """Runs by the name of the test set, in the order in which they come."""
    sets: dict[str, list[Run]] = {}
    for run in runs:
        sets.setdefault(_identity(run), []).append(run)
    names = _names([members[0] for members in sets.values()])
    return dict(zip(names, sets.values(), strict=True))


def data_settings(run: Run) -> dict[str, object]:
    """The settings of the data set that decide what its test images are."""
    return _data(run.config)


def asked_test_set(config: Mapping[str, Any]) -> str:
    """By what the test set of a configuration is known before its images are listed."""
    return json.dumps([_data(config), _protocol_of(config)], sort_keys=True, default=str)


def _data(config: Mapping[str, Any]) -> dict[str, object]:
    data = config.get("data") or {}
    left_out = _OF_TRAINING | _OF_THE_NETWORK | _A_PLACE
    if str(data.get("_target_", "")).startswith(_SEED_ONLY_SPLITS):
        left_out = left_out | {"seed"}
    return {key: value for key, value in flat(data).items() if key not in left_out}


def pictures(run: Run) -> tuple[object, ...]:
    """By what the pictures of a test set are known, whatever is asked of them: their list, and the seed of drawn ones.

    People that are drawn have the same names with every seed.
    """
    return run.record.files.get("images.csv"), data_settings(run).get("seed")


def _protocol(run: Run) -> dict[str, Any]:
    return _protocol_of(run.config)


def _protocol_of(config: Mapping[str, Any]) -> dict[str, Any]:
    parts: Mapping[str, Any] = config.get("protocol") or {}
    return {
        name: {key: value for key, value in part.items() if key not in _ASKED | _A_LABEL}
        for name, part in parts.items()
        if name not in _NO_FIGURE and isinstance(part, Mapping)
    }


def _identity(run: Run) -> str:
    images = run.record.files.get("images.csv")
    return json.dumps([images, data_settings(run), _protocol(run), _given(run)], sort_keys=True, default=str)


def _given(run: Run) -> dict[str, object]:
    """The user's files by what is in them, or by their names where the run does not know that."""
    return {name: run.record.given.get(name, run.config[name]) for name in GIVEN if run.config.get(name)}


def _names(firsts: Sequence[Run]) -> list[str]:
    """The data set's name, with what differs where several have one."""
    plain = [choice(run, "data") or "test set" for run in firsts]
    names = []
    for name, run in zip(plain, firsts, strict=True):
        same = [other for other, called in zip(firsts, plain, strict=True) if called == name]
        many, mine = [_told(other) for other in same], _told(run)
        changes = [f"{key}={shown(mine[key])}" for key in differing(many) if key in mine]
        names.append(f"{name} ({', '.join(changes)})" if changes else name)
    counts = {name: names.count(name) for name in names}
    # The settings are the same and the people are not: folders whose contents have changed.
    return [
        f"{name} (images {str(run.record.files.get('images.csv'))[:6]})" if counts[name] > 1 else name
        for name, run in zip(names, firsts, strict=True)
    ]


def _told(run: Run) -> dict[str, object]:
    """All by which a test set is known but its images, as its name has it."""
    protocol = {f"protocol.{key}": value for key, value in flat(_protocol(run)).items()}
    known = run.record.given
    files = {
        name: f"{Path(str(run.config[name])).name} {known[name][:6]}" if name in known else run.config[name]
        for name in _given(run)
    }
    return {**data_settings(run), **protocol, **files}
