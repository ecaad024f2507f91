"""Named factors of a picture: a table whose columns are drawn by hash, each with a range and a meaning."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from resemblance.data.rendered import counter


@dataclass(frozen=True)
class Prior:
    """Where a factor is drawn from: uniform on [low, high], or 1 with probability ``chance`` and else 0."""

    low: float
    high: float
    neutral: float
    meaning: str
    chance: float | None = None


def between(low: float, high: float, meaning: str, *, neutral: float | None = None) -> Any:
    """A dataclass field drawn uniformly on [low, high]; ``neutral`` is its value at nuisance strength 0."""
    middle = (low + high) / 2 if neutral is None else neutral
    return field(metadata={"prior": Prior(low, high, middle, meaning)})


def sometimes(chance: float, meaning: str) -> Any:
    """A dataclass field that is 1 with probability ``chance`` and 0 otherwise."""
    return field(metadata={"prior": Prior(0.0, 1.0, 0.0, meaning, chance)})


@dataclass(frozen=True)
class Factors:
    """Base of the factor tables: every field is a float32 tensor [N], one row a picture (or a person)."""

    @classmethod
    def priors(cls) -> dict[str, Prior]:
        """The prior of each factor, in the order of the fields."""
        return {item.name: item.metadata["prior"] for item in fields(cls)}

    @classmethod
    def draw(cls, seed: int, *counters: NDArray[np.int64], strengths: Mapping[str, float] | float = 1.0) -> Self:
        """Draw all factors.

        Args:
            seed: of the data set.
            counters: int64 [N] arrays that say what a row is: the identity number, or identity and image number.
            strengths: how far a factor leaves its neutral value (0 = never, 1 = its whole range); for a factor that
                happens or not, the chance is multiplied by it. One number for all, or one for each name.

        Returns:
            The table, on the CPU.
        """
        columns = {}
        for name, prior in cls.priors().items():
            strength = strengths[name] if isinstance(strengths, Mapping) else strengths
            number = counter.uniform(seed, f"{cls.__name__}.{name}", *counters)
            if prior.chance is None:
                value = prior.neutral + strength * (prior.low + (prior.high - prior.low) * number - prior.neutral)
            else:
                value = (number < prior.chance * strength).astype(np.float64)
            columns[name] = torch.from_numpy(value.astype(np.float32))
        return cls(**columns)

    def __len__(self) -> int:
        return len(getattr(self, fields(self)[0].name))

    def stack(self) -> Tensor:
        """All factors as one matrix, float32 [N, number of factors], columns in the order of the fields."""
        return torch.stack([getattr(self, item.name) for item in fields(self)], dim=1)

    @classmethod
    def unstack(cls, matrix: Tensor) -> Self:
        """The inverse of ``stack``; also used with columns shaped for broadcasting over pixels."""
        return cls(**{item.name: column for item, column in zip(fields(cls), matrix.unbind(1), strict=True)})

    def rows(self, index: Tensor | slice) -> Self:
        """The chosen rows."""
        return type(self)(**{item.name: getattr(self, item.name)[index] for item in fields(self)})

    def per_pixel(self, device: torch.device) -> Self:
        """The same table with columns of shape [N, 1, 1], ready to meet pixel planes [N, S, S]."""
        return self.unstack(self.stack().to(device)[:, :, None, None])
