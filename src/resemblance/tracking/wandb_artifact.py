"""The checkpoint that was tested, as a W&B artifact that remembers which seed it is of."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
import wandb

from resemblance.results import Scalar
from resemblance.tracking.paths import RunPaths

LONGEST = 128
"""Characters of an artifact's name."""


def checkpoint_artifact(
    directory: RunPaths, config: Mapping[str, Any], scalars: Mapping[str, Scalar], group: str
) -> tuple[Any, list[str]]:
    """The artifact of type ``model`` and its aliases.

    Runs of one configuration share the artifact's name: each seed is a version of it, and has the alias ``seed-N``.
    ``best`` or ``last`` tells by which rule the checkpoint was selected; both where the last epoch was the best. W&B
    moves an alias to the version that was logged last.

    The file is not copied: the artifact refers to it where it lies in the run directory.

    Args:
        directory: of the run.
        config: of the training.
        scalars: its figures, of which the one that selected the checkpoint is kept beside it.
        group: what its runs are called without their seed.
    """
    rule, metric, seed = config["selection"]["rule"], config["selection"]["metric"], config["seed"]
    tested = tested_checkpoint(directory, config)
    others = [path for path in sorted(directory.checkpoints.glob("*.ckpt")) if path != tested]
    epoch = _epoch(tested)
    aliases = [rule, *(path.stem for path in others if _epoch(path) == epoch), f"seed-{seed}"]
    about = {"epoch": epoch + 1, "seed": seed, "selection": metric, "choices": dict(config.get("choices") or {})}
    if metric in scalars:
        about[metric] = scalars[metric].value
    artifact = wandb.Artifact(artifact_name(group), type="model", metadata=about)
    artifact.add_file(str(tested.absolute()), name=tested.name, policy="immutable", skip_cache=True)
    return artifact, aliases


def artifact_name(group: str) -> str:
    """A name that W&B takes.

    >>> artifact_name("rendered_faces-tiny-cosface-margin=0.3")
    'rendered_faces-tiny-cosface-margin_0.3'
    """
    return re.sub(r"[^\w.-]+", "_", group, flags=re.ASCII)[:LONGEST]


def tested_checkpoint(directory: RunPaths, config: Mapping[str, Any]) -> Path:
    """The file that the selection rule chose."""
    return directory.checkpoints / f"{config['selection']['rule']}.ckpt"


def _epoch(checkpoint: Path) -> int:
    """From 0, as Lightning counts."""
    return int(torch.load(checkpoint, map_location="cpu", mmap=True, weights_only=True)["epoch"])
