"""Schedules scale every group's own rate and end where they say."""

import pytest
import torch

from resemblance.errors import ConfigurationError
from resemblance.models.schedules import constant, multi_step, one_cycle


def rates(schedule, steps, **arguments):
    weights = [torch.nn.Parameter(torch.zeros(1)) for _ in range(2)]
    optimizer = torch.optim.SGD([{"params": [weights[0]], "lr": 1.0}, {"params": [weights[1]], "lr": 10.0}])
    scheduler = schedule(optimizer, steps, **arguments)
    seen = []
    for _ in range(steps):
        seen.append([group["lr"] for group in optimizer.param_groups])
        optimizer.step()
        scheduler.step()
    return torch.tensor(seen)


@pytest.mark.parametrize("steps", [1, 2, 3, 100])
def test_one_cycle_climbs_once_and_falls_once(steps):
    seen = rates(one_cycle, steps)
    assert torch.allclose(seen[:, 1], 10 * seen[:, 0])
    assert (seen[:, 0] <= 1 + 1e-6).all()
    if steps == 100:
        peak = int(seen[:, 0].argmax())
        assert peak in (24, 25)
        assert (seen[: peak + 1, 0].diff() > 0).all()
        assert (seen[peak:, 0].diff() < 0).all()
        assert seen[0, 0] == pytest.approx(0.04)
        assert seen[-1, 0] == pytest.approx(1e-4)


def test_multi_step_drops_at_its_shares():
    seen = rates(multi_step, 32)[:, 0]
    assert seen[19] == 1
    assert seen[20] == pytest.approx(0.1)
    assert seen[28] == pytest.approx(0.01)


def test_constant_is_constant():
    assert (rates(constant, 5) == torch.tensor([1.0, 10.0])).all()


def test_shares_outside_their_range_are_refused():
    with pytest.raises(ConfigurationError, match="warmup_share=1"):
        rates(one_cycle, 3, warmup_share=1)
    with pytest.raises(ConfigurationError, match="milestones"):
        rates(multi_step, 3, milestones=(0.5, 1.5))
