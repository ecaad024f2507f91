"""``run.json``: by what a run is known again, and what tells a changed run directory from an untouched one.

Nothing that computes is imported here: a multirun asks for it before its first job.
"""

import hashlib
import json
import platform
import reprlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from importlib import metadata
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from resemblance.errors import DataError
from resemblance.readable import check_readable
from resemblance.tracking.code_version import code_version

FORMAT = 1
"""Of run directories; a number that goes up when a reader of the old ones would be wrong about the new."""
_CHANGES_NO_FIGURE = {"output_dir", "logger", "choices", "group", "name", "sweep", "hydra"}
"""Settings that say where a run goes and what it is called; the choices have become settings themselves."""
_A_FOLDER_OF_ANYTHING = "resemblance.data.folder.ImageFolder"
"""The one data set that its place makes; benchmarks and rendered faces are the same wherever they lie."""


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
        files: SHA-256 of the files that a comparison reads, by their path within the run directory.
        given: SHA-256 of what an evaluation was given beside its images and what decides whom it compares, by setting:
            the files ``pairs`` and ``templates``, and who is who in ``distractors``.
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
    given: Mapping[str, str] = field(default_factory=dict)
    format: int = FORMAT

    def on(self, device: str) -> "RunRecord":
        """The same, with the device that computed."""
        return replace(self, device=device)

    def to_json(self) -> str:
        """As text; :func:`read_record` gives it back."""
        return json.dumps(asdict(self), indent=1) + "\n"


_RECORD = TypeAdapter(RunRecord)
"""Checks what has been read: a list in the place of a number would end a comparison of a hundred runs later on."""


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
    if isinstance(data := kept.get("data"), Mapping):
        kept["data"] = without_places(data)
    return kept


def without_places(data: Mapping[str, Any]) -> dict[str, Any]:
    """Settings of a data set without where it lies, but for the one that its place makes.

    Nor do images count that are not chosen: those that were found stand in the run's own configuration.

    >>> without_places({"_target_": "resemblance.data.lfw.LFW", "root": "/a", "cache_dir": "/b", "image_size": 64})
    {'_target_': 'resemblance.data.lfw.LFW', 'image_size': 64}
    """
    places = {"cache_dir"} if data.get("_target_") == _A_FOLDER_OF_ANYTHING else {"cache_dir", "root"}
    if data.get("images") is None:
        places.add("images")
    return {key: value for key, value in data.items() if key not in places}


def read_record(run: Path | str) -> RunRecord:
    """The record of a finished run.

    Raises:
        DataError: if it is missing, damaged, or of a format that this version does not read.
    """
    path = Path(run) / "run.json"
    check_readable(path)
    try:
        text = path.read_text("utf-8")
        found = json.loads(text)
        if found["format"] != FORMAT:
            raise DataError(
                f"'{run}' is a run directory of format {found['format']}, and this version reads format {FORMAT}; "
                f"compare it with the version that wrote it ({found.get('version')})."
            )
        return _RECORD.validate_json(text, strict=True)
    except ValidationError as error:
        problem = error.errors()[0]
        if not problem["loc"]:  # no JSON to pydantic, which is stricter than json: a character that no text has
            raise DataError(f"'{path}' is damaged or not one of ours; run that training again.") from error
        name = problem["loc"][0]
        is_missing = problem["type"] == "missing"
        what = f"it lacks '{name}'" if is_missing else f"its '{name}' is {reprlib.repr(problem['input'])}"
        raise DataError(f"'{path}' is damaged: {what}; restore it, or run that training again.") from error
    except FileNotFoundError as error:
        raise DataError(f"'{run}' has no run.json: it is unfinished, or an older version wrote it.") from error
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise DataError(f"'{path}' is damaged or not one of ours; run that training again.") from error


def sha256(path: Path) -> str:
    """Of a file's bytes, however many."""
    with path.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()
