"""The files of ``loss=``: complete, commented, and the classes' own defaults."""

import inspect
from pathlib import Path

import pytest
from hydra.utils import get_class, instantiate
from omegaconf import OmegaConf

from resemblance.losses import MetricLoss

FOLDER = Path(__file__).parents[2] / "conf" / "loss"
OWN = sorted(path.stem for path in FOLDER.glob("*.yaml") if "defaults" not in OmegaConf.load(path))
"""Without those that are another one with other settings."""
ONE_IMAGE = (
    "adaface",
    "arcface",
    "cosface",
    "normalized_softmax",
    "proxy_anchor",
    "softmax",
    "sphereface",
    "sub_center_arcface",
)
"""Losses for which one image per identity is enough."""
KNOWN = {"num_identities": 12, "embedding_size": 16}


@pytest.mark.parametrize("name", OWN)
def test_every_parameter_is_in_the_file_with_a_comment(name):
    path = FOLDER / f"{name}.yaml"
    config = OmegaConf.load(path)
    loss_class = get_class(config._target_)
    parameters = set(inspect.signature(loss_class).parameters) - set(loss_class.needs)
    assert set(config) == parameters | {"_target_"}
    first, *lines = path.read_text().splitlines()
    assert first.startswith("# ")
    assert all("#" in line for line in lines if not line.startswith("_target_"))


@pytest.mark.parametrize("name", OWN)
def test_the_file_builds_its_loss_with_what_it_needs(name):
    config = OmegaConf.load(FOLDER / f"{name}.yaml")
    needs = get_class(config._target_).needs
    loss = instantiate(config, **{need: KNOWN[need] for need in needs})
    assert isinstance(loss, MetricLoss)
    # Who compares images with each other needs two of a person; a class weight or proxy stands in for the second.
    alone = name == "proxy_anchor" or not loss.compares_images
    assert loss.min_images_per_identity == (1 if alone else 2)
