"""A network that can't be built is refused before any image is read, and trying it changes no run."""

import pytest
import torch

from resemblance import parts
from resemblance.assembly import assemble
from resemblance.config import to_plain
from resemblance.data.datamodule import FaceDataModule
from resemblance.errors import ConfigurationError
from resemblance.training import train
from tests.helpers import composed


@pytest.mark.parametrize(
    ("overrides", "sentence"),
    [
        (("backbone=timm", "backbone.name=resnet51"), "timm has no network called 'resnet51'"),
        (("backbone.widths=[8,8,8,8,8,8,8]",), "Images of 64 pixels are too small for 7 stages"),
        (("backbone=timm", "backbone.name=resnet18", "backbone.pretrained=true"), "weights of 'resnet18' are not"),
    ],
)
def test_a_network_that_can_not_be_built_is_refused_before_any_image(tmp_path, monkeypatch, overrides, sentence):
    monkeypatch.setattr("resemblance.models.pretrained._answers", lambda address: False)
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setattr(FaceDataModule, "setup", lambda *_: pytest.fail("images were read"))
    with pytest.raises(ConfigurationError, match=sentence):
        train(composed("trainer=smoke", "logger=none", *overrides), tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_what_is_built_to_try_it_leaves_the_weights_of_a_run_alone():
    config = to_plain(composed("trainer=smoke"))
    source = parts.build_source(config)
    expected = assemble(config, source, ["a", "b"]).module.state_dict()
    before = torch.get_rng_state()
    parts.check_network(config, source)
    assert torch.equal(torch.get_rng_state(), before)
    torch.testing.assert_close(assemble(config, source, ["a", "b"]).module.state_dict(), expected, rtol=0, atol=0)
