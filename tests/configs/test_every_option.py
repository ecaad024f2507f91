"""Every file of every config group is composed, checked and built."""

import pytest
import torch
from omegaconf import OmegaConf

from resemblance import parts
from resemblance.config import config_dir, to_plain
from resemblance.embeddings import Embeddings, EpisodeList, PairList
from resemblance.protocols import run_protocols
from resemblance.settings import check_settings
from resemblance.studies.settings import sweep_settings
from resemblance.trainers import check_trainer
from tests.helpers import composed, options

OF_EVALUATIONS = {"hydra", "model"}  # see test_every_option_of_evaluations.py
GROUPS = sorted(path.name for path in config_dir().iterdir() if path.is_dir() and path.name not in OF_EVALUATIONS)
NOT_OURS = {("sweep", "wandb")}
"""Read by ``wandb sweep``; see tests/tracking."""
EVERY_OPTION = [(group, option) for group in GROUPS for option in options(group) if (group, option) not in NOT_OURS]
NEEDS = {("memory", "xbm"): ["loss=contrastive"]}
"""What an option can only be taken together with."""


def test_there_are_options_in_every_group():
    assert {group for group, _ in EVERY_OPTION} == set(GROUPS)
    assert len(EVERY_OPTION) > 20


@pytest.mark.parametrize(("group", "option"), EVERY_OPTION)
def test_it_composes_and_passes_the_checks(group, option):
    config = to_plain(composed(f"{group}={option}", *NEEDS.get((group, option), [])))
    assert config["choices"][group] == option
    parts.check_parts(config)
    check_settings(config)
    check_trainer(config, parts.validation_keys(config))
    sweep_settings({**config["sweep"], "settings": "tuning.json"} if option == "tuned" else config["sweep"])


@pytest.mark.parametrize("option", options("backbone"))
@pytest.mark.parametrize("neck", options("neck"))
def test_backbones_and_necks_reach_an_embedding_of_any_size(option, neck):
    config = to_plain(composed(f"backbone={option}", f"neck={neck}", "embedding_size=33"))
    network = parts.build_network(config, image_size=64).eval()
    assert network.embed(torch.zeros(2, 3, 64, 64, dtype=torch.uint8)).shape == (2, 33)


@pytest.mark.parametrize("option", options("loss"))
def test_losses_are_told_what_they_need(option):
    loss = parts.build_loss(to_plain(composed(f"loss={option}", "embedding_size=16")), num_identities=5)
    embeddings = torch.randn(12, 16, requires_grad=True)
    loss(embeddings, torch.arange(12) % 4).value.backward()
    assert torch.isfinite(embeddings.grad).all()
    assert embeddings.grad.abs().sum() > 0


@pytest.mark.parametrize("optimizer", options("optimizer"))
@pytest.mark.parametrize("scheduler", options("scheduler"))
def test_optimisers_and_schedules_take_a_step(optimizer, scheduler):
    config = to_plain(
        composed(f"optimizer={optimizer}", f"scheduler={scheduler}", "backbone.widths=[4]", "neck=linear")
    )
    network = parts.build_network(config, image_size=16)
    loss = parts.build_loss(config, num_identities=3)
    module = parts.build_training_module(config, network, loss, {})
    groups = [{"params": list(network.parameters()), "lr": 0.5}]
    built = module._make_optimizer(groups)
    schedule = module._make_scheduler(built, 10)
    before = network.neck.project.weight.detach().clone()
    loss(network(torch.rand(6, 3, 16, 16)), torch.arange(6) % 3).value.backward()
    built.step()
    schedule.step()
    assert not torch.equal(before, network.neck.project.weight)


@pytest.mark.parametrize("option", options("augmentation"))
def test_augmentations_keep_shape_and_range(option):
    augment = parts.build("augmentation", to_plain(composed(f"augmentation={option}"))["augmentation"])
    images = augment(torch.rand(4, 3, 32, 32))
    assert images.shape == (4, 3, 32, 32)
    assert images.min() >= 0
    assert images.max() <= 1


@pytest.mark.parametrize("option", options("protocol"))
def test_protocols_run(option):
    config = to_plain(composed(f"protocol={option}"))
    pairs = PairList(torch.arange(0, 60), torch.arange(1, 61), torch.arange(60) % 4 != 3, "list")
    episodes = EpisodeList(
        torch.tensor([[[0], [4]], [[8], [12]]]), torch.tensor([[1], [13]]), torch.tensor([[0], [1]]), ""
    )
    chosen = {"threshold": 0.0, "thresholds": {0.1: 0.0}, "metadata": {"side": ["left", "right"] * 40}}
    protocols = parts.build_protocols(config, pairs=pairs, episodes=episodes, **chosen)
    assert set(protocols) == set(config["protocol"])
    vectors = torch.randn(80, 8, generator=torch.Generator().manual_seed(0))
    loss = parts.build_loss(config, num_identities=2)
    result = run_protocols(protocols, Embeddings(vectors, torch.arange(80) // 4), loss.similarity)
    assert result.scalars


def leaves(node, path=""):
    if not isinstance(node, dict):
        return {path: node}
    return {key: value for name, below in node.items() for key, value in leaves(below, f"{path}{name}.").items()}


@pytest.mark.parametrize("option", options("experiment"))
def test_nothing_that_an_experiment_says_is_lost(option):
    """A group that stands after the experiment in ``conf/train.yaml`` would have the last word."""
    said = OmegaConf.to_container(OmegaConf.load(config_dir() / "experiment" / f"{option}.yaml"))
    said = leaves({key: value for key, value in said.items() if key not in ("defaults", "hydra")})
    composed_to = leaves(to_plain(composed(f"experiment={option}")))
    assert said
    assert {key: composed_to[key] for key in said} == said


@pytest.mark.parametrize("option", options("experiment"))
def test_an_experiment_names_options_that_exist(option):
    from hydra import compose, initialize_config_dir

    with initialize_config_dir(str(config_dir()), version_base="1.3"):
        config = compose("train", overrides=[f"experiment={option}"], return_hydra_config=True)
    for group, values in (config.hydra.sweeper.params or {}).items():
        if group in GROUPS:
            assert set(str(values).split(",")) <= set(options(group))
