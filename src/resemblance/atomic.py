"""Files that are either whole or not there: a run that is killed leaves no half-written result behind."""

import contextlib
import csv
import glob
import io
import os
import tempfile
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from safetensors import SafetensorError

from resemblance.errors import OutputError


def write_atomically(
    path: Path, write: Callable[[Path], object], mend: str = "free some space or choose another output_dir"
) -> None:
    """Let ``write`` fill a temporary file in the same folder, then rename it to ``path`` in one step.

    Args:
        path: the file; its folder is created.
        write: writes to the path that it is given.
        mend: what the user can do where that fails.

    Raises:
        OutputError: if the file can't be written.
    """
    temporary: Path | None = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # The ending is kept, for some writers choose their format by it.
        descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.stem}-", suffix=path.suffix)
        os.close(descriptor)
        temporary = Path(name)
        write(temporary)
        temporary.chmod(0o666 & ~_umask())  # mkstemp's own mode shuts everybody else out
        os.replace(temporary, path)
    except (OSError, SafetensorError) as error:  # the second is what safetensors makes of the first
        reason = getattr(error, "strerror", None) or error
        raise OutputError(f"'{path}' can't be written ({reason}); {mend}.") from error
    finally:
        if temporary is not None:
            with contextlib.suppress(FileNotFoundError):
                temporary.unlink()


def left_temporaries(path: Path) -> list[Path]:
    """What writers of ``path`` have left that were killed before they could rename it."""
    name = f".{glob.escape(path.stem)}-{'[a-z0-9_]' * 8}{glob.escape(path.suffix)}"  # as tempfile draws it
    return sorted(path.parent.glob(name))


def write_text(path: Path, text: str) -> None:
    """Write UTF-8 text with unix line ends."""
    write_atomically(path, lambda temporary: temporary.write_bytes(text.encode()))


def write_csv(path: Path, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Write a header and rows; None becomes an empty cell."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    write_text(path, buffer.getvalue())


def _umask() -> int:
    mask = os.umask(0)  # the only way to read it is to set it
    os.umask(mask)
    return mask
