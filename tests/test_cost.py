import types
from pathlib import Path

import pytest
import torch
from torch import nn

from resemblance import process_memory
from resemblance.cost import CostMeter


def test_images_a_second_count_training_batches_and_seconds_the_whole_fit():
    times = iter([0.0, 1.0, 2.0, 4.0, 10.0, 12.0, 20.0])
    meter = CostMeter(now=lambda: next(times))
    device = torch.device("cpu")
    trainer = types.SimpleNamespace(
        strategy=types.SimpleNamespace(root_device=device), world_size=2, is_last_batch=True
    )
    module = nn.ModuleDict({"network": nn.Linear(3, 2), "loss": nn.Linear(2, 5, bias=False)})
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
    assert found["images_per_second"] == pytest.approx(48 / 5)
    assert found["seconds"] == 20
    assert (found["parameters"], found["loss_parameters"]) == (8, 10)
    assert found["peak_memory_mb"] > 50  # torch itself is larger


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
