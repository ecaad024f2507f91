"""Peak memory of an operation, over what its process held before.

On a CPU this is the resident set as Linux counts it: the high-water mark is set back right before the operation and
read right after. What it can't see: memory that the operation takes from what earlier calls freed and the allocator
kept (warm-ups are tiny, so that is little), and pages that are reserved and never touched. Below :data:`NOISE` it
says nothing. On CUDA it is the peak that torch's allocator handed out, over what it had handed out before.
"""

import re
from collections.abc import Callable
from pathlib import Path

import torch

NOISE = 1_000_000
"""Bytes below which a peak is told from nothing by luck: libraries load late, allocators round up."""

_STATUS, _CLEAR = Path("/proc/self/status"), Path("/proc/self/clear_refs")
_RESET_PEAK = "5"  # proc(5)


def held_bytes(device: str) -> int:
    """What the process holds now."""
    return torch.cuda.memory_allocated() if device == "cuda" else _status("VmRSS")


def peak_bytes(device: str, operation: Callable[[], object]) -> int:
    """The most that the process holds while ``operation`` runs."""
    if device == "cuda":
        torch.cuda.synchronize()
        torch.cuda.reset_peak_memory_stats()
        operation()
        torch.cuda.synchronize()
        return torch.cuda.max_memory_allocated()
    _CLEAR.write_text(_RESET_PEAK)
    operation()
    return _status("VmHWM")


def data_bytes() -> int:
    """The private writable memory that a limit on it counts, touched or not."""
    return _status("VmData")


def available_bytes() -> int:
    """What the machine could give to new processes."""
    return _field(Path("/proc/meminfo"), "MemAvailable")


def total_bytes() -> int:
    """The memory of the machine."""
    return _field(Path("/proc/meminfo"), "MemTotal")


def _status(name: str) -> int:
    return _field(_STATUS, name)


def _field(path: Path, name: str) -> int:
    found = re.search(rf"^{name}:\s+(\d+) kB", path.read_text(), re.MULTILINE)
    assert found, f"{path} has no {name}"
    return 1024 * int(found[1])
