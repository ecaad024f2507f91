import types
from pathlib import Path

import pytest
import torch
from torch import nn

from resemblance import process_memory
from resemblance.cost import CostMeter
from resemblance.losses import CosFaceLoss, CrossBatchMemory, SiameseL1Loss, TripletLoss


def made_up(loss=None, world_size=1):
    """A trainer and its module, as far as a meter looks at them."""
    strategy = types.SimpleNamespace(root_device=torch.device("cpu"))
    trainer = types.SimpleNamespace(strategy=strategy, world_size=world_size, is_last_batch=True)
    return trainer, nn.ModuleDict({"network": nn.Linear(3, 2), "loss": loss or TripletLoss()})


@pytest.mark.filterwarnings("ignore:.*can't reach a probability")
def test_images_a_second_count_training_batches_and_seconds_the_whole_fit():
    times = iter([0.0, 1.0, 2.0, 4.0, 10.0, 12.0, 20.0])
    meter = CostMeter(now=lambda: next(times))
    trainer, module = made_up(CosFaceLoss(5, 2), world_size=2)
    batch = (None, torch.zeros(8), None)
    meter.on_fit_start(trainer, module)  # 0
    meter.on_train_epoch_start(trainer, module)  # 1
    meter.on_train_batch_end(trainer, module, None, batch, 0)  # 2: 1 s
    meter.on_train_batch_end(trainer, module, None, batch, 1)  # 4: 2 s
    meter.on_train_epoch_start(trainer, module)  # 10: the validation before it belongs to no batch
    meter.on_train_batch_end(trainer, module, None, batch, 0)  # 12: 2 s
    meter.on_fit_end(trainer, module)  # 20
    found = {key: scalar.value for key, scalar in meter.result().scalars.items()}
    assert found["images"] == 3 * 8 * 2
    assert found["images_per_second"] == pytest.approx(32 / 4), "the first batch waits for what starts"
    assert found["seconds"] == 20
    assert (found["parameters"], found["loss_parameters"]) == (8, 10)
    assert found["peak_memory_mb"] > 50  # torch itself is larger


def test_of_a_single_batch_its_own_time_is_told():
    times = iter([0.0, 0.0, 2.0, 2.0])
    meter = CostMeter(now=lambda: next(times))
    trainer, module = made_up()
    meter.on_fit_start(trainer, module)
    meter.on_train_epoch_start(trainer, module)
    meter.on_train_batch_end(trainer, module, None, (None, torch.zeros(8), None), 0)
    meter.on_fit_end(trainer, module)
    assert meter.result().scalars["images_per_second"].value == 4


@pytest.mark.parametrize("memory", [False, True])
def test_what_judges_pairs_counts_with_the_network(memory):
    loss = SiameseL1Loss(2)
    trainer, module = made_up(CrossBatchMemory(loss, embedding_size=2) if memory else loss)
    meter = CostMeter()
    meter.on_fit_start(trainer, module)
    meter.on_train_batch_end(trainer, module, None, (None, torch.zeros(8), None), 0)
    found = meter.result().scalars
    assert (found["parameters"].value, found["loss_parameters"].value) == (8 + 3, 0)


def test_a_training_that_never_began_cost_nothing():
    assert CostMeter().result().scalars == {}


@pytest.mark.parametrize("status", ["Name:\tpython\nVmRSS:\t  1000 kB\n", None])
def test_memory_is_known_where_the_kernel_keeps_no_high_water_mark(tmp_path: Path, monkeypatch, status):
    usual = process_memory.peak_bytes()
    path = tmp_path / "status"
    if status is not None:
        path.write_text(status)
    monkeypatch.setattr(process_memory, "_STATUS", path)
    assert not process_memory.reset_peak(), "what remains counts since the process began"
    assert process_memory.peak_bytes() >= usual / 2
