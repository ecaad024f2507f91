"""What a loss draws: alike on every process, from a seed and the number of the step."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn


class StepSeeds(nn.Module):
    """A seed for each step of a training.

    Processes that train together draw differently from the global generators, so that augmentation differs, but must
    draw alike for the batch that they gathered. The seed of the n-th step depends on ``seed`` and on n alone; n is
    saved with the loss, and stays as it is in evaluation mode.

    Args:
        seed: of the training.
    """

    step: Tensor

    def __init__(self, seed: int) -> None:
        super().__init__()
        self.seed = seed
        self.register_buffer("step", torch.zeros((), dtype=torch.int64))

    def next_seed(self) -> int:
        """The seed of this step, and on to the next one."""
        found = (self.seed * 1_000_003 + int(self.step)) % 2**63
        if self.training:
            self.step += 1
        return found

    @contextmanager
    def drawing(self, device: torch.device) -> Iterator[None]:
        """Let code that knows only the global generators draw from this step's seed, and leave them as they were.

        Args:
            device: where it may draw, beside the CPU.
        """
        seed = self.next_seed()
        gpus = [device] if device.type == "cuda" else []
        with torch.random.fork_rng(devices=gpus):
            # torch.manual_seed would also seed the GPUs that are not put back.
            for generator in (torch.default_generator, *(torch.cuda.default_generators[gpu.index] for gpu in gpus)):
                generator.manual_seed(seed)
            yield
