"""The trainings themselves; ``python -m tests.distributed.training FOLDER RANK PORT`` is one process of two."""

import json
import sys
import traceback
from pathlib import Path

import torch
import torch.distributed as dist

from resemblance import parts
from resemblance.data import FaceDataset
from resemblance.models import FaceNetwork
from resemblance.models.backbones import Backbone
from resemblance.models.necks import LinearNeck
from resemblance.process_group import group, join
from resemblance.processes import end_with_parent
from resemblance.trainers import build_trainer, quiet_lightning

PEOPLE = 16
WORLD_SIZE = 2
UNEVEN = ((0, 9), (9, 24))
"""The rows of a batch that each process holds where they hold unequally many."""


class Flat(Backbone):
    """No batch statistics and no dropout: what an image becomes does not depend on who shares its batch."""

    def __init__(self):
        super().__init__()
        self.layers = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(48, 16), torch.nn.Tanh())
        self.feature_shape = (16,)

    def forward(self, images):
        return self.layers(images)


class People:
    """People that are told apart by a colour pattern under noise."""

    image_size = 4

    def _set(self, seed):
        generator = torch.Generator().manual_seed(seed)
        pattern = torch.randint(0, 256, (PEOPLE, 1, 3, 4, 4), generator=generator)
        noise = torch.randint(-90, 91, (PEOPLE, 6, 3, 4, 4), generator=generator)
        images = (pattern + noise).clamp(0, 255).to(torch.uint8).flatten(0, 1)
        labels = torch.arange(len(images)) // 6
        return FaceDataset(images, labels, [str(row) for row in range(len(labels))], [str(c) for c in range(PEOPLE)])

    def train(self):
        return self._set(1)

    def validation(self):
        return self._set(2)

    def test(self):
        return self._set(3)

    def prepare(self):
        pass

    def pairs(self):
        return None

    def episodes(self):
        return None


def built(config):
    torch.manual_seed(config["seed"])
    network = FaceNetwork(Flat(), LinearNeck((16,), config["embedding_size"]))
    loss = parts.build_loss(config, PEOPLE)
    loss.gather = config["trainer"]["gather"]
    # In double precision only a wrong formula makes a difference of 1e-5.
    return parts.build_training_module(config, network, loss, {}).double()


def train(config, folder, rank=0):
    """Weights of network and loss before and after three steps, as ``train.py`` takes them, and what was logged."""
    data = parts.build_datamodule(config, People())
    module = built(config)
    before = {name: weights.clone() for name, weights in module.state_dict().items()}
    trainer = build_trainer(config, folder, rank=rank)
    trainer.fit(module, datamodule=data)
    assert trainer.global_step == 3
    logged = {name: float(value) for name, value in trainer.callback_metrics.items() if name.startswith("train/")}
    return {"before": before, "after": module.state_dict(), "logged": logged, "draw": torch.rand(4)}


def gradients_of_an_uneven_batch(config, rank=None):
    """Gradients of one step of the loss alone, this process holding its rows of the batch; all rows without a rank."""
    module = built(config)
    images = People().train()
    rows = torch.arange(24) if rank is None else torch.arange(*UNEVEN[rank])
    module.loss(module.network(images.images[rows] / 255), images.identities[rows]).value.backward()
    found = {}
    for name, weights in module.named_parameters():
        assert weights.grad is not None, f"{name} takes no part in the loss"
        if rank is not None:
            dist.all_reduce(weights.grad)
            weights.grad /= WORLD_SIZE
        found[name] = weights.grad
    return found


def weights_left_out_of_a_batch_without_pairs(config):
    """Data-parallel training waits for the gradient of every weight, also where there is nothing to compare."""
    module = built(config)
    images = People().train()
    module.loss(module.network(images.images[::6] / 255), images.identities[::6]).value.backward()
    return [name for name, weights in module.named_parameters() if weights.grad is None]


def main():
    folder, rank, port = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    end_with_parent()
    results = {}
    with group(join(rank, port), rank, WORLD_SIZE, torch.device("cpu")), quiet_lightning():
        for name, config in json.loads((folder / "two.json").read_text()).items():
            try:
                results[name] = train(config, folder / name, rank)
                if config["trainer"]["gather"]:
                    results[name]["uneven"] = gradients_of_an_uneven_batch(config, rank)
            except Exception:  # told by the test of this case; the others go on
                results[name] = {"error": traceback.format_exc()}
    torch.save(results, folder / f"rank_{rank}.pt")


if __name__ == "__main__":
    main()
