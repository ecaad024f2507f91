"""The run directory: everything a run leaves behind, each file whole or absent."""

import hashlib
import json
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from typing import Literal

import torch
from omegaconf import OmegaConf
from safetensors.torch import save_file

from resemblance.atomic import left_temporaries, write_atomically, write_csv, write_text
from resemblance.embeddings import Embeddings
from resemblance.errors import OutputError, ResemblanceError
from resemblance.new_folders import NewFolders
from resemblance.results import Result
from resemblance.similarity import Similarity
from resemblance.tracking.paths import RunPaths
from resemblance.tracking.run_record import RunRecord, sha256

Command = Literal["train", "evaluate"]
_OF_A_TRAINING, _OF_AN_EVALUATION = "epochs", "checkpoint"
"""Settings that only one of the two commands has."""


class RunDirectory(RunPaths):
    """A run directory to write to.

    Args:
        path: created where it is missing.
        command: that is going to write.

    Raises:
        OutputError: if the path can't be written to, or holds a finished run or an unfinished one of another command.
    """

    def __init__(self, path: Path | str, command: Command = "train") -> None:
        super().__init__(path)
        self._command = command
        self._new = NewFolders(self.path)
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=self.path):
                pass  # found out now rather than after the training
        except (FileExistsError, NotADirectoryError) as error:
            raise OutputError(
                f"'{error.filename}' is a file, so no run can be written to '{self.path}'; choose another output_dir."
            ) from error
        except OSError as error:
            raise OutputError(
                f"The run directory '{self.path}' can't be written to ({error.strerror}); choose a folder that you may "
                f"write to with output_dir=…."
            ) from error
        if self.finished:
            raise OutputError(
                f"'{self.path}' already holds a finished run; choose another output_dir, or remove that folder."
            )
        found, written_by = [*self._left_by_any(), *self._left_by_a_training()], _command(self.config)
        if found and written_by != command and not (command == "train" and written_by is None):
            whose = {"train": "an unfinished training", "evaluate": "an unfinished evaluation"}.get(
                str(written_by), f"files of another origin, such as '{found[0].name}'"
            )
            raise OutputError(
                f"'{self.path}' holds {whose}, which {command}.py would have to remove; choose another output_dir."
            )

    def _left_by_any(self) -> list[Path]:
        """What a killed training or evaluation has left."""
        files = [self.results, self.replicates, self.record, self.embeddings, self.images, self.failures]
        files += [self.hardest_pairs, *self.breakdowns, *self.figures.glob("*.png")]
        return [file for file in files if file.exists()]

    def _left_by_a_training(self) -> list[Path]:
        """The same of what no evaluation writes."""
        files = [self.history, *self.checkpoints.glob("*.ckpt"), *self.path.glob("worker_*.log")]
        return [file for file in files if file.exists()]

    def _half_written(self) -> list[Path]:
        """Hidden files of a run that was killed while it wrote."""
        whole = [self.config, self.metrics, self.results, self.replicates, self.record, self.embeddings, self.images]
        whole += [self.failures, self.hardest_pairs, self.history]
        of_breakdowns = self.path.glob(".breakdown_*-????????.csv")
        of_safetensors = self.path.glob(".tmp??????")  # which writes to a temporary file of its own
        return [*(left for file in whole for left in left_temporaries(file)), *of_breakdowns, *of_safetensors]

    @contextmanager
    def nothing_left(self) -> Iterator[None]:
        """For checks after which the work begins: where they refuse, folders that were made for it are removed."""
        try:
            yield
        except ResemblanceError:
            self._new.remove()
            raise

    def begin(self, config: str) -> None:
        """Begin the work: what a killed run of the same command left is removed, and the configuration written.

        A W&B run stays; an evaluation removes no checkpoint and no history, which only a training writes. Until then
        nothing is touched: a command that is refused takes nothing from a training that was interrupted.

        Args:
            config: resolved, as YAML text.
        """
        its_own = self._left_by_a_training() if self._command == "train" else []
        for file in (*self._left_by_any(), *its_own, *self._half_written()):
            file.unlink(missing_ok=True)
        self.write_config(config)

    def write_config(self, text: str) -> None:
        """Write the resolved configuration, as YAML text."""
        write_text(self.config, text)

    def write_results(self, result: Result) -> None:
        """Write figures, curves and tables, so that everything can be drawn again, and the replicates beside them."""
        write_text(self.results, result.to_json() + "\n")
        if result.replicates:
            drawn = {key: values.contiguous() for key, values in result.replicates.items()}
            write_atomically(self.replicates, lambda temporary: save_file(drawn, temporary))

    def finish(self, result: Result, record: RunRecord) -> None:
        """Write what was found, by what the run is known again, and last of all metrics.json, which marks it finished.

        Args:
            result: of all sets, with their prefixes.
            record: of the run; it is completed by the checksums of what a comparison reads.
        """
        self.write_results(result)
        scalars = {key: asdict(scalar) for key, scalar in result.scalars.items()}
        metrics = json.dumps(scalars, indent=1, allow_nan=False) + "\n"
        read = [self.config, self.results, self.replicates, self.history, self.embeddings, self.images]
        read += [self.hardest_pairs, *sorted(self.figures.glob("hardest_*.png"))]
        files = {path.relative_to(self.path).as_posix(): sha256(path) for path in read if path.exists()}
        files[self.metrics.name] = hashlib.sha256(metrics.encode("utf-8")).hexdigest()
        write_text(self.record, replace(record, files=files).to_json())
        write_text(self.metrics, metrics)

    def write_failures(
        self,
        failures: Mapping[str, str],
        templates: Mapping[str, str] | None = None,
        others: Mapping[str, Mapping[str, str]] | None = None,
    ) -> None:
        """List what gave no embedding, each with the reason; no file where there is nothing.

        Args:
            failures: images of the test set.
            templates: that stand in the place of images; their names begin with ``template``.
            others: images of other sets, by the set's name.
        """
        lost = {f"template {name}": reason for name, reason in (templates or {}).items()}
        sets = {**(others or {}), "test": {**failures, **lost}}
        rows = [(name, set_name, reason) for set_name, of in sets.items() for name, reason in of.items()]
        if rows:
            write_csv(self.failures, ("image_id", "set", "reason"), rows)

    def write_embeddings(
        self,
        embeddings: Embeddings,
        image_ids: Sequence[str],
        identity_names: Sequence[str],
        similarity: Similarity,
    ) -> None:
        """Write raw embeddings with what judges them, and what each row shows.

        Args:
            embeddings: vectors [N, D] and identities [N].
            image_ids: N names.
            identity_names: the name of each label.
            similarity: its name and settings become metadata, its weights tensors called ``similarity.…``.

        Raises:
            ValueError: if there is not one image id for each row.
        """
        if len(image_ids) != len(embeddings):
            raise ValueError(f"There are {len(embeddings)} embeddings but {len(image_ids)} image ids.")
        tensors = {"vectors": embeddings.vectors, "identities": embeddings.identities}
        tensors |= {f"similarity.{name}": weights for name, weights in similarity.state_dict().items()}
        metadata = {"similarity": similarity.name, "normalized": str(similarity.normalized).lower()}
        contiguous = {name: torch.clone(tensor.detach().cpu()).contiguous() for name, tensor in tensors.items()}
        write_atomically(self.embeddings, lambda temporary: save_file(contiguous, temporary, metadata))
        labels = embeddings.identities.tolist()
        write_csv(
            self.images,
            ("row", "identity", "image_id"),
            ((row, identity_names[label], image_ids[row]) for row, label in enumerate(labels)),
        )


def _command(config: Path) -> Command | None:
    """Which command has written a configuration, or None where there is none that can be read."""
    try:
        settings = OmegaConf.load(config)
    except Exception:  # whatever is wrong with it, it is not known to be ours
        return None
    return "train" if _OF_A_TRAINING in settings else "evaluate" if _OF_AN_EVALUATION in settings else None
