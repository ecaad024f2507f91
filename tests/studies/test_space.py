from itertools import combinations

import pytest
import torch
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import QuotedString
from omegaconf import OmegaConf

from resemblance import parts
from resemblance.config import to_plain
from resemblance.errors import ConfigurationError
from resemblance.studies.space import Choice, Interval, as_override, read_space, search_space
from tests.helpers import composed, options
from tests.losses.batches import random


def test_hydras_words_are_understood(tmp_path):
    path = tmp_path / "x.yaml"
    path.write_text(
        "loss.margin: interval(0.05, 0.5)\nloss.scale: tag(log, interval(8, 64))\nloss.k: int(interval(1, 9))\n"
        "loss.mining: choice(all, hard)\nloss.normalized: choice(true, false)\n"
        "loss.p: choice(null, 0.5)\nloss.n: tag(log, int(interval(1, 9)))\nloss.f: float(interval(1, 9))\n"
        "loss.w: choice('in two words', 'null')\n"
    )
    assert read_space(path, {}) == {
        "loss.margin": Interval(0.05, 0.5),
        "loss.scale": Interval(8, 64, log=True),
        "loss.k": Interval(1, 9, whole=True),
        "loss.mining": Choice(("all", "hard")),
        "loss.normalized": Choice((True, False)),
        "loss.p": Choice((None, 0.5)),
        "loss.n": Interval(1, 9, log=True, whole=True),
        "loss.f": Interval(1, 9),
        "loss.w": Choice(("in two words", "null")),
    }


@pytest.mark.parametrize(
    "text",
    [
        "loss.margin: 0.3",
        "loss.margin: interval(0.5, 0.1)",
        "loss.margin: interval(",
        "loss.margin: choice(1)",
        "",
        "- a",
    ]
    + ["loss.scale: tag(log, interval(0, 1))"],
)
def test_what_is_no_space_is_refused_with_its_file(tmp_path, text):
    path = tmp_path / "x.yaml"
    path.write_text(text)
    with pytest.raises(ConfigurationError, match="x.yaml"):
        read_space(path, {})


def test_what_stands_below_other_settings_may_be_tried_where_they_have_these_values(tmp_path):
    path = tmp_path / "x.yaml"
    path.write_text(
        "loss.k=1 loss.soft=true:\n  loss.margin: interval(0.1, 0.5)\nloss.k=2:\n  loss.margin: interval(1, 5)\n"
        "loss.scale: interval(8, 64)\n"
    )
    scale = {"loss.scale": Interval(8, 64)}
    assert read_space(path, {"loss": {"k": 1, "soft": True}}) == {"loss.margin": Interval(0.1, 0.5), **scale}
    assert read_space(path, {"loss": {"k": 2, "soft": True}}) == {"loss.margin": Interval(1, 5), **scale}
    for other in ({"k": 1, "soft": False}, {"k": 3}, {"k": "1"}, {}):
        assert read_space(path, {"loss": other}) == scale


def test_margins_are_searched_where_the_unit_of_the_distance_is_theirs():
    def searched(*words):
        return list(search_space("contrastive", to_plain(composed("loss=contrastive", *words))))

    assert searched() == searched("loss.distance=l2") == ["loss.margin", "loss.mining", "optimizer.lr"]
    assert searched("loss.distance=l1") == searched("loss.normalized=false") == ["loss.mining", "optimizer.lr"]


def test_a_loss_without_a_space_is_told_how_to_write_one():
    with pytest.raises(ConfigurationError, match="write conf/loss/search_space/nothing.yaml"):
        search_space("nothing", {})


@pytest.mark.parametrize(
    "value",
    [None, True, False, 3, -1, 0.1, 1e-05, 1e30]
    + ["soft", "null", "True", "nan", "in two words", "it's", "a,b", "[1]", "", "0.5"],
)
def test_a_value_comes_back_from_hydra_as_it_was(value):
    parsed = OverridesParser.create().parse_override(as_override("loss.margin", value)).value()
    assert (parsed.text if isinstance(parsed, QuotedString) else parsed) == value
    assert isinstance(parsed, QuotedString) or type(parsed) is type(value)


def tried(part):
    return part.options if isinstance(part, Choice) else (part.low, part.high)


@pytest.mark.parametrize("loss", options("loss"))
def test_every_loss_has_a_space_whose_ends_its_settings_accept(loss):
    config = composed(f"loss={loss}")
    space = search_space(loss, to_plain(config))
    assert "optimizer.lr" in space
    for pick in (0, -1):
        for setting, part in space.items():
            end = tried(part)[pick]
            OmegaConf.update(config, setting, end)
        parts.check_parts(to_plain(config))


def course(config):
    """Values and gradients of a loss at the beginning, in the middle and at the end of a training."""
    identities = torch.arange(8).repeat_interleave(4)
    # Impostors as near as genuine images, and all of them in one half of the sphere: every mining finds something.
    embeddings = (random(128) + 0.3 * random(8, 128, seed=1)[identities] + random(32, 128, seed=2)).float()
    torch.manual_seed(0)
    loss = parts.build_loss(to_plain(config), num_identities=8)
    found = []
    for share in (0.0, 0.5, 1.0):
        loss.tell_progress(share)
        value = loss(embeddings.requires_grad_(), identities).value
        found += [value.detach()[None], *(part.flatten() for part in torch.autograd.grad(value, embeddings))]
    return torch.cat(found)


@pytest.mark.filterwarnings("ignore:.*can't reach a probability")
@pytest.mark.parametrize(
    "words",
    [
        *((f"loss={loss}",) for loss in options("loss")),
        *(("loss=contrastive", f"loss.distance={distance}") for distance in ("l1", "l2")),
    ],
    ids=" ".join,
)
def test_every_setting_of_a_space_changes_what_the_loss_does(words):
    as_it_is = composed(*words)
    for setting, part in search_space(as_it_is.choices.loss, to_plain(as_it_is)).items():
        if setting.startswith("loss."):
            courses = []
            for value in tried(part):
                config = composed(*words)
                OmegaConf.update(config, setting, value)
                courses.append(course(config))
            for one, other in combinations(courses, 2):
                assert not torch.allclose(one, other), f"{setting} does nothing"
