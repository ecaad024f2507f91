"""The parts of a run, built from its configuration: source, network, loss, protocols, optimiser."""

import warnings
from collections.abc import Collection, Mapping
from typing import Any

import torch
from torch import nn

from resemblance.config import build, check, locate, needs, partial
from resemblance.data.datamodule import FaceDataModule
from resemblance.data.samplers import IdentityBatchSampler
from resemblance.data.source import FaceSource, metadata_of
from resemblance.devices import number_of_devices
from resemblance.embeddings import Embeddings, EpisodeList, PairList
from resemblance.errors import ConfigurationError
from resemblance.losses.base import MetricLoss
from resemblance.losses.cross_batch_memory import CrossBatchMemory
from resemblance.models import FaceNetwork, FaceTrainingModule
from resemblance.models.training_module import MakeOptimizer, MakeScheduler
from resemblance.protocols import run_protocols
from resemblance.results import Result
from resemblance.similarity import CosineSimilarity, Similarity

Plain = Mapping[str, Any]


def check_parts(config: Plain) -> None:
    """Refuse what can't work while no image has been read, by building each part for a stand-in of the data.

    Raises:
        ConfigurationError: naming the setting, its value and what it may be.
    """
    for name in ("backbone", "sampler"):  # the first is built when the size of images is known, the other from them
        check(name, config[name])
    source: FaceSource = build("data", config["data"])
    neck = build("neck", config["neck"], feature_shape=(1, 1, 1), embedding_size=config["embedding_size"])
    augmentation: nn.Module = build("augmentation", config["augmentation"])
    with torch.random.fork_rng(devices=[]):  # some strengths are too much for small images
        augmentation(torch.zeros(1, 3, source.image_size, source.image_size))
    check_protocols(config)
    _check_batch(config, neck, _stand_in_loss(config))
    try:
        optimizer = partial("optimizer", _without_our_own(config["optimizer"]))([nn.Parameter(torch.zeros(1))])
    except ValueError as error:
        raise ConfigurationError(f"The optimiser refuses its settings: {error}.") from error
    partial("scheduler", config["scheduler"])(optimizer, 1)


def _check_batch(config: Plain, neck: nn.Module, loss: MetricLoss) -> None:
    """Refuse a batch in which there is nothing to compare, or nothing to normalise over."""
    identities, images = config["batch"]["identities"], config["batch"]["images_per_identity"]
    loss_name, devices = config["choices"]["loss"], number_of_devices(config["trainer"])
    if images < loss.min_images_per_identity:
        raise ConfigurationError(
            f"loss={loss_name} compares images of one identity and needs "
            f"batch.images_per_identity={loss.min_images_per_identity} or more, not {images}."
        )
    alone = loss.compares_images and not config["trainer"]["gather"]
    least = 2 * devices if alone else 2
    by_identity = issubclass(locate(config["sampler"]["_target_"]), IdentityBatchSampler)
    if by_identity and loss.min_images_per_identity > 1 and identities < least:
        where = f" on trainer.devices={devices} with trainer.gather=false" if alone and devices > 1 else ""
        raise ConfigurationError(
            f"loss={loss_name} compares identities with each other and needs batch.identities={least} or "
            f"more{where}, not {identities}."
        )
    if identities * images < 2 * devices and any(isinstance(layer, nn.BatchNorm1d) for layer in neck.modules()):
        raise ConfigurationError(
            f"neck={config['choices']['neck']} normalises over the images of a batch and needs two of them on each "
            f"device, not batch.identities={identities} with batch.images_per_identity={images}; raise one of these."
        )
    batch = identities * images
    if isinstance(loss, CrossBatchMemory) and loss.size < batch:
        raise ConfigurationError(
            f"memory.size is {loss.size}, but a batch alone holds {batch} images; set it to {batch} or more."
        )


def check_protocols(config: Plain) -> None:
    """Refuse settings of protocols that can't work, by building each for a stand-in of whatever it needs.

    Raises:
        ConfigurationError: naming the setting, its value and what it may be.
    """
    build_protocols(
        config,
        pairs=_STAND_IN_PAIRS,
        episodes=_STAND_IN_EPISODES,
        threshold=0.0,
        thresholds={},
        metadata={},
        distractors=Embeddings(torch.zeros(0, 1), torch.zeros(0, dtype=torch.int64)),
    )


def validation_keys(config: Plain) -> list[str]:
    """The figures that the protocols report on validation identities, found out on stand-ins that support low rates."""
    generator = torch.Generator().manual_seed(0)
    stand_in = Embeddings(torch.randn(2000, 2, generator=generator), torch.arange(2000) // 2)
    return list(
        run_protocols(build_protocols(config), stand_in, CosineSimilarity(), intervals=False).prefixed("val").scalars
    )


_STAND_IN_PAIRS = PairList(torch.tensor([0]), torch.tensor([1]), torch.tensor([True]), "stand-in")
_STAND_IN_EPISODES = EpisodeList(torch.tensor([[[0], [1]]]), torch.tensor([[2]]), torch.tensor([[0]]), "stand-in")


def _stand_in_loss(config: Plain) -> MetricLoss:
    """The loss for as many identities as a batch, the fewest there can be, to see what it accepts and asks for."""
    with warnings.catch_warnings():  # bounds that depend on the number of identities are told when it is known
        warnings.simplefilter("ignore")
        return build_loss(config, num_identities=max(2, config["batch"]["identities"]))


def _without_our_own(node: Plain) -> dict[str, Any]:
    return {key: value for key, value in node.items() if key != "loss_lr_scale"}


def build_source(config: Plain) -> FaceSource:
    """The data set, cut down where the run is a rehearsal."""
    source: FaceSource = build("data", config["data"])
    return source.rehearsal() if config["rehearsal"] else source


def build_datamodule(config: Plain, source: FaceSource) -> FaceDataModule:
    """Loaders over the source, with the sampler that the configuration names and the images that the loss asks for."""
    sampler = partial("sampler", config["sampler"])
    min_images = _stand_in_loss(config).min_images_per_identity

    def make_sampler(**known: Any) -> Any:
        return sampler(seed=config["seed"], min_images_per_identity=min_images, **known)

    return FaceDataModule(source, make_sampler, config["evaluation"]["batch_size"])


def check_network(config: Plain, source: FaceSource) -> None:
    """Refuse a network that can't be built for images of this size, by building it; the run draws its own later.

    Raises:
        ConfigurationError: naming the setting, its value and what it may be.
    """
    with torch.random.fork_rng(devices=[]):
        build_network(config, source.image_size)


def check_lists(config: Plain, source: FaceSource) -> None:
    """Refuse a protocol that measures a given list of pairs or of episodes on a data set that has none.

    Raises:
        ConfigurationError: naming the protocol and the data set.
    """
    for need, list_of, listed in (("pairs", "pairs", source.pairs), ("episodes", "one-shot episodes", source.episodes)):
        if any(need in needs(node) for node in config["protocol"].values()) and listed() is None:
            raise ConfigurationError(
                f"protocol={config['choices']['protocol']} measures a list of {list_of}, and "
                f"data={config['choices']['data']} has none; take protocol=faces."
            )


def check_metadata(config: Plain, source: FaceSource) -> None:
    """Refuse a breakdown by metadata on a data set that has none, or not those.

    Raises:
        ConfigurationError: naming the protocol and the data set, or the column.
    """
    if not any("metadata" in needs(node) for node in config["protocol"].values()):
        return
    if (metadata := metadata_of(source)) is not None:
        check_columns(config, metadata)
    else:
        raise ConfigurationError(
            f"protocol={config['choices']['protocol']} breaks figures down by metadata, and "
            f"data={config['choices']['data']} has none; take protocol=faces, and `python evaluate.py "
            f"metadata=FILE.csv` on the checkpoint."
        )


def check_columns(config: Plain, known: Collection[str]) -> None:
    """Refuse a breakdown by a column that the metadata lack.

    Args:
        config: plain containers.
        known: the columns that there are.

    Raises:
        ConfigurationError: naming the setting and the columns.
    """
    for name, node in config["protocol"].items():
        asked = node.get("columns", ()) if "metadata" in needs(node) else ()
        if unknown := [column for column in asked if column not in known]:
            raise ConfigurationError(
                f"protocol.{name}.columns names '{unknown[0]}', which the metadata lack; they have: {', '.join(known)}."
            )


def build_network(config: Plain, image_size: int) -> FaceNetwork:
    """Backbone and neck for images of this size."""
    backbone = build("backbone", config["backbone"], image_size=image_size)
    neck = build("neck", config["neck"], feature_shape=backbone.feature_shape, embedding_size=config["embedding_size"])
    return FaceNetwork(backbone, neck, backbone.mean, backbone.std)


def build_loss(config: Plain, num_identities: int) -> MetricLoss:
    """The loss, told what it needs to know of the data, with the memory that the configuration puts around it."""
    loss: MetricLoss = build(
        "loss", config["loss"], num_identities=num_identities, embedding_size=config["embedding_size"]
    )
    if memory := config.get("memory"):  # {} for memory=none
        loss = partial("memory", memory)(loss=loss, embedding_size=config["embedding_size"])
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
        return run_protocols(protocols, embeddings, similarity, intervals=False).prefixed("val")

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
        flip_average=config["evaluation"]["flip_average"],
        loss_name=config["choices"]["loss"],
        chunk_size=config["batch"]["chunk_size"],
        record=record,
    )
