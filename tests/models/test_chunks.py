import pytest
import torch
from torch import nn

from resemblance.models.chunks import embed_in_chunks


def gradients(network, images, chunk_size):
    network.zero_grad()
    torch.manual_seed(5)
    embeddings = embed_in_chunks(network, images, chunk_size)
    similarity = embeddings @ embeddings.T  # every image's gradient depends on every other image
    similarity.square().sum().backward()
    return embeddings.detach(), [parameter.grad.clone() for parameter in network.parameters()]


@pytest.mark.parametrize("chunk_size", [2, 3, 4, 5, 10, 11, 50])
def test_the_value_and_gradient_of_one_pass(chunk_size):
    torch.manual_seed(0)
    network = nn.Sequential(nn.Linear(3, 8), nn.Tanh(), nn.Linear(8, 4)).double()
    images = torch.randn(11, 3, dtype=torch.float64)
    for ours, whole in zip(gradients(network, images, chunk_size), gradients(network, images, None), strict=True):
        torch.testing.assert_close(ours, whole, rtol=1e-12, atol=1e-12)


def test_dropout_is_the_same_in_both_passes_of_a_chunk():
    torch.manual_seed(0)
    network = nn.Sequential(nn.Linear(3, 64, bias=False), nn.Dropout(0.5))
    images = torch.ones(4, 3)
    embeddings = embed_in_chunks(network, images, 2)
    dropped = embeddings == 0
    assert 0.2 < dropped.float().mean() < 0.8
    embeddings.sum().backward()
    # A weight's gradient is twice the number of images whose output was kept.
    assert torch.equal(network[0].weight.grad, 2.0 * (~dropped).sum(0)[:, None].expand(-1, 3))


def test_batch_normalisation_remembers_each_chunk_once():
    network = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4))
    images = torch.randn(10, 3)
    embed_in_chunks(network, images, 5).square().sum().backward()
    after = {name: buffer.clone() for name, buffer in network[1].named_buffers()}
    network[1].reset_running_stats()
    for first in range(2):
        network(images[first::2])
    for name, buffer in network[1].named_buffers():
        torch.testing.assert_close(after[name], buffer)
    assert after["num_batches_tracked"] == 2
    assert network[1].momentum == 0.1


def test_no_chunk_is_left_with_a_single_image():
    network = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4))  # refuses a batch of one
    for images in range(2, 12):
        for chunk_size in range(2, 12):
            assert embed_in_chunks(network, torch.randn(images, 3), chunk_size).shape == (images, 4)


def test_a_chunk_holds_every_identity_of_a_sorted_batch():
    seen = []

    class Seeing(nn.Linear):
        def forward(self, x):
            seen.append(x[:, 0].tolist())
            return super().forward(x)

    identities = torch.arange(5).repeat_interleave(4).float()[:, None]
    embed_in_chunks(Seeing(1, 2), identities, 5)
    assert [sorted(chunk) for chunk in seen] == [[0, 1, 2, 3, 4]] * 4


def test_activations_of_one_chunk_are_held():
    kept = []

    class Wide(nn.Module):
        def __init__(self):
            super().__init__()
            self.inner = nn.Linear(4, 4)

        def forward(self, x):
            return self.inner(x).relu()

    network = Wide()
    with torch.autograd.graph.saved_tensors_hooks(lambda x: kept.append(x.numel()) or x, lambda x: x):
        embed_in_chunks(network, torch.randn(12, 4), None)
        whole, kept[:] = sum(kept), []
        embed_in_chunks(network, torch.randn(12, 4), 3)
    assert sum(kept) < whole
