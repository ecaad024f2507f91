"""Memory of this process, as the operating system counts it."""

import re
import sys
from pathlib import Path

_STATUS, _CLEAR = Path("/proc/self/status"), Path("/proc/self/clear_refs")
_RESET_PEAK = "5"  # proc(5)


def reset_peak() -> bool:
    """Set the high-water mark back to what the process holds now; False where that can't be done."""
    try:
        _CLEAR.write_text(_RESET_PEAK)
    except OSError:
        return False
    return True


def peak_bytes() -> int:
    """The most that the process has held since :func:`reset_peak`, or since it began where that can't be done."""
    if _STATUS.exists():
        return status_bytes("VmHWM")
    import resource  # there is none on Windows

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else 1024 * peak


def status_bytes(name: str) -> int:
    """A field of ``/proc/self/status``, such as ``VmRSS``; Linux only."""
    return field_bytes(_STATUS, name)


def field_bytes(path: Path, name: str) -> int:
    """A field of a file of /proc that counts in kB."""
    found = re.search(rf"^{name}:\s+(\d+) kB", path.read_text(), re.MULTILINE)
    assert found, f"{path} has no {name}"
    return 1024 * int(found[1])
