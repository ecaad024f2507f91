"""What a run is called: by what was chosen and changed, so that runs of one configuration find together."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from pathlib import PurePath

LONGEST = 100
"""Characters of a group; W&B takes 128, and the seed follows."""

_FIRST = ("data", "backbone", "loss")
_SAYS_NOTHING = {"seed", "output_dir", "logger", "protocol", "hydra", "sweep", "measure_test"}
_OF_AN_EVALUATION = {"checkpoint", "embeddings", "model", "model.name", "device", "evaluation.batch_size"}
"""What is measured, which is told in front, and what changes no figure."""
_IS_A_PATH = {"root", "path", "dir", "folder", "cache", "file"}


def run_names(choices: Mapping[str, str], overrides: Sequence[str], seed: int) -> tuple[str, str]:
    """Group (the configuration without its seed) and name (group and seed) of a run.

    >>> choices = {"data": "rendered_faces", "backbone": "tiny", "loss": "cosface", "logger": "wandb"}
    >>> run_names(choices, ["loss=cosface", "loss.margin=0.3", "epochs=9", "seed=1"], seed=1)
    ('rendered_faces-tiny-cosface-epochs=9-margin=0.3', 'rendered_faces-tiny-cosface-epochs=9-margin=0.3-seed1')

    Args:
        choices: the option taken of each config group.
        overrides: what the user changed, as ``key=value``; paths and what does not change a training say nothing.
        seed: of the run.
    """
    parts = [choices[group] for group in _FIRST if group in choices]
    for key, value in sorted(_changes(overrides)):
        group, _, setting = key.partition(".")
        if key in choices:
            parts.append(value)
        elif group == "loss":
            parts.append(f"{setting}={value}")
        else:
            parts.append(f"{key}={value}")
    name = cleaned(parts)
    return name, f"{name}-seed{seed}"


def evaluation_names(group: str, name: str, overrides: Sequence[str]) -> tuple[str, str]:
    """Group and name of an evaluation: those of what is measured, and then on what, and how.

    >>> evaluation_names("cosface", "cosface-seed1", ["checkpoint=runs/x", "pairs=lfw/pairs.txt", "data=lfw"])
    ('cosface-data=lfw-pairs=pairs', 'cosface-seed1-data=lfw-pairs=pairs')

    Args:
        group: of the training that is measured, or the name of a network or file.
        name: of its run.
        overrides: what the user chose, as ``key=value``.
    """
    changes = []
    for override in overrides:
        key, equals, value = override.lstrip("+~").partition("=")
        part, leaf = key.partition(".")[0], key.rpartition(".")[2]
        path = any(word in _IS_A_PATH for word in leaf.split("_"))
        silent = part in _SAYS_NOTHING - {"protocol"} or key in _OF_AN_EVALUATION
        if equals and not path and not silent:
            value = value.strip("'\"[]{}")
            changes.append(f"{key}={PurePath(value).stem if '/' in value else value}")
    return cleaned([group, *sorted(changes)]), cleaned([name, *sorted(changes)])


def cleaned(parts: Sequence[str]) -> str:
    """What files and W&B take, and no longer than W&B takes it."""
    name = re.sub(r"[^\w.+=-]+", "_", "-".join(parts)).strip("_")
    if len(name) > LONGEST:
        name = f"{name[: LONGEST - 9]}-{hashlib.sha256(name.encode()).hexdigest()[:8]}"
    return name


def _changes(overrides: Sequence[str]) -> list[tuple[str, str]]:
    changes = []
    for override in overrides:
        key, equals, value = override.lstrip("+~").partition("=")
        group, leaf = key.partition(".")[0], key.rpartition(".")[2]
        named = group in _FIRST and "." not in key  # already in front
        path = any(word in _IS_A_PATH for word in leaf.split("_"))
        if equals and not named and not path and group not in _SAYS_NOTHING:
            changes.append((key, value.strip("'\"[]{}")))
    return changes
