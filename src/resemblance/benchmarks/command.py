"""What the commands of the benchmarks share: a console, and a place and a device that are there before they measure."""

from pathlib import Path

import torch
from rich.console import Console

from resemblance.benchmarks.memory import available_bytes
from resemblance.benchmarks.reporting import GB

WIDTH = 100
_SPARED = 0.85  # of the available memory: the rest keeps the machine alive


def make_console() -> Console:
    """As wide as the terminal, and at least as wide as the tables."""
    return Console(width=max(WIDTH, Console().width) if Console().is_terminal else WIDTH, highlight=False)


def is_ready(console: Console, device: str, output: Path) -> bool:
    """Whether the device is there and the folder can be made; says in one sentence what is not."""
    if device == "cuda" and not torch.cuda.is_available():
        console.print("--device cuda needs a GPU that torch can use, and there is none.")
        return False
    try:  # now, not after ten minutes of measuring
        output.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        console.print(f"'{output}' can't be made a folder ({error.strerror}); choose another --output.")
        return False
    return True


def memory_limit(gigabytes: float | None) -> float:
    """Bytes that a contestant may take: what the user says, or most of what is free."""
    return _SPARED * available_bytes() if gigabytes is None else gigabytes * GB
