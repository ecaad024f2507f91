"""The parts of a run, built from its configuration: source, network, loss, protocols, optimiser."""

import warnings
from collections.abc import Mapping
from typing import Any

from resemblance.config import build, check, locate, needs, partial
from resemblance.data.datamodule import FaceDataModule
from resemblance.data.source import FaceSource
from resemblance.embeddings import Embeddings
from resemblance.errors import ConfigurationError
from resemblance.losses.base import MetricLoss
from resemblance.models import FaceNetwork, FaceTrainingModule
from resemblance.models.training_module import MakeOptimizer, MakeScheduler
from resemblance.protocols import run_protocols
from resemblance.results import Result
from resemblance.similarity import Similarity

Plain = Mapping[str, Any]
PARTS = ("data", "backbone", "neck", "loss", "sampler", "augmentation", "optimizer", "scheduler")


def check_parts(config: Plain) -> None:
    """Refuse what can't work while no image has been read and no network built.

    Raises:
        ConfigurationError: naming the setting, its value and what it may be.
    """
    for name in PARTS:
        check(name, _without_our_own(config[name]))
    for name, node in config["protocol"].items():
        check(f"protocol.{name}", node)
    if config["epochs"] < 1:
        raise ConfigurationError(f"A training takes at least one epoch, not epochs={config['epochs']}.")
    for group, keys in {
        "batch": ("identities", "images_per_identity"),
        "evaluation": ("batch_size",),
    }.items():
        for key in keys:
            if config[group][key] < 1:
                raise ConfigurationError(f"{group}.{key} must be 1 or more, not {config[group][key]}.")
    # Two identities stand in for the training set's until it has been read: bounds that tighten with their number
    # are checked again then.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        loss = build_loss(config, num_identities=2)
    if config["batch"]["images_per_identity"] < loss.min_images_per_identity:
        raise ConfigurationError(
            f"loss={config['choices']['loss']} compares images of one identity and needs "
            f"batch.images_per_identity={loss.min_images_per_identity} or more, not "
            f"{config['batch']['images_per_identity']}."
        )


def _without_our_own(node: Plain) -> dict[str, Any]:
    return {key: value for key, value in node.items() if key != "loss_lr_scale"}


def build_source(config: Plain) -> FaceSource:
    """The data set, cut down where the run is a rehearsal."""
    source: FaceSource = build("data", config["data"])
    return source.rehearsal() if config["rehearsal"] else source


def build_datamodule(config: Plain, source: FaceSource) -> FaceDataModule:
    """Loaders over the source, with the sampler that the configuration names and the images that the loss asks for."""
    sampler = partial("sampler", config["sampler"])
    loss: type[MetricLoss] = locate(config["loss"]["_target_"])

    def make_sampler(**known: Any) -> Any:
        return sampler(seed=config["seed"], min_images_per_identity=loss.min_images_per_identity, **known)

    return FaceDataModule(source, make_sampler, config["evaluation"]["batch_size"])


def check_pair_list(config: Plain, source: FaceSource) -> None:
    """Refuse a protocol that compares a given list of pairs on a data set that has none.

    Raises:
        ConfigurationError: naming the protocol and the data set.
    """
    if any("pairs" in needs(node) for node in config["protocol"].values()) and source.pairs() is None:
        raise ConfigurationError(
            f"protocol={config['choices']['protocol']} compares a list of pairs, and data={config['choices']['data']} "
            f"has none; take protocol=faces."
        )


def build_network(config: Plain, image_size: int) -> FaceNetwork:
    """Backbone and neck for images of this size."""
    backbone = build("backbone", config["backbone"], image_size=image_size)
    neck = build(
        "neck", config["neck"], feature_shape=backbone.feature_shape, embedding_size=config["embedding_size"]
    )
    return FaceNetwork(backbone, neck)


def build_loss(config: Plain, num_identities: int) -> MetricLoss:
    """The loss, told what it needs to know of the data."""
    loss: MetricLoss = build(
        "loss", config["loss"], num_identities=num_identities, embedding_size=config["embedding_size"]
    )
    return loss


def build_protocols(config: Plain, **known: Any) -> dict[str, Any]:
    """The protocols whose needs are among what is known; on validation identities that leaves out pair lists."""
    return {
        name: build(f"protocol.{name}", node, **known)
        for name, node in config["protocol"].items()
        if set(needs(node)) <= set(known)
    }


def build_training_module(
    config: Plain, network: FaceNetwork, loss: MetricLoss, record: dict[str, Any]
) -> FaceTrainingModule:
    """The LightningModule, with protocols for the validation identities.

    Args:
        config: plain containers.
        network: to be trained.
        loss: to train it with.
        record: what every checkpoint says of how it was made.
    """
    protocols = build_protocols(config)
    similarity: Similarity = loss.similarity

    def validate(embeddings: Embeddings) -> Result:
        return run_protocols(protocols, embeddings, similarity).prefixed("val")

    make_optimizer: MakeOptimizer = partial("optimizer", _without_our_own(config["optimizer"]))
    make_scheduler: MakeScheduler = partial("scheduler", config["scheduler"])
    return FaceTrainingModule(
        network,
        loss,
        build("augmentation", config["augmentation"]),
        validate,
        make_optimizer,
        make_scheduler,
        learning_rate=config["optimizer"]["lr"],
        loss_lr_scale=config["optimizer"]["loss_lr_scale"],
        config=record,
    )
