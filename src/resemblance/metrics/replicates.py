"""Figures for other draws of the subjects of a test set, the same draws in every run on that set."""

import hashlib
import math
from collections.abc import Sequence

import torch
from torch import Tensor

from resemblance.metrics.uncertainty import Influence, logit_error

DRAWS = 1000
"""Replicates of each figure."""
_CHUNK = 4096
"""Subjects whose weights are in memory at once."""


def replicates(values: Sequence[float], influences: Sequence[Influence], identities: Tensor) -> Tensor:
    """Figures of one test set for other draws of its subjects, float64 [F, B].

    logit(θ_b) = logit(θ) + c Σ_s w_bs U_s / (θ (1 − θ)) with standard normal weights w and c² = V / Σ_s U_s². The
    weights depend on ``identities`` alone: two runs on one test set share them, and the replicates of a difference are
    differences of replicates. A figure of exactly 0 or 1, or one that no subject moves, stays what it is.

    Args:
        values: F rates.
        influences: F, of S subjects each.
        identities: int64 [N], the labels of the whole test set.

    >>> influence = Influence(torch.tensor([0.02, -0.02, 0.01, -0.01]).double(), 0.0, 4)
    >>> drawn = replicates([0.9], [influence], torch.tensor([0, 0, 1, 2, 3, 3]))
    >>> drawn.shape, bool((drawn == replicates([0.9], [influence], torch.tensor([0, 0, 1, 2, 3, 3]))).all())
    (torch.Size([1, 1000]), True)
    """
    labels = identities.cpu().to(torch.int64).contiguous().numpy().tobytes()
    seed = int.from_bytes(hashlib.sha256(labels).digest()[:7], "big")
    generator = torch.Generator().manual_seed(seed)
    by_subject = torch.stack([influence.by_subject for influence in influences])
    moved = torch.zeros(len(values), DRAWS, dtype=torch.float64)
    for start in range(0, by_subject.shape[1], _CHUNK):
        chunk = by_subject[:, start : start + _CHUNK]
        moved += chunk @ torch.randn(chunk.shape[1], DRAWS, dtype=torch.float64, generator=generator)
    drawn = []
    for value, influence, move in zip(values, influences, moved, strict=True):
        norm = float(influence.by_subject.norm())
        if value in (0, 1) or norm == 0:
            drawn.append(torch.full((DRAWS,), value, dtype=torch.float64))
            continue
        centre = math.log(value / (1 - value))
        drawn.append(torch.sigmoid(centre + move * (logit_error(value, influence) / norm)))
    return torch.stack(drawn)
