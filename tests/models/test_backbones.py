"""Backbones give the shape that they promise, at any image size, and refuse what can't work in one sentence."""

import pytest
import torch

from resemblance.errors import ConfigurationError
from resemblance.models import BNNeck, LinearNeck, TimmBackbone, TinyConvNet
from resemblance.models.pretrained import hub_offline_unless_reachable


@pytest.mark.parametrize("image_size", [32, 64, 112])
def test_tiny_halves_the_image_at_each_stage(image_size):
    backbone = TinyConvNet(image_size, widths=(4, 8, 16))
    features = backbone(torch.zeros(2, 3, image_size, image_size))
    assert features.shape == (2, *backbone.feature_shape) == (2, 16, image_size // 8, image_size // 8)


@pytest.mark.parametrize(
    "name", ["resnet18", "mobilenetv3_small_100", "convnext_atto", "vit_tiny_patch16_224", "edgenext_xx_small"]
)
@pytest.mark.parametrize("neck", [LinearNeck, BNNeck])
def test_any_timm_network_reaches_an_embedding(name, neck):
    backbone = TimmBackbone(name, image_size=64)
    embeddings = neck(backbone.feature_shape, 24)(backbone(torch.rand(2, 3, 64, 64)))
    assert embeddings.shape == (2, 24)
    assert torch.isfinite(embeddings).all()


def test_the_stem_keeps_twice_the_resolution_of_small_faces_and_its_kernel():
    small = TimmBackbone("resnet18", image_size=64)
    assert small.feature_shape == (512, 4, 4)  # 2 × 2 in the network made for 224 pixels
    assert small.network.conv1.weight.shape == (64, 3, 7, 7)
    large = TimmBackbone("resnet18", image_size=128)
    assert large.feature_shape == (512, 4, 4)
    assert large.network.conv1.stride == (2, 2)


def test_an_unknown_timm_name_is_answered_with_close_ones():
    with pytest.raises(ConfigurationError, match=r"no network called 'resnet51'.*resnet50"):
        TimmBackbone("resnet51", image_size=64)


def test_weights_that_can_not_be_fetched_are_one_sentence(monkeypatch, tmp_path):
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setattr(constants, "ENDPOINT", "http://127.0.0.1:9")  # the discard port: nobody answers
    with pytest.raises(ConfigurationError, match=r"could not be fetched; connect .* backbone.pretrained=false\.$"):
        TimmBackbone("resnet18", image_size=64, pretrained=True)
    assert not constants.HF_HUB_OFFLINE


def test_the_hub_is_left_as_it_was_found():
    from huggingface_hub import constants

    before = constants.HF_HUB_OFFLINE
    with pytest.raises(RuntimeError), hub_offline_unless_reachable():
        raise RuntimeError
    assert before == constants.HF_HUB_OFFLINE


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"widths": ()}, "one stage or more"),
        ({"widths": (8, 0)}, "positive width"),
        ({"image_size": 8}, "too small for 4"),
    ],
)
def test_an_impossible_tiny_network_is_refused(arguments, sentence):
    with pytest.raises(ConfigurationError, match=sentence):
        TinyConvNet(**{"image_size": 64, **arguments})


@pytest.mark.parametrize("neck", [LinearNeck, BNNeck])
def test_an_embedding_needs_a_size(neck):
    with pytest.raises(ConfigurationError, match="embedding_size=0"):
        neck((8, 2, 2), 0)


def test_dropout_is_a_share():
    with pytest.raises(ConfigurationError, match="neck.dropout=1"):
        BNNeck((8, 2, 2), 4, dropout=1)
