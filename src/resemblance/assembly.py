"""Network, loss and training module of a run, from one seed: alike in each of its processes."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import pytorch_lightning as pl

from resemblance import checkpoints, parts
from resemblance.data.source import FaceSource
from resemblance.losses.base import MetricLoss
from resemblance.models import FaceNetwork, FaceTrainingModule


class Assembly(NamedTuple):
    """What is trained, by itself and in the module that trains it."""

    network: FaceNetwork
    loss: MetricLoss
    module: FaceTrainingModule


def assemble(config: Mapping[str, Any], source: FaceSource, identity_names: Sequence[str]) -> Assembly:
    """Seed everything and build what is trained.

    Args:
        config: plain containers.
        source: says how large its images are.
        identity_names: of the training set.
    """
    pl.seed_everything(config["seed"], workers=True, verbose=False)
    network = parts.build_network(config, source.image_size)  # before the loss: every loss begins from the same one
    loss = parts.build_loss(config, len(identity_names))
    loss.gather = config["trainer"]["gather"]
    record = checkpoints.record(config, image_size=source.image_size, identity_names=identity_names)
    return Assembly(network, loss, parts.build_training_module(config, network, loss, record))
