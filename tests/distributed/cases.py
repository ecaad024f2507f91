"""Every loss in every mining, as configurations of one small training whose sums come out alike on any machine."""

import functools
import typing

from omegaconf import OmegaConf

from resemblance.config import config_dir, locate, to_plain
from resemblance.losses.pairs import PairwiseLoss
from tests.helpers import composed, options


@functools.cache
def _node(group, option):
    return OmegaConf.to_container(OmegaConf.load(config_dir() / group / f"{option}.yaml"))


def _cases():
    cases = {}
    for name in options("loss"):
        loss = _node("loss", name)
        if "defaults" in loss:  # another option with a mining of its own, which is a case of that option
            continue
        target = locate(loss["_target_"])
        cases[name] = {"loss": loss}
        for mining in typing.get_args(typing.get_type_hints(target.__init__).get("mining")):
            cases[f"{name}-{mining}"] = {"loss": {**loss, "mining": mining}}
        if issubclass(target, PairwiseLoss):
            # Smaller than what three batches leave, so that the oldest entries go.
            memory = {**_node("memory", "xbm"), "size": 30, "warm_up": 0}
            cases[f"{name}-memory"] = {"loss": loss, "memory": memory}
    drawing = {"name": "TripletMarginLoss", "args": {"triplets_per_anchor": 2}, "miner": "DistanceWeightedMiner"}
    cases["pml-miner_that_draws"] = {"loss": {**_node("loss", "pml"), **drawing}}
    cases["pml-loss_that_draws"] = {"loss": {**_node("loss", "pml"), **drawing, "miner": None}}
    for name in ("triplet", "cosface"):
        cases[f"{name}-chunks"] = {
            "loss": _node("loss", name),
            "batch": {"identities": 6, "images_per_identity": 4, "chunk_size": 5},
        }
    return cases


EXACT = _cases()
"""Name → the nodes of a configuration that it sets, where N processes must train as one does."""
ALONE = ("triplet", "contrastive", "angular", "cosface")
"""Losses that are also trained with ``trainer.gather=false``, where each process compares its own images only."""


@functools.cache
def _base():
    return to_plain(
        composed(
            "optimizer=sgd",  # plain: an error of the gradient shows in proportion
            "optimizer.momentum=0",
            "optimizer.weight_decay=0",
            "optimizer.lr=0.02",
            "scheduler=constant",
            "augmentation=none",
            "neck=linear",
            "embedding_size=8",
            "batch.identities=6",
            "batch.images_per_identity=4",
            "epochs=1",
            "trainer.limit_batches=3",
            "trainer.accelerator=cpu",
            "logger=none",
        )
    )


def configurations(devices):
    """Name → plain configuration of every case."""
    trainer = {**_base()["trainer"], "devices": devices}
    cases = {name: {**_base(), "trainer": trainer, **nodes} for name, nodes in EXACT.items()}
    for name in ALONE:
        cases[f"{name}-alone"] = {**cases[name], "trainer": {**trainer, "gather": False}}
    return cases
