"""The loaders serve what the source holds, once, in the sampler's batches."""

import pytest
import torch

from resemblance.data import FaceDataset
from resemblance.data.datamodule import FaceDataModule
from resemblance.data.samplers import IdentityBatchSampler
from resemblance.errors import DataError


class Source:
    image_size = 4

    def __init__(self):
        self.calls = []

    def _set(self, name, people):
        self.calls.append(name)
        labels = torch.arange(people * 5) // 5
        images = torch.arange(people * 5, dtype=torch.uint8).view(-1, 1, 1, 1).expand(-1, 3, 4, 4)
        return FaceDataset(
            images, labels, [f"{name}-{row}" for row in range(len(labels))], list(map(str, range(people)))
        )

    def prepare(self):
        self.calls.append("prepare")

    def train(self):
        return self._set("train", 8)

    def validation(self):
        return self._set("validation", 3)

    def test(self):
        return self._set("test", 3)

    def pairs(self):
        return None


def module(people=4):
    def make_sampler(**known):
        return IdentityBatchSampler(identities_per_batch=people, images_per_identity=2, seed=0, **known)

    return FaceDataModule(Source(), make_sampler, evaluation_batch_size=4)


def test_each_set_is_loaded_once():
    data = module()
    data.prepare_data()
    data.setup()
    data.setup("fit")
    data.prepare_data()
    assert data.source.calls == ["prepare", "train", "validation", "test"]


def test_training_batches_hold_people_with_their_images():
    data = module()
    data.setup()
    batches = list(data.train_dataloader())
    assert len(batches) == 5
    for batch in batches:
        assert batch.images.shape == (8, 3, 4, 4)
        assert torch.equal(batch.identities, data.train_set.identities[batch.indices])
        assert torch.unique(batch.identities, return_counts=True)[1].tolist() == [2, 2, 2, 2]


@pytest.mark.parametrize("processes", [1, 2, 4])
def test_evaluation_covers_every_image_on_any_number_of_processes(processes):
    data = module()
    data.setup()
    seen = [
        batch.indices
        for rank in range(processes)
        for batch in data.evaluation_loader(data.test_set, num_replicas=processes, rank=rank)
    ]
    assert torch.equal(torch.cat(seen).unique(), torch.arange(15))


def test_a_batch_that_can_not_be_drawn_is_refused_when_the_data_is_there():
    with pytest.raises(DataError, match=r"lower batch.identities to 8"):
        module(people=9).setup()
