"""How far contestants are apart is told by value and by every gradient."""

import torch

from resemblance.benchmarks import measuring
from resemblance.benchmarks.cases import Case
from resemblance.benchmarks.contestants import LIBRARY, OURS, build


def test_a_wrong_gradient_of_the_class_weights_is_a_difference(monkeypatch):
    def build_one_wrong(name, case, device):
        contestant = build(name, case, device)
        if name == LIBRARY:
            contestant.weight.register_hook(lambda gradient: 2 * gradient)
        return contestant

    case, limits = Case("cosface", 16, classes=50), measuring.Limits(budget=0, seconds=60)
    right = measuring.measure_time([OURS, LIBRARY], case, "cpu", limits)
    monkeypatch.setattr(measuring, "build", build_one_wrong)
    wrong = measuring.measure_time([OURS, LIBRARY], case, "cpu", limits)
    assert right[OURS].difference is None
    assert right[LIBRARY].difference < 1e-5
    torch.testing.assert_close(wrong[LIBRARY].difference, 1.0, rtol=0, atol=1e-4)
