"""On how many devices a training runs, and what Lightning has to know when each has a process of its own."""

import os
import signal
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytorch_lightning as pl
import torch
from pytorch_lightning.callbacks import Callback
from pytorch_lightning.plugins.environments import LightningEnvironment  # type: ignore[attr-defined]
from pytorch_lightning.plugins.layer_sync import LayerSync
from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm
from torch.nn.parallel import DistributedDataParallel

from resemblance.errors import ConfigurationError, TrainingError
from resemblance.processes import check_not_launched

Plain = Mapping[str, Any]


def number_of_devices(settings: Plain) -> int:
    """How many processes train together.

    Args:
        settings: ``conf/trainer/*.yaml``.
    """
    if settings["devices"] != "auto":
        return int(settings["devices"])
    return max(1, torch.cuda.device_count()) if accelerator(settings) == "gpu" else 1


def accelerator(settings: Plain) -> str:
    """Where several processes train; ``auto`` on a Mac is the CPU, for MPS is one device."""
    if settings["accelerator"] != "auto":
        return str(settings["accelerator"])
    return "gpu" if torch.cuda.is_available() else "cpu"


def device_name(device: torch.device) -> str:
    """What a reader calls a device: ``cpu``, ``mps`` or the name of the GPU."""
    return torch.cuda.get_device_name(device) if device.type == "cuda" else device.type


def check_devices(config: Plain) -> None:
    """Refuse devices that are not there, and batches that they can't share.

    Raises:
        ConfigurationError: naming the setting, its value and what it may be.
    """
    settings = config["trainer"]
    check_not_launched(os.environ)
    if (devices := number_of_devices(settings)) == 1:
        return
    where = accelerator(settings)
    if where == "mps" or (where == "gpu" and devices > torch.cuda.device_count()):
        there = 1 if where == "mps" else torch.cuda.device_count()
        raise ConfigurationError(
            f"trainer.devices={devices} needs as many GPUs, and PyTorch can use {there} here; lower it, or add "
            f"trainer.accelerator=cpu for processes that share the CPU."
        )
    if (identities := config["batch"]["identities"]) % devices:
        raise ConfigurationError(
            f"batch.identities={identities} can't be shared equally by trainer.devices={devices} processes; set it to "
            f"a multiple of {devices}."
        )


@contextmanager
def fitting_in_memory(config: Plain) -> Iterator[None]:
    """Around a fit: a GPU whose memory is too small is told by what would need less of it.

    Raises:
        TrainingError: naming the settings.
    """
    try:
        yield
    except torch.OutOfMemoryError as error:
        batch = config["batch"]
        raise TrainingError(
            f"The training does not fit into the memory of the device; lower batch.identities ({batch['identities']}), "
            f"set batch.chunk_size ({batch['chunk_size'] or 'null'}) to fewer images at once, or lower "
            f"evaluation.batch_size ({config['evaluation']['batch_size']}) if it was in validation."
        ) from error


class JoinedProcesses(LightningEnvironment):
    """Tells Lightning that the processes are there already, and which of them this is."""

    def __init__(self, rank: int) -> None:
        super().__init__()
        self._rank = rank

    @property
    def creates_processes_externally(self) -> bool:
        """Lightning shall start none."""
        return True

    def local_rank(self) -> int:
        """All are on this machine."""
        return self._rank

    def node_rank(self) -> int:
        """The only machine."""
        return 0


class SyncedBatchNorm(LayerSync):
    """Batch normalisation with the statistics of all processes during a fit; afterwards the layers are as before.

    PyTorch's own converter, which Lightning would use, takes the activation away that timm fuses into many of its
    layers, and Lightning's way back would not know it either.
    """

    def __init__(self) -> None:
        self._before: dict[str, _BatchNorm] = {}

    def apply(self, model: nn.Module) -> nn.Module:
        """Convert the layers of a network, which keep their weights and names."""
        self._before = {name: layer for name, layer in model.named_modules() if isinstance(layer, _BatchNorm)}
        timm = sys.modules.get("timm.layers")  # whoever has a layer of timm has imported it, which is slow
        convert = timm.convert_sync_batchnorm if timm else nn.SyncBatchNorm.convert_sync_batchnorm
        converted: nn.Module = convert(model)
        return converted

    def revert(self, model: nn.Module) -> nn.Module:
        """Put the layers of before back, with what has been learnt since and where it lies now."""
        for name, layer in self._before.items():
            synced = model.get_submodule(name)
            layer._parameters, layer._buffers = synced._parameters, synced._buffers
            layer.train(synced.training)
            model.set_submodule(name, layer)
        return model


class OneOfSeveral(Callback):
    """What is different on each process of a training, and what is different when there are several."""

    def __init__(self, seed: int) -> None:
        self._seed = seed

    def setup(self, trainer: pl.Trainer, pl_module: pl.LightningModule, stage: str) -> None:
        """Leave alone what the loss remembers: it is alike on all processes or, without gathering, each one's own."""
        remembered = [name for name, _ in pl_module.named_buffers() if name.startswith("loss.")]
        # Otherwise the first process would send all of it, a memory of many batches too, before every step.
        DistributedDataParallel._set_params_and_buffers_to_ignore_for_model(pl_module, remembered)

    def on_train_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Let augmentation and dropout draw differently on each process: copies of one draw would be worth less."""
        words = np.random.SeedSequence((self._seed, trainer.global_rank)).generate_state(1, np.uint64)
        torch.manual_seed(int(words[0]))
        if threading.current_thread() is threading.main_thread():
            # Lightning would answer SIGTERM with a broadcast that the other processes do not expect.
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
