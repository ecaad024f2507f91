"""Which checkpoint a path means, and what its configuration says of data, protocols and names."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytorch_lightning as pl
import torch
from torch import Tensor

from resemblance import checkpoints, parts
from resemblance.data.name_hash import name_digests
from resemblance.errors import DataError
from resemblance.evaluating.stored_config import check_stored
from resemblance.models import FaceNetwork
from resemblance.similarity import Similarity
from resemblance.tracking.paths import RunPaths

TAKEN_OVER = ("backbone", "neck", "embedding_size", "loss", "memory", "seed")
"""What an evaluation's configuration repeats of the training's, so that runs can be told apart by it."""


@dataclass(frozen=True)
class CheckpointRun:
    """A trained network and how it came about.

    Attributes:
        path: of the checkpoint file.
        config: of the training, plain containers.
        network: in evaluation mode.
        similarity: that it was trained for.
        image_size: of the images that it takes.
        trained_identities: hashes of the names of those whom it was trained on; none where the file does not say.
    """

    path: Path
    config: Mapping[str, Any]
    network: FaceNetwork
    similarity: Similarity
    image_size: int
    trained_identities: Tensor

    @property
    def has_ended(self) -> bool:
        """Whether the training that wrote the file has ended, or lies elsewhere, where nobody knows."""
        home = RunPaths(self.path.parent.parent)
        return home.finished or not home.history.exists()

    def trained_on(self, identity_names: Sequence[str]) -> int:
        """How many of the names are those of identities that the network was trained on."""
        return int(torch.isin(name_digests(identity_names), self.trained_identities).sum())

    def untrained(self) -> FaceNetwork:
        """The network that the training began from."""
        pl.seed_everything(self.config["seed"], workers=True, verbose=False)
        return parts.build_network(self.config, self.image_size).eval()


def open_checkpoint(path: Path) -> CheckpointRun:
    """Load a checkpoint file, or the one of a run directory that its training tested.

    Raises:
        DataError: if it is missing, damaged, not ours, or its configuration is incomplete.
        ConfigurationError: if its configuration names what is no part of ours.
    """
    file = path
    if path.is_dir():
        folder = RunPaths(path).checkpoints
        found = sorted(folder.glob("*.ckpt"))
        if not found:
            raise DataError(
                f"'{path}' holds no checkpoint; a training writes checkpoints/best.ckpt and last.ckpt into its run "
                f"directory."
            )
        file = next((file for file in found if file.stem == "best"), found[0])
    contents = checkpoints.read(file)
    check_stored(contents[checkpoints.KEY], file)
    rule = contents[checkpoints.KEY]["config"].get("selection", {}).get("rule", "best")
    if path.is_dir() and file.stem != rule and (tested := file.with_stem(rule)).is_file():
        file, contents = tested, checkpoints.read(tested)
        check_stored(contents[checkpoints.KEY], file)
    about = contents[checkpoints.KEY]
    network, loss = checkpoints.rebuild(contents, file)
    similarity = loss.similarity.requires_grad_(False)
    trained = about.get("trained_identities", torch.empty(0, dtype=torch.int64))
    return CheckpointRun(file, about["config"], network, similarity, about["image_size"], trained)
