"""Peak memory of an operation, over what its process held before.

On a CPU this is the resident set as Linux counts it: the high-water mark is set back right before the operation and
read right after. What it can't see: memory that the operation takes from what earlier calls freed and the allocator
kept (warm-ups are tiny, so that is little), and pages that are reserved and never touched. Below :data:`NOISE` it
says nothing. On CUDA it is the peak that torch's allocator handed out, over what it had handed out before.
"""

from collections.abc import Callable
from pathlib import Path

import torch

from resemblance import process_memory
from resemblance.process_memory import field_bytes, status_bytes

NOISE = 1_000_000
"""Bytes below which a peak is told from nothing by luck: libraries load late, allocators round up."""

_MACHINE = Path("/proc/meminfo")


def held_bytes(device: str) -> int:
    """What the process holds now."""
    return torch.cuda.memory_allocated() if device == "cuda" else status_bytes("VmRSS")


def peak_bytes(device: str, operation: Callable[[], object]) -> int:
    """The most that the process holds while ``operation`` runs."""
    if device == "cuda":
        torch.cuda.synchronize()
        torch.cuda.reset_peak_memory_stats()
        operation()
        torch.cuda.synchronize()
        return torch.cuda.max_memory_allocated()
    process_memory.reset_peak()
    operation()
    return process_memory.peak_bytes()


def data_bytes() -> int:
    """The private writable memory that a limit on it counts, touched or not."""
    return status_bytes("VmData")


def available_bytes() -> int:
    """What the machine could give to new processes."""
    return field_bytes(_MACHINE, "MemAvailable")


def total_bytes() -> int:
    """The memory of the machine."""
    return field_bytes(_MACHINE, "MemTotal")
