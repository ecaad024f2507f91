"""How much of a training is done, and how long the rest will take, validation included."""

import math
from collections.abc import Callable
from dataclasses import dataclass


@dataclass
class _Pace:
    """Seconds that something took, and how often it was done."""

    seconds: float = 0.0
    count: int = 0

    @property
    def mean(self) -> float:
        return self.seconds / self.count


class FitClock:
    """Estimates the time left from the mean time of a training batch and of a validation, each timed by itself.

    Wall time over the completed share would promise too little until the first validation has been paid for, and too
    much just after it. Before the first validation has ended, one of its batches is taken to cost a third of a training
    batch: a forward pass without the backward one.

    Args:
        batches: training batches of the whole fit, or None where nobody knows.
        validations: how often the fit will validate.
        validation_batches: batches of one validation.
        done: batches and validations of a training that goes on from a checkpoint, made before now.
        now: seconds, for tests.
    """

    def __init__(
        self,
        batches: int | None,
        validations: int,
        validation_batches: int,
        now: Callable[[], float],
        done: tuple[int, int] = (0, 0),
    ) -> None:
        self.batches = batches
        self.completed = done[0]
        self._validations_left = max(0, validations - done[1])
        self._validation_batches = validation_batches
        self._now = now
        self._training, self._validating = _Pace(), _Pace()
        self._began = self._since = now()
        self._validated_batches = 0

    @property
    def elapsed(self) -> float:
        """Seconds since the beginning."""
        return self._now() - self._began

    @property
    def share(self) -> float:
        """Of the training batches, 0 … 1; 0 where their number is unknown."""
        return min(1.0, self.completed / self.batches) if self.batches else 0.0

    def batch_ended(self) -> None:
        """Count a training batch; the time since the last event, loading included, was its own."""
        self.completed += 1
        self._add(self._training)

    def validation_batch_ended(self) -> None:
        """Count a batch of the validation that is going on."""
        self._validated_batches += 1

    def validation_began(self) -> None:
        """Begin to time a validation."""
        self._since = self._now()
        self._validated_batches = 0

    def validation_ended(self) -> None:
        """Count a validation."""
        self._validations_left = max(0, self._validations_left - 1)
        self._validated_batches = 0
        self._add(self._validating)

    @property
    def left(self) -> float | None:
        """Seconds until the end of the fit, or None where it can't be known yet."""
        if self.batches is None or not self._training.count:
            return None
        validation = (
            self._validating.mean if self._validating.count else self._training.mean * self._validation_batches / 3
        )
        begun = self._validated_batches / self._validation_batches if self._validation_batches else 0.0
        validations = max(0.0, self._validations_left - min(1.0, begun))
        return self._training.mean * max(0, self.batches - self.completed) + validation * validations

    def _add(self, pace: _Pace) -> None:
        now = self._now()
        pace.seconds += now - self._since
        pace.count += 1
        self._since = now


def as_clock(seconds: float) -> str:
    """``0:01:05``, rounded up so that nothing is promised too early."""
    whole = math.ceil(seconds)
    return f"{whole // 3600}:{whole // 60 % 60:02}:{whole % 60:02}"
