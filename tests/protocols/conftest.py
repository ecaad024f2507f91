"""Sets of embeddings to measure."""

import pytest
import torch

from resemblance.embeddings import Embeddings


def make_embeddings(identities, spread=1.0, dimension=8, seed=0):
    """Gaussian clouds, one for each identity, as raw embeddings of different lengths."""
    generator = torch.Generator().manual_seed(seed)
    identities = torch.as_tensor(identities)
    centres = torch.randn(int(identities.max()) + 1, dimension, generator=generator)
    noise = torch.randn(len(identities), dimension, generator=generator)
    return Embeddings((centres[identities] + spread * noise) * 3, identities)


@pytest.fixture(name="make_embeddings")
def make_embeddings_fixture():
    return make_embeddings


@pytest.fixture
def faces():
    """40 identities with 1 to 6 images each, in mixed order."""
    generator = torch.Generator().manual_seed(3)
    images = torch.arange(40) % 6 + 1
    identities = torch.repeat_interleave(torch.arange(40), images)
    return make_embeddings(identities[torch.randperm(len(identities), generator=generator)])


@pytest.fixture
def shuffled(faces):
    """The same images in another order."""
    order = torch.randperm(len(faces), generator=torch.Generator().manual_seed(4))
    return Embeddings(faces.vectors[order], faces.identities[order])
