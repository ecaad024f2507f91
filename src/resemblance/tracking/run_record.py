"""``run.json``: by what a run is known again, and what tells a changed run directory from an untouched one.

Nothing that computes is imported here: a multirun asks for it before its first job.
"""

import hashlib
import json
import platform
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

from resemblance.errors import DataError
from resemblance.readable import check_readable

FORMAT = 1
"""Of run directories; a number that goes up when a reader of the old ones would be wrong about the new."""
_CHANGES_NO_FIGURE = {"output_dir", "logger", "choices", "group", "name", "sweep", "hydra"}
"""Settings that say where a run goes and what it is called; the choices have become settings themselves."""
_A_PLACE = {("data", "cache_dir"), ("data", "root")}


@dataclass(frozen=True)
class RunRecord:
    """What is known of a run besides its figures.

    Attributes:
        configuration: hash of the settings that can change a figure, the seed among them.
        version: of this package.
        code: the commit, with ``+changes`` where files differed from it; None outside a checkout.
        software: versions of what computes.
        threads: of a process.
        device: ``cpu``, or the name of the GPU; None until it is known.
        overrides: what the user changed, as ``key=value``.
        files: SHA-256 of the files that a comparison reads, by name.
        format: of the run directory.
    """

    configuration: str
    version: str
    code: str | None
    software: Mapping[str, str]
    threads: int
    device: str | None = None
    overrides: tuple[str, ...] = ()
    files: Mapping[str, str] = field(default_factory=dict)
    format: int = FORMAT

    def on(self, device: str) -> "RunRecord":
        """The same, with the device that computed."""
        return replace(self, device=device)

    def to_json(self) -> str:
        """As text; :func:`read_record` gives it back."""
        return json.dumps(asdict(self), indent=1) + "\n"


def record_of(config: Mapping[str, Any], overrides: Sequence[str], threads: int) -> RunRecord:
    """The record of a run that begins.

    Args:
        config: plain containers, as composed.
        overrides: what the user changed.
        threads: of a process.
    """
    software = {"python": platform.python_version(), "torch": metadata.version("torch")}
    return RunRecord(
        configuration_hash(config),
        metadata.version("resemblance"),
        code_version(),
        software,
        threads,
        overrides=tuple(overrides),
    )


def configuration_hash(config: Mapping[str, Any], without: Sequence[str] = ()) -> str:
    """Twelve hexadecimal digits by which a configuration is known: settings that can change a figure.

    Args:
        config: plain containers.
        without: further top-level settings to leave out, such as ``seed``.

    >>> one = {"seed": 0, "epochs": 9, "output_dir": "a", "name": "x"}
    >>> configuration_hash(one) == configuration_hash({**one, "output_dir": "b"})
    True
    >>> configuration_hash(one) == configuration_hash({**one, "seed": 1})
    False
    >>> configuration_hash(one, without=["seed"]) == configuration_hash({**one, "seed": 1}, without=["seed"])
    True
    """
    kept = settings_that_count(config, without)
    text = json.dumps(kept, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def settings_that_count(config: Mapping[str, Any], without: Sequence[str] = ()) -> dict[str, Any]:
    """The settings that can change a figure: all but where a run goes, what it is called and where its data lie.

    Args:
        config: plain containers.
        without: further top-level settings to leave out, such as ``seed``.
    """
    kept = {key: value for key, value in config.items() if key not in {*_CHANGES_NO_FIGURE, *without}}
    for section, setting in _A_PLACE:
        if isinstance(part := kept.get(section), Mapping):
            kept[section] = {key: value for key, value in part.items() if key != setting}
    return kept


def read_record(run: Path | str) -> RunRecord:
    """The record of a finished run.

    Raises:
        DataError: if it is missing, damaged, or of a format that this version does not read.
    """
    path = Path(run) / "run.json"
    check_readable(path)
    try:
        found = json.loads(path.read_text("utf-8"))
        if found["format"] != FORMAT:
            raise DataError(
                f"'{run}' is a run directory of format {found['format']}, and this version reads format {FORMAT}; "
                f"compare it with the version that wrote it ({found.get('version')})."
            )
        return RunRecord(**{**found, "overrides": tuple(found["overrides"])})
    except FileNotFoundError as error:
        raise DataError(f"'{run}' has no run.json: it is unfinished, or an older version wrote it.") from error
    except (ValueError, TypeError, KeyError) as error:
        raise DataError(f"'{path}' is damaged or not one of ours; run that training again.") from error


def sha256(path: Path) -> str:
    """Of a file's bytes."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


@cache
def code_version() -> str | None:
    """The commit that runs, with ``+changes`` where tracked files differ from it; None outside a checkout."""
    here = Path(__file__).parent
    try:
        commit = _git(here, "rev-parse", "--short=12", "HEAD")
        changed = _git(here, "status", "--porcelain", "--untracked-files=no", "--", ".", ":/conf")
    except (OSError, subprocess.SubprocessError):
        return None
    return f"{commit}+changes" if changed else commit


def _git(folder: Path, *arguments: str) -> str:
    ran = subprocess.run(["git", *arguments], cwd=folder, capture_output=True, text=True, check=True, timeout=10)
    return ran.stdout.strip()
