import pytest
import torch

from resemblance.errors import ConfigurationError
from resemblance.losses import CosineTripletLoss, DeepSpeakerLoss, SoftmaxLoss
from tests.losses.batches import balanced

SIZE = 6


@pytest.fixture
def loss():
    torch.manual_seed(0)
    return DeepSpeakerLoss(4, SIZE, pretraining=0.25, margin=0.3, mining="all")


def gradients(output, loss, embeddings):
    return torch.autograd.grad(output.value, (embeddings, *loss.parameters()))


def test_softmax_first_and_cosine_triplets_then(loss):
    embeddings, identities = balanced(4, 3, SIZE, dtype=torch.float32)
    softmax, triplets = SoftmaxLoss(4, SIZE), CosineTripletLoss(0.3, "all")
    softmax.load_state_dict(loss.softmax.state_dict())
    for progress, stage in ((0.0, softmax), (0.24, softmax), (0.25, triplets), (1.0, triplets)):
        loss.tell_progress(progress)
        output, alone = loss(embeddings, identities), stage(embeddings, identities)
        assert torch.equal(output.value, alone.value)
        assert dict(output.statistics) == dict(alone.statistics)


def test_the_classifier_rests_with_a_gradient_of_zero_in_the_second_part(loss):
    embeddings, identities = balanced(4, 3, SIZE, dtype=torch.float32)
    embeddings.requires_grad_()
    loss.tell_progress(0.1)
    assert all(gradient.abs().sum() > 0 for gradient in gradients(loss(embeddings, identities), loss, embeddings))
    loss.tell_progress(0.9)
    first, *own = gradients(loss(embeddings, identities), loss, embeddings)
    assert first.abs().sum() > 0
    assert all(torch.equal(gradient, torch.zeros_like(gradient)) for gradient in own)


@pytest.mark.parametrize("pretraining", [0, 1, -0.1, float("nan")])
def test_refuses_a_share_that_leaves_out_a_part(pretraining):
    with pytest.raises(
        ConfigurationError, match="DeepSpeakerLoss needs pretraining to be a number above 0 and below 1"
    ):
        DeepSpeakerLoss(4, SIZE, pretraining=pretraining)
