"""The machine in general terms: what a reader needs to judge the figures, and nothing that names it."""

import os
import platform
import re
from importlib.metadata import version
from pathlib import Path

import torch

from resemblance.benchmarks.memory import total_bytes


def describe_machine(device: str) -> str:
    """``AMD EPYC (family 26), 2 cores, 2 threads, 25.3 GB of memory; PyTorch …``."""
    parts = [
        _processor(),
        _counted(len(os.sched_getaffinity(0)), "core"),
        _counted(torch.get_num_threads(), "thread"),
        f"{total_bytes() / 1e9:.1f} GB of memory",
    ]
    if device == "cuda":
        properties = torch.cuda.get_device_properties(0)
        parts.append(f"{properties.name} with {properties.total_memory / 1e9:.1f} GB")
    return (
        f"{', '.join(parts)}; PyTorch {version('torch')}, "
        f"pytorch-metric-learning {version('pytorch-metric-learning')}, Python {platform.python_version()}"
    )


def _counted(number: int, what: str) -> str:
    return f"{number} {what}{'s' * (number != 1)}"


def _processor() -> str:
    try:
        described = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        return platform.machine()
    fields = dict(re.findall(r"^(model name|cpu family)\s*:\s*(.*)$", described, re.MULTILINE))
    family = f" (family {fields['cpu family']})" if "cpu family" in fields else ""
    return fields.get("model name", platform.machine()) + family
