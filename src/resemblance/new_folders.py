"""Folders that a command makes before it knows whether it can work: a refused one leaves nothing behind.

Nothing heavy is imported: Hydra builds the callback even for ``--help``.
"""

import os
from contextlib import suppress
from pathlib import Path
from typing import Any, ClassVar

from hydra.experimental.callback import Callback
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException


class NewFolders:
    """Those of a path's folders that are not there yet; a folder that somebody else has made is never removed.

    Args:
        path: of the innermost.
    """

    def __init__(self, path: Path | str) -> None:
        innermost = Path(os.path.abspath(path))
        self._new = [folder for folder in (innermost, *innermost.parents) if not folder.exists()]

    def remove(self) -> None:
        """Remove those that have been made since and are still empty, from the inside out."""
        for folder in self._new:
            with suppress(OSError):
                folder.rmdir()


class NoteNewFolders(Callback):
    """A Hydra callback that notes what Hydra is going to make, before any configuration is checked."""

    _noted: ClassVar[list[tuple[NewFolders, list[Path]]]] = []

    def on_run_start(self, config: DictConfig, **kwargs: Any) -> None:
        """Note the folder of a single run, and the log that somebody's warning may begin in it."""
        self._note(config, "hydra.run.dir", f"{config.hydra.job.name}.log")

    def on_multirun_start(self, config: DictConfig, **kwargs: Any) -> None:
        """Note the folder of a multirun, and the file that Hydra writes into it."""
        self._note(config, "hydra.sweep.dir", "multirun.yaml")

    def _note(self, config: DictConfig, key: str, *names: str) -> None:
        self._noted.clear()
        try:
            path = Path(str(OmegaConf.select(config, key)))
        except OmegaConfBaseException:  # Hydra itself is going to say so
            return
        self._noted[:] = [(NewFolders(path), [path / name for name in names if not (path / name).exists()])]

    @classmethod
    def remove(cls) -> None:
        """Take back what this command has made, but for folders that something else lies in by now."""
        for folders, files in cls._noted:
            for file in files:
                with suppress(OSError):
                    file.unlink()
            folders.remove()
        cls._noted.clear()
