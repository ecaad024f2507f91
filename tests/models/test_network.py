"""The network embeds bytes, ignores how they are batched, and averages mirror images when asked."""

import pytest
import torch

from resemblance.models import FaceNetwork, LinearNeck, TinyConvNet


@pytest.fixture
def network():
    torch.manual_seed(0)
    backbone = TinyConvNet(16, widths=(4, 8))
    return FaceNetwork(backbone, LinearNeck(backbone.feature_shape, 6)).eval()


@pytest.fixture
def images():
    return torch.randint(0, 256, (10, 3, 16, 16), dtype=torch.uint8, generator=torch.Generator().manual_seed(1))


def test_bytes_reach_the_backbone_between_minus_one_and_one(network):
    seen = []
    network.backbone.register_forward_pre_hook(lambda module, inputs: seen.append(inputs[0]))
    network.embed(torch.tensor([0, 255], dtype=torch.uint8).view(2, 1, 1, 1).expand(2, 3, 16, 16))
    assert seen[0][0].unique().tolist() == [-1.0]
    assert seen[0][1].unique().tolist() == [1.0]


def test_flip_average_is_the_mean_over_both_mirror_images_and_blind_to_mirroring(network, images):
    averaged = network.embed(images, flip_average=True)
    expected = (network.embed(images) + network.embed(images.flip(-1))) / 2
    torch.testing.assert_close(averaged, expected)
    torch.testing.assert_close(averaged, network.embed(images.flip(-1), flip_average=True))


@pytest.mark.parametrize("batch_size", [1, 3, 10])
def test_embeddings_do_not_depend_on_the_batches(network, images, batch_size):
    identities, indices = torch.arange(10) // 2, torch.arange(10)
    batches = [(images[rows], identities[rows], rows) for rows in torch.randperm(10).split(batch_size)]
    network.train()
    embeddings = network.embed_all(batches)
    assert network.training, "the mode it was in comes back"
    torch.testing.assert_close(embeddings.vectors, network.eval().embed(images).detach(), rtol=1e-4, atol=1e-6)
    assert torch.equal(embeddings.identities, identities)
    assert len(indices) == len(embeddings)


def test_preprocessing_travels_in_the_state(network):
    state = network.state_dict()
    assert {"mean", "std"} <= set(state)
