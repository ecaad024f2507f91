"""Memory of this process, as the operating system counts it."""

import re
import sys
from pathlib import Path

_STATUS, _CLEAR = Path("/proc/self/status"), Path("/proc/self/clear_refs")
_RESET_PEAK = "5"  # proc(5)


def reset_peak() -> bool:
    """Set the high-water mark back to what the process holds now; False where that can't be done."""
    if _high_water_mark() is None:
        return False
    try:
        _CLEAR.write_text(_RESET_PEAK)
    except OSError:
        return False
    return True


def peak_bytes() -> int:
    """The most that the process has held since :func:`reset_peak`, or since it began where that can't be done."""
    if (found := _high_water_mark()) is not None:
        return found
    import resource  # there is none on Windows

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else 1024 * peak


def status_bytes(name: str) -> int:
    """A field of ``/proc/self/status``, such as ``VmRSS``; Linux only."""
    return field_bytes(_STATUS, name)


def field_bytes(path: Path, name: str) -> int:
    """A field of a file of /proc that counts in kB."""
    found = _field(path, name)
    assert found is not None, f"{path} has no {name}"
    return found


def _high_water_mark() -> int | None:
    """In bytes; None outside Linux, and of kernels that keep none."""
    return _field(_STATUS, "VmHWM") if _STATUS.exists() else None


def _field(path: Path, name: str) -> int | None:
    found = re.search(rf"^{name}:\s+(\d+) kB", path.read_text(), re.MULTILINE)
    return None if found is None else 1024 * int(found[1])
