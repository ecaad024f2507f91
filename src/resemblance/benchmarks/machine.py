"""The machine in general terms: what a reader needs to judge the figures, and nothing that names it."""

import os
import platform
import re
from collections.abc import Sequence
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import torch

from resemblance.benchmarks.memory import total_bytes


def describe_machine(device: str, packages: Sequence[str]) -> str:
    """``AMD EPYC (family 26), 2 cores, 2 threads, 25.3 GB of memory; PyTorch …``.

    Args:
        device: ``cuda`` names the GPU too.
        packages: whose versions matter beside PyTorch's; one that is not installed is left out.
    """
    parts = [
        _processor(),
        _counted(len(os.sched_getaffinity(0)), "core"),
        _counted(torch.get_num_threads(), "thread"),
        f"{total_bytes() / 1e9:.1f} GB of memory",
    ]
    if device == "cuda":
        properties = torch.cuda.get_device_properties(0)
        parts.append(f"{properties.name} with {properties.total_memory / 1e9:.1f} GB")
    versions = [f"PyTorch {version('torch')}"]
    for package in packages:
        with suppress(PackageNotFoundError):
            versions.append(f"{package} {version(package)}")
    return f"{', '.join(parts)}; {', '.join(versions)}, Python {platform.python_version()}"


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
