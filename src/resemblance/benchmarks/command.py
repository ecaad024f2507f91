"""What the commands of the benchmarks share: a console, and a place and a device that are there before they measure."""

from collections.abc import Callable, Mapping
from pathlib import Path

import torch
from rich.console import Console
from rich.text import Text

from resemblance.benchmarks.memory import available_bytes
from resemblance.benchmarks.reporting import GB
from resemblance.errors import ResemblanceError

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


def write_files(console: Console, stem: Path, writers: Mapping[str, Callable[[Path], None]]) -> int:
    """Write a file for each suffix and say where they are; the exit code, 1 where one can't be written."""
    try:
        for suffix, write in writers.items():
            write(stem.with_name(stem.name + suffix))
    except ResemblanceError as error:
        console.print(str(error))
        return 1
    *others, last = writers
    console.print(Text(f"\nwrote: {stem}{', '.join(others)} and {last}"))
    return 0
