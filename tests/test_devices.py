"""What batch normalisation becomes while several GPUs train, and what is left of that afterwards."""

import copy
import sys

import pytest
import torch
from torch import nn

from resemblance import trainers
from resemblance.config import to_plain
from resemblance.devices import SyncedBatchNorm
from resemblance.models import TimmBackbone, TinyConvNet
from tests.helpers import composed


class Trained(nn.Module):
    """Stands in for the training module, whose layers lie deeper."""

    def __init__(self, network):
        super().__init__()
        self.network = network


def kinds(module):
    return [type(layer) for layer in module.modules()]


@pytest.mark.parametrize("name", ["mobilenetv3_small_100", "resnet18"])
def test_converted_layers_of_timm_compute_the_same_and_come_back(name):
    torch.manual_seed(0)
    module = Trained(TimmBackbone(name, 32)).eval()
    images = torch.randn(2, 3, 32, 32)
    before, names, expected = kinds(module), list(module.state_dict()), module.network(images)
    sync = SyncedBatchNorm()
    assert sync.apply(module) is module
    assert any(isinstance(layer, nn.SyncBatchNorm) for layer in module.modules())
    assert not any(isinstance(layer, nn.BatchNorm2d) for layer in module.modules())
    assert list(module.state_dict()) == names
    torch.testing.assert_close(module.network(images), expected)  # without its activations it would not
    assert sync.revert(module) is module
    assert kinds(module) == before
    assert list(module.state_dict()) == names
    torch.testing.assert_close(module.network(images), expected)


def test_what_is_learned_in_between_stays():
    module = Trained(nn.Sequential(TinyConvNet(16, widths=(4, 8)), nn.Flatten(), nn.BatchNorm1d(8 * 16))).train()
    sync = SyncedBatchNorm()
    sync.apply(module)
    module.double()  # as moving to a GPU does: the buffers are other tensors afterwards
    with torch.no_grad():
        for tensor in module.state_dict().values():
            tensor += 1
    module.eval()
    learned = copy.deepcopy(module.state_dict())
    sync.revert(module)
    assert not any(isinstance(layer, nn.SyncBatchNorm) for layer in module.modules())
    assert {name: tensor.dtype for name, tensor in module.state_dict().items()} == {
        name: tensor.dtype for name, tensor in learned.items()
    }
    torch.testing.assert_close(module.state_dict(), learned)
    assert not any(layer.training for layer in module.modules())


@pytest.mark.parametrize("timm_is_there", [True, False])
def test_plain_layers_are_converted_as_pytorch_does_it(monkeypatch, timm_is_there):
    if not timm_is_there:
        monkeypatch.delitem(sys.modules, "timm.layers", raising=False)
    module = nn.Sequential(
        nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4, eps=0.1, momentum=0.3), nn.BatchNorm1d(5, affine=False)
    )
    ours, theirs = copy.deepcopy(module), nn.SyncBatchNorm.convert_sync_batchnorm(copy.deepcopy(module))
    SyncedBatchNorm().apply(ours)
    assert repr(ours) == repr(theirs)
    assert kinds(ours) == [nn.Sequential, nn.Conv2d, nn.SyncBatchNorm, nn.SyncBatchNorm]
    torch.testing.assert_close(ours.state_dict(), theirs.state_dict())


@pytest.mark.parametrize("wanted", [True, False])
def test_trainings_on_several_gpus_use_it(monkeypatch, tmp_path, wanted):
    monkeypatch.setattr(trainers, "accelerator", lambda settings: "gpu")
    make = trainers.pl.Trainer
    monkeypatch.setattr(trainers.pl, "Trainer", lambda **settings: make(**{**settings, "accelerator": "cpu"}))
    config = composed("trainer.devices=2", f"trainer.sync_batch_norm={wanted}")
    trainer = trainers.build_trainer(to_plain(config), tmp_path / "checkpoints")
    assert isinstance(trainer.strategy._layer_sync, SyncedBatchNorm if wanted else type(None))
