"""Saved runs, read back: for notebooks, comparisons and tests.

Figures are read without importing what computes, for an interrupted multirun lists them while that may be half there.
"""

import csv
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from resemblance.errors import DataError
from resemblance.readable import check_readable
from resemblance.results import Result, Scalar
from resemblance.tracking.paths import RunPaths

if TYPE_CHECKING:
    from torch import Tensor

    from resemblance.embeddings import Embeddings
    from resemblance.similarity import Similarity


@dataclass(frozen=True)
class SavedEmbeddings:
    """What :meth:`RunDirectory.write_embeddings` saved.

    Attributes:
        embeddings: raw vectors [N, D] and identities [N].
        image_ids: N names.
        identity_names: the name of each of the N rows' identity.
        similarity_name: what the loss trained for, such as ``cosine``.
        normalized: whether that similarity compares directions only.
        similarity_weights: those of a learned similarity, else empty.
    """

    embeddings: "Embeddings"
    image_ids: list[str]
    identity_names: list[str]
    similarity_name: str
    normalized: bool
    similarity_weights: "Mapping[str, Tensor]"

    def similarity(self) -> "Similarity":
        """The similarity itself, with the weights that were saved beside the embeddings.

        Raises:
            DataError: for a learned similarity of another version, which the run's checkpoint may hold.
        """
        from resemblance.similarity import CosineSimilarity, NegativeL1, NegativeSquaredL2, WeightedL1

        if self.similarity_name == "cosine":
            return CosineSimilarity()
        if self.similarity_name == "weighted_l1":
            learned = WeightedL1(self.embeddings.vectors.shape[1], bias="offset" in self.similarity_weights)
            learned.load_state_dict(dict(self.similarity_weights))
            return learned.requires_grad_(False)
        plain: dict[str, type[NegativeL1] | type[NegativeSquaredL2]] = {
            "negative_l1": NegativeL1,
            "negative_squared_l2": NegativeSquaredL2,
        }
        if self.similarity_name not in plain:
            raise DataError(
                f"The similarity '{self.similarity_name}' has weights of its own; load the loss from the run's "
                f"checkpoint."
            )
        return plain[self.similarity_name](normalized=self.normalized)


def read_metrics(run: Path | str) -> dict[str, Scalar]:
    """The figures of a finished run, by key such as ``test/verification/auc``.

    Raises:
        DataError: if the run has not finished, or the file is damaged.
    """
    path = RunPaths(run).metrics
    check_readable(path)
    try:
        return {key: Scalar(**value) for key, value in json.loads(path.read_text("utf-8")).items()}
    except FileNotFoundError as error:
        raise DataError(f"'{run}' holds no finished run: there is no metrics.json in it.") from error
    except (ValueError, TypeError, AttributeError) as error:
        raise DataError(f"'{path}' is damaged or not one of ours; run that training again.") from error


def read_results(run: Path | str) -> Result:
    """Figures, curves and tables of a run.

    Raises:
        DataError: if they are missing or damaged.
    """
    path = RunPaths(run).results
    check_readable(path)
    try:
        return Result.from_json(path.read_text("utf-8"))
    except FileNotFoundError as error:
        raise DataError(f"'{run}' holds no results.json, so that run has not been tested.") from error
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise DataError(f"'{path}' is damaged or not one of ours; run that training again.") from error


def read_embeddings(run: Path | str) -> SavedEmbeddings:
    """Embeddings of the test set of a run, with what each row shows.

    Raises:
        DataError: if they are missing, damaged, or the two files disagree.
    """
    from safetensors import SafetensorError, safe_open

    from resemblance.embeddings import Embeddings

    paths = RunPaths(run)
    for path in (paths.embeddings, paths.images):
        check_readable(path)
    try:
        with safe_open(paths.embeddings, framework="pt") as file:
            metadata = file.metadata()
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118  # not a mapping
        with paths.images.open(encoding="utf-8", newline="") as table:
            rows = list(csv.DictReader(table))
        saved = SavedEmbeddings(
            embeddings=Embeddings(tensors["vectors"], tensors["identities"]),
            image_ids=[row["image_id"] for row in rows],
            identity_names=[row["identity"] for row in rows],
            similarity_name=metadata["similarity"],
            normalized=metadata["normalized"] == "true",
            similarity_weights={
                name.removeprefix("similarity."): weights
                for name, weights in tensors.items()
                if name.startswith("similarity.")
            },
        )
    except FileNotFoundError as error:
        raise DataError(f"'{run}' holds no embeddings: embeddings.safetensors or images.csv is missing.") from error
    except (SafetensorError, KeyError, TypeError) as error:
        raise DataError(f"The embeddings in '{run}' are damaged or not ours; run that training again.") from error
    if len(saved.image_ids) != len(saved.embeddings):
        raise DataError(
            f"'{run}' has {len(saved.embeddings)} embeddings but {len(saved.image_ids)} rows in images.csv; "
            f"run that training again."
        )
    return saved
