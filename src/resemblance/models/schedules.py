"""Learning-rate schedules, each a function of the optimiser and the number of steps that training will take.

They scale the rate that each parameter group came with, so a loss's own group keeps its own rate.
"""

import math

from torch.optim import Optimizer
from torch.optim.lr_scheduler import LambdaLR, LRScheduler

from resemblance.errors import ConfigurationError


def constant(optimizer: Optimizer, total_steps: int) -> LRScheduler:
    """The same rate at every step."""
    return LambdaLR(optimizer, lambda step: 1.0)


def one_cycle(
    optimizer: Optimizer, total_steps: int, warmup_share: float = 0.25, start: float = 0.04, end: float = 1e-4
) -> LRScheduler:
    """Half a cosine up, then half a cosine down (Smith and Topin 2017, as in fastai).

    Args:
        optimizer: its groups' rates are the peak.
        total_steps: optimiser steps of the whole training.
        warmup_share: share of the steps that climb.
        start: first rate as a share of the peak.
        end: last rate as a share of the peak.
    """
    if not 0 <= warmup_share < 1:
        raise ConfigurationError(
            f"The climb takes a share from 0 to below 1 of the steps, not scheduler.warmup_share={warmup_share}."
        )
    peak = warmup_share * max(total_steps - 1, 1)
    rest = max(total_steps - 1 - peak, 1)

    def cosine(share: float, low: float) -> float:
        return low + (1 - low) * (1 + math.cos(math.pi * share)) / 2

    def factor(step: int) -> float:
        if step < peak:
            return cosine(1 - step / peak, start)
        return cosine(min((step - peak) / rest, 1.0), end)

    return LambdaLR(optimizer, factor)


def multi_step(
    optimizer: Optimizer, total_steps: int, milestones: tuple[float, ...] = (0.625, 0.875), factor: float = 0.1
) -> LRScheduler:
    """Multiply the rate at fixed shares of the training; the default is ArcFace's 20 K and 28 K of 32 K steps.

    Args:
        optimizer: its groups' rates are the first.
        total_steps: optimiser steps of the whole training.
        milestones: shares of the steps, each between 0 and 1.
        factor: what the rate is multiplied with at each of them.
    """
    if not all(0 < milestone < 1 for milestone in milestones):
        raise ConfigurationError(
            f"Milestones are shares of the training between 0 and 1, not scheduler.milestones={list(milestones)}."
        )
    return LambdaLR(optimizer, lambda step: factor ** sum(step >= share * total_steps for share in milestones))
